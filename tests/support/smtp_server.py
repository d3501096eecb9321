"""A mail server on a real socket, as far as sending needs one, with refusals and broken lines."""

from __future__ import annotations

import socketserver
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Thread
from typing import Self

DROP = "drop"  # hang up instead of an answer


class SmtpServer:
    """`answers` replaces the answer to a command: {"RCPT": "550 no such user"}. "." is the end of
    a message; `on_message` is called before it is answered, `on_command` before any answer.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self.on_message: Callable[[], None] = lambda: None
        self.on_command: Callable[[str], None] = lambda _word: None
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                sink._talk(self)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _talk(self, line: socketserver.StreamRequestHandler) -> None:
        line.wfile.write(b"220 sink\r\n")
        while command := line.rfile.readline():
            word = command.split(b" ")[0].strip().decode().upper()
            self.on_command(word)
            if word == "DATA" and not self._answer(line, "DATA", "354 go on"):
                return
            if word == "DATA":
                if "DATA" in self.answers:
                    continue
                word = self._take_message(line)
                if not word:
                    return
            elif word == "QUIT":
                line.wfile.write(b"221 bye\r\n")
                return
            if not self._answer(line, word, "250 ok"):
                return

    def _take_message(self, line: socketserver.StreamRequestHandler) -> str:
        """Nothing when the sender is gone before the end of it."""
        lines: list[bytes] = []
        while (text := line.rfile.readline()) != b".\r\n":
            if not text:
                return ""
            lines.append(text.removeprefix(b".") if text.startswith(b"..") else text)
        parsed = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        if "." not in self.answers or self.answers["."] == DROP:
            self.messages.append(parsed)
        self.on_message()
        self.on_command(".")
        return "."

    def _answer(self, line: socketserver.StreamRequestHandler, word: str, normally: str) -> bool:
        """False when the line is cut."""
        answer = self.answers.get(word, normally)
        if answer == DROP:
            return False
        line.wfile.write(f"{answer}\r\n".encode())
        return True
