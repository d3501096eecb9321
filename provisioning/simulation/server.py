"""The server every vendor simulator is: start, stop, journal, faults, clock."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from provisioning.simulation.clock import SimClock
from provisioning.simulation.faults import FaultBook, FaultRule
from provisioning.simulation.journal import Journal
from provisioning.simulation.listener import Listener
from provisioning.simulation.messages import Request, Response, json_response
from provisioning.simulation.tls import self_made_certificate, server_context
from provisioning.simulation.wire import SocketServer


class Simulator:
    """A vendor answers ``respond``; ``describe`` and ``actions`` feed the control endpoints.

    ``port=0`` takes a free port on the first start and keeps it, so stop and start look like a
    server that was down for a while. ``requires_length``: a POST without Content-Length is 411.
    """

    requires_length = False

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: bool = False,
        clock: SimClock | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.clock = clock or SimClock()
        self.faults = FaultBook()
        self.journal = Journal()
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self.certificate: Path | None = self_made_certificate(host) if tls else None
        self.tls_context: ssl.SSLContext | None = (
            server_context(self.certificate) if self.certificate else None
        )
        self._listener = Listener(lambda address: SocketServer(self, address))

    @property
    def scheme(self) -> str:
        return "https" if self.certificate else "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"

    def addresses(self) -> dict[str, str]:
        """Where each of its sockets listens, the main one without a name."""
        return {"": self.url}

    @property
    def running(self) -> bool:
        return self._listener.running

    def start(self) -> Self:
        if self.running:
            raise RuntimeError("the simulator is already running")
        self.stopping.clear()
        self.port = self._listener.start(self.host, self.port)
        return self

    def stop(self) -> None:
        """Refuse new connections and end the open ones; stopping twice is harmless."""
        self.stopping.set()
        self._listener.stop()

    def __enter__(self) -> Self:
        return self if self.running else self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def fault(self, kind: str, path: str = "*", **terms: Any) -> FaultRule:
        """Add a rule: ``sim.fault("apply-then-close", "*/domain-put", method="POST", nth=2)``."""
        rule = FaultRule(kind=kind, path=path, **terms)
        self.faults.add(rule)
        return rule

    def act(self, request: Request) -> Response:
        with self.lock:
            return self.respond(request)

    def respond(self, request: Request) -> Response:
        raise NotImplementedError

    def refusal(self, message: str) -> Response:
        """The vendor's "200, but no": overridden where its shape is another."""
        return json_response({"success": False, "message": message})

    def describe(self) -> dict[str, object]:
        """The vendor's state in a few JSON-safe facts."""
        return {}

    def actions(self) -> dict[str, Callable[..., object]]:
        """Functions reachable as ``POST /_sim/do/<name>``."""
        return {}
