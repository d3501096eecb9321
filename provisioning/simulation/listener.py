"""One listening socket with a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provisioning.simulation.wire import SocketServer

POLL = 0.02


class Listener:
    """``open`` makes the server for (host, port); port 0 takes a free one on the first start."""

    def __init__(self, open: Callable[[tuple[str, int]], SocketServer]) -> None:
        self._open = open
        self._server: SocketServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        return self._server is not None

    def start(self, host: str, port: int) -> int:
        """The port that is listened on."""
        self._server = self._open((host, port))
        taken = int(self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL,), name=f"simulator-{taken}"
        )
        self._thread.daemon = True
        self._thread.start()
        return taken

    def stop(self) -> None:
        """Refuse new connections and end the open ones; stopping twice is harmless."""
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is None or thread is None:
            return
        server.shutdown()
        server.server_close()
        server.hang_up()
        thread.join()
