"""The SmarterMail simulator: the vendor's wire protocol on a real socket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

from provisioning.modules.smartermail.simulator import (
    accounts,
    aliases,
    auth,
    dkim,
    domain,
    facts,
    forwards,
    lists,
    protocols,
    responder,
    saved,
    signatures,
    spam,
    sysadmin,
    users,
    web,
)
from provisioning.modules.smartermail.simulator.call import (
    Call,
    Platform,
    Route,
    envelope,
)
from provisioning.modules.smartermail.simulator.errors import (
    ApiError,
    BusinessError,
    NoSuchCall,
    UnknownEntity,
)
from provisioning.modules.smartermail.simulator.identity import admit
from provisioning.modules.smartermail.simulator.model import User
from provisioning.modules.smartermail.simulator.state import State
from provisioning.modules.smartermail.simulator.tokens import Gatekeeper, Tokens
from provisioning.modules.smartermail.simulator.variants import Variants
from provisioning.simulation import (
    Request,
    Response,
    Router,
    SimClock,
    Simulator,
    html_response,
    json_response,
)
from provisioning.simulation.persistence import Autosave, read_json, write_json

API = "/api/v1"
NOT_FOUND = "<html><head><title>404</title></head><body><h1>404 - Not Found</h1></body></html>"
ROOMS = (
    accounts, aliases, auth, dkim, domain, facts, forwards, lists, protocols, responder, signatures,
    spam, sysadmin, users,
)  # fmt: skip


def _router() -> Router[Route]:
    router: Router[Route] = Router()
    for room in ROOMS:
        for route in room.ROUTES:
            router.add(route.method, f"{API}/{route.pattern}", route)
    return router


ROUTER = _router()


class SmarterMailSimulator(Simulator):
    """``state`` arranges and inspects; ``set_variants`` changes the build while it runs.

    With ``state_file`` the state is read on start and saved within a second of each change.
    ``root`` is what the server believes its own address to be (default: where it listens).
    """

    requires_length = True

    def __init__(  # noqa: PLR0913 - what one may say about a server, by keyword
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        variants: Variants | None = None,
        admin_user: str = "admin",
        admin_password: str = "Simulated-Sys4dmin",  # noqa: S107
        state_file: Path | str | None = None,
        tls: bool = False,
        clock: SimClock | None = None,
        root: str = "",
    ) -> None:
        super().__init__(host=host, port=port, tls=tls, clock=clock)
        chosen = variants or Variants()
        self.state = State(self.clock)
        self.state.sysadmins[admin_user.lower()] = User(admin_user, admin_password)
        self.platform = Platform(
            self.state,
            Tokens(self.clock, chosen),
            Gatekeeper(self.clock, chosen),
            self.clock,
            chosen,
            lambda: root or self.url,
        )
        self.state_file = Path(state_file) if state_file else None
        self._autosave: Autosave | None = None
        if self.state_file and (data := read_json(self.state_file)):
            saved.restore(self.state, data)

    @property
    def variants(self) -> Variants:
        return self.platform.variants

    def set_variants(self, **changes: Any) -> Variants:
        chosen = replace(self.variants, **changes)
        self.platform.variants = chosen
        self.platform.tokens.variants = chosen
        self.platform.gatekeeper.variants = chosen
        return chosen

    def start(self) -> Self:
        super().start()
        if self.state_file:
            self._autosave = Autosave(version=lambda: self.state.revision, save=self.save)
        return self

    def stop(self) -> None:
        super().stop()
        if self._autosave:
            self._autosave.close()
            self._autosave = None

    def save(self) -> None:
        if self.state_file is None:
            return
        with self.lock:
            data = saved.dump(self.state)
        write_json(self.state_file, data)

    def respond(self, request: Request) -> Response:
        if not request.path.lower().lstrip("/").startswith("api/"):
            return web.respond(self.platform, request)
        if self.variants.api_off:
            return html_response(NOT_FOUND, status=404)
        found = ROUTER.find(request.method, request.path)
        if found is None:
            return Response(405 if ROUTER.allows(request.path) else 404)
        call = Call(self.platform, request, dict(found.args))
        return self._answer(call, found.target)

    def _answer(self, call: Call, route: Route) -> Response:
        try:
            admit(call, route.access)
            reply = envelope({}) if self._is_idle(route) else route.handler(call)
        except NoSuchCall:
            return Response(404)
        except ApiError as refused:
            return self._refused(refused)
        if route.writes:
            self.state.touch()
        return reply if isinstance(reply, Response) else json_response(reply)

    def _is_idle(self, route: Route) -> bool:
        return route.writes and any(part in route.pattern for part in self.variants.no_effect)

    def _refused(self, error: ApiError) -> Response:
        status = error.status
        if isinstance(error, BusinessError):
            status = self.variants.business_errors
        elif isinstance(error, UnknownEntity):
            status = self.variants.unknown_entity
        if status == 401 and self.variants.empty_401:
            return Response(401)
        body = {"success": False, "resultCode": status, "message": error.message}
        return json_response(body, status=status)

    def describe(self) -> dict[str, object]:
        with self.lock:
            return self.state.summary() | {"variants": asdict(self.variants)}

    def actions(self) -> dict[str, Callable[..., object]]:
        state = self.state
        return {
            "add_domain": state.add_domain,
            "add_user": state.add_user,
            "change_user": state.change_user,
            "add_alias": state.add_alias,
            "set_disk": state.set_disk,
            "grow": state.grow,
            "set_raw_usage": state.set_raw_usage,
            "set_protocol": state.set_protocol,
            "publish_txt": state.publish_txt,
            "publish_dkim": state.publish_dkim,
            "publish_mx": state.publish_mx,
            "remove_domain": state.remove_domain,
            "unblock": self.platform.gatekeeper.unblock,
            "end_sessions": self.platform.tokens.kill_all,
            "set_variants": lambda **changes: asdict(self.set_variants(**changes)),
        }
