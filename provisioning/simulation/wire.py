"""The socket side: reading requests, writing answers, and every way of not answering."""

from __future__ import annotations

import socket
import ssl
import sys
from http.server import BaseHTTPRequestHandler
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING, Any

from provisioning.simulation import control, effects
from provisioning.simulation.connection import Connection
from provisioning.simulation.journal import Exchange
from provisioning.simulation.messages import Peer, Request, Response, html_response

if TYPE_CHECKING:
    from provisioning.simulation.server import Simulator

IDLE = 60.0
BODY_LIMIT = 64 * 1024 * 1024
PEER_TROUBLE = (ConnectionError, TimeoutError, ssl.SSLError)


class Wire(Connection, BaseHTTPRequestHandler):
    """One connection. HTTP/1.1 with keep-alive and exact Content-Length."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = IDLE
    server: SocketServer
    _entry: Exchange | None = None

    def serve(self) -> None:
        self._entry = None
        body, problem = self._read_body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request.build(
            self.command, self.path, headers=headers, body=body, peer=self._peer(headers)
        )
        if request.path.startswith(control.PREFIX):
            self.reply(control.answer(self.simulator, request))
        else:
            self._exchange(request, problem)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve  # noqa: N815

    def _exchange(self, request: Request, problem: Response | None) -> None:
        simulator = self.simulator
        rule = simulator.faults.strike(request)
        self._entry = simulator.journal.record(request, rule.kind if rule else None)

        def act() -> Response:
            return problem or simulator.act(request)

        if rule:
            effects.strike(self, rule, act)
        else:
            self.reply(act())

    def _peer(self, headers: dict[str, str]) -> Peer:
        host = headers.get("host")
        root = f"{self.simulator.scheme}://{host}" if host else self.simulator.url
        return Peer(str(self.client_address[0]), root)

    def _read_body(self) -> tuple[bytes, Response | None]:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._read_chunks(), None
        declared = self.headers.get("Content-Length")
        if declared is None:
            missing = self.command == "POST" and self.simulator.requires_length
            return b"", self._no_length() if missing else None
        if not declared.isdigit() or int(declared) > BODY_LIMIT:
            self.close_connection = True
            return b"", html_response("<h1>Bad Request</h1>", status=400)
        return self.rfile.read(int(declared)), None

    def _no_length(self) -> Response:
        self.close_connection = True
        return html_response("<html><body><h1>Length Required</h1></body></html>", status=411)

    def _read_chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline().split(b";")[0].strip() or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def reply(self, response: Response) -> None:
        if self._entry:
            self._entry.status = response.status  # before the caller can look at the journal
        self._head(response)
        self.wfile.write(response.body)
        self.wfile.flush()

    def reply_half(self, response: Response) -> None:
        """Promise the whole body, send half of it and close."""
        self._head(response)
        self.wfile.write(response.body[: len(response.body) // 2])
        self.wfile.flush()
        self.close_connection = True

    def _head(self, response: Response) -> None:
        self.send_response_only(response.status)
        self.send_header("Date", self.date_time_string(self.simulator.clock.now().timestamp()))
        self.send_header("Content-Type", response.content_type)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()

    def refuse(self, message: str) -> None:
        self.reply(self.simulator.refusal(message))

    def send_raw(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """The journal is the log."""


class SocketServer(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(
        self,
        simulator: Simulator,
        address: tuple[str, int],
        handler: type[BaseRequestHandler] = Wire,
    ) -> None:
        self.simulator = simulator
        self.resetting: set[int] = set()
        self._open: set[socket.socket] = set()
        super().__init__(address, handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        context = self.simulator.tls_context
        if context is not None:
            # The handshake runs in the connection's own thread, on its first read.
            connection = context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        number = request.fileno()
        if number in self.resetting:
            self.resetting.discard(number)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], PEER_TROUBLE):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """End the connections still open, so that their threads end too."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # already closed by the other side
