"""What every simulated connection can do besides answering, whatever it speaks."""

from __future__ import annotations

import select
import socket
import ssl
import struct
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provisioning.simulation.server import Simulator
    from provisioning.simulation.wire import SocketServer

POLL = 0.05
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Connection:
    """Mixed into a request handler of `socketserver`."""

    server: SocketServer
    connection: socket.socket
    close_connection: bool

    @property
    def simulator(self) -> Simulator:
        return self.server.simulator

    def reset(self) -> None:
        """Close without a word, as a reset rather than an orderly end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.server.resetting.add(self.connection.fileno())
        self.close_connection = True

    def pause(self, seconds: float) -> None:
        self.simulator.stopping.wait(seconds)

    def hang(self, seconds: float | None) -> None:
        """Say nothing until the caller gives up, the server stops, or ``seconds`` are over."""
        end = None if seconds is None else time.monotonic() + seconds
        while not self.simulator.stopping.wait(POLL):
            if self._caller_left() or (end is not None and time.monotonic() >= end):
                break
        self.close_connection = True

    def _caller_left(self) -> bool:
        if not select.select([self.connection], [], [], 0)[0]:
            return False
        if isinstance(self.connection, ssl.SSLSocket):
            return True  # TLS sockets cannot be peeked at; a waiting caller sends nothing more
        try:
            return not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True
