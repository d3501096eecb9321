"""The OpenSRS simulator: one platform behind two sockets, OMA over HTTP and APP over TCP."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

from provisioning.modules.opensrs.simulator import oma_domains, oma_reports, oma_users, web
from provisioning.modules.opensrs.simulator.app_session import AppSession
from provisioning.modules.opensrs.simulator.call import Body, Call, Handler, Platform, admit
from provisioning.modules.opensrs.simulator.errors import OMA_TEXTS, Refused
from provisioning.modules.opensrs.simulator.state import State
from provisioning.modules.opensrs.simulator.tokens import Tokens
from provisioning.modules.opensrs.simulator.variants import Variants
from provisioning.simulation import (
    LineServer,
    Listener,
    Request,
    Response,
    SimClock,
    Simulator,
    html_response,
    json_response,
)
from provisioning.simulation.persistence import Autosave, read_json, write_json

API = "/api/"
FILE = "/api/oma_file/get"
METHODS: dict[str, Handler] = {
    **oma_domains.METHODS, **oma_users.METHODS, **oma_reports.METHODS,
}  # fmt: skip
_PLAIN_NO = 28


class OpenSrsSimulator(Simulator):
    """``state`` arranges and inspects; ``set_variants`` changes what sources are silent on.

    ``app_port`` is where APP is spoken, with TLS when OMA has it; 0 takes a free one. With
    ``state_file`` the state is read on start and saved within a second of each change.
    """

    def __init__(  # noqa: PLR0913 - what one may say about a platform, by keyword
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        app_port: int = 0,
        variants: Variants | None = None,
        admin_user: str = "admin@reseller.adm",
        admin_password: str = "Simulated-C0mpany",  # noqa: S107
        state_file: Path | str | None = None,
        tls: bool = False,
        clock: SimClock | None = None,
    ) -> None:
        super().__init__(host=host, port=port, tls=tls, clock=clock)
        chosen = variants or Variants()
        self.state = State(self.clock, chosen)
        self.platform = Platform(
            self.state,
            Tokens(self.clock),
            chosen,
            admin_user,
            admin_password,
            lambda: self.url,
        )
        self.app_port = app_port
        self._app = Listener(self._app_server)
        self._app_epoch = 0
        self.state_file = Path(state_file) if state_file else None
        self._autosave: Autosave | None = None
        if self.state_file and (data := read_json(self.state_file)):
            self.state.load(data)

    @property
    def variants(self) -> Variants:
        return self.platform.variants

    def set_variants(self, **changes: Any) -> Variants:
        chosen = replace(self.variants, **changes)
        self.platform.variants = self.state.variants = chosen
        return chosen

    def start(self) -> Self:
        super().start()
        self.app_port = self._app.start(self.host, self.app_port)
        if self.state_file:
            self._autosave = Autosave(version=lambda: self.state.revision, save=self.save)
        return self

    def stop(self) -> None:
        super().stop()
        self._app.stop()
        if self._autosave:
            self._autosave.close()
            self._autosave = None

    def addresses(self) -> dict[str, str]:
        scheme = "tls" if self.certificate else "tcp"
        return {**super().addresses(), "app": f"{scheme}://{self.host}:{self.app_port}"}

    def save(self) -> None:
        if self.state_file is None:
            return
        with self.lock:
            data = self.state.dump()
        write_json(self.state_file, data)

    def respond(self, request: Request) -> Response:
        if request.path == FILE and request.method == "GET":
            return oma_reports.file(self.platform, request)
        if not request.path.startswith(API):
            return web.respond(self.platform, request)
        handler = METHODS.get(request.path.removeprefix(API))
        if handler is None or request.method != "POST":
            return html_response("<h1>Not Found</h1>", status=404)
        try:
            body = request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return html_response("<h1>Bad Request</h1>", status=400)
        return json_response(self._answer(handler, body))

    def refusal(self, message: str) -> Response:
        """A number as the message is that error of the vendor's."""
        number = int(message) if message.isdigit() else _PLAIN_NO
        return json_response(self._refused(Refused(number)))

    def describe(self) -> dict[str, object]:
        with self.lock:
            described = asdict(self.variants)
            return {
                "app_port": self.app_port,
                "domains": self.state.summary(),
                "variants": json.loads(json.dumps(described)),
            }

    def end_app_sessions(self) -> None:
        """What the platform does to idle sessions: their next command is told so."""
        self._app_epoch += 1

    def actions(self) -> dict[str, Callable[..., object]]:
        return {
            "add_domain": lambda **terms: self.state.add_domain(**terms).name,
            "add_user": lambda **terms: self.state.add_user(**terms).address,
            "grow": self.state.grow,
            "end_sessions": self.platform.tokens.end_all,
            "end_app_sessions": self.end_app_sessions,
            "set_variants": lambda **changes: asdict(self.set_variants(**changes)),
        }

    def _answer(self, handler: Handler, body: Body) -> Body:
        call = Call(self.platform, body)
        try:
            admit(call)
            reply = {"success": True, **handler(call)}
        except Refused as refused:
            return self._refused(refused)
        return self._audited(reply)

    def _refused(self, refused: Refused) -> Body:
        hints = {"hints": refused.hints} if refused.hints else {}
        text = OMA_TEXTS.get(refused.number, "Refused")
        reply = {"success": False, "error_number": refused.number, **hints, "error": text}
        return self._audited(reply)

    def _audited(self, reply: Body) -> Body:
        return {**reply, "audit": "simulated-0001"} if self.variants.audit else reply

    def _app_server(self, address: tuple[str, int]) -> LineServer:
        return LineServer(
            self,
            address,
            make_session=lambda: AppSession(self.platform, lambda: self._app_epoch),
            refusal=_app_refusal,
        )


def _app_refusal(message: str) -> str:
    return f"ER {message} Refused" if message.isdigit() else f"ER 99 {message}"
