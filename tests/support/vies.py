"""The EU's service for VAT numbers, as its REST interface answers, on a real socket."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

UNAVAILABLE = {
    "actionSucceed": False,
    "errorWrappers": [{"error": "MS_UNAVAILABLE", "message": "Member State unavailable"}],
}
ENDPOINT = "/check-vat-number"


class ViesSimulator:
    """`valid` are the numbers it knows, with prefix. `trouble` (status, body) replaces answers."""

    def __init__(self) -> None:
        self.valid: set[str] = set()
        self.trouble: tuple[int, Any] | None = None
        self.asked: list[dict[str, str]] = []
        simulator = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                status, body = simulator.respond(self.path, json.loads(raw))
                answer = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_args: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def respond(self, path: str, question: dict[str, str]) -> tuple[int, Any]:
        self.asked.append(question)
        if path != ENDPOINT:
            return 404, b"<html>Not found</html>"
        return self.trouble or (200, self._answer(question))

    def _answer(self, question: dict[str, str]) -> dict[str, Any]:
        known = question["countryCode"] + question["vatNumber"] in self.valid
        answer: dict[str, Any] = {
            "countryCode": question["countryCode"],
            "vatNumber": question["vatNumber"],
            "requestDate": "2026-07-01T10:00:00.000Z",
            "valid": known,
            "name": "BEISPIEL SARL" if known else "---",
            "address": "---",
            "requestIdentifier": "",
        }
        if known and question.get("requesterNumber"):
            answer["requestIdentifier"] = f"WAPIAAAA{len(self.asked):08d}"
        return answer
