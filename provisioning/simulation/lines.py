"""The socket side of a protocol of lines: a greeting, then one answer to each command, in order.

Commands and answers are journaled and struck by faults just as HTTP requests are, under the method
and path that the vendor's session names them by.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from socketserver import StreamRequestHandler
from typing import TYPE_CHECKING

from provisioning.simulation import effects
from provisioning.simulation.connection import Connection
from provisioning.simulation.journal import Exchange
from provisioning.simulation.messages import TEXT, Request, Response
from provisioning.simulation.wire import SocketServer

if TYPE_CHECKING:
    from provisioning.simulation.server import Simulator

IDLE = 60.0
LONGEST = 4 * 1024 * 1024


class LineSession(ABC):
    """One connection as the vendor sees it. ``ended``: nothing more is read after this answer."""

    method = "LINE"
    terminator = b"\n"
    ended = False
    piece = 0  # bytes per packet of an answer; 0 sends it whole

    @abstractmethod
    def greeting(self) -> str: ...

    @abstractmethod
    def path(self, command: str) -> str:
        """What the journal and the faults call it; the greeting's is that of an empty command."""

    @abstractmethod
    def answer(self, command: str) -> str:
        """Without the terminator."""


class LineWire(Connection, StreamRequestHandler):
    timeout = IDLE
    disable_nagle_algorithm = True
    server: LineServer
    _entry: Exchange | None = None

    def handle(self) -> None:
        self.close_connection = False
        self.session = self.server.make_session()
        self._exchange("", self.session.greeting)
        while not (self.close_connection or self.session.ended):
            command = self._read()
            if command is None:
                return
            self._exchange(command, partial(self.session.answer, command))

    def reply(self, response: Response) -> None:
        """Whatever is no whole answer ends the connection."""
        if self._entry:
            self._entry.status = response.status
        size = self.session.piece or max(1, len(response.body))
        for start in range(0, len(response.body), size):
            self.wfile.write(response.body[start : start + size])
            self.wfile.flush()
        if not response.body.endswith(self.session.terminator):
            self.close_connection = True

    def reply_half(self, response: Response) -> None:
        self.send_raw(response.body[: len(response.body) // 2])

    def send_raw(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()
        self.close_connection = True

    def refuse(self, message: str) -> None:
        self.reply(self._response(self.server.refusal(message)))

    def _exchange(self, command: str, act: Callable[[], str]) -> None:
        simulator = self.simulator
        request = Request(
            self.session.method,
            self.session.path(command),
            {},
            {},
            command.encode(),
            str(self.client_address[0]),
            "",
        )
        rule = simulator.faults.strike(request)
        self._entry = simulator.journal.record(request, rule.kind if rule else None)

        def done() -> Response:
            with simulator.lock:
                return self._response(act())

        if rule:
            effects.strike(self, rule, done)
        else:
            self.reply(done())

    def _response(self, text: str) -> Response:
        return Response(200, text.encode() + self.session.terminator, TEXT)

    def _read(self) -> str | None:
        """None when the caller has left."""
        received = b""
        while not received.endswith(self.session.terminator):
            byte = self.rfile.readline(LONGEST)
            if not byte or len(received) > LONGEST:
                return None
            received += byte
        return received.removesuffix(self.session.terminator).decode("utf-8", "replace")


class LineServer(SocketServer):
    """``refusal`` shapes the vendor's plain no, for the fault of that name."""

    def __init__(
        self,
        simulator: Simulator,
        address: tuple[str, int],
        *,
        make_session: Callable[[], LineSession],
        refusal: Callable[[str], str],
    ) -> None:
        self.make_session = make_session
        self.refusal = refusal
        super().__init__(simulator, address, LineWire)
