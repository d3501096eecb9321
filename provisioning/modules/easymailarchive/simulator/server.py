"""The Easy Mail Archive simulator: the reseller API on a real socket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

from provisioning.modules.easymailarchive.simulator.calls import (
    ROUTES,
    SWITCHES,
    Call,
    Handler,
    Refused,
)
from provisioning.modules.easymailarchive.simulator.state import State
from provisioning.modules.easymailarchive.simulator.variants import Variants
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

TENANTS = "api/reseller/tenants"
METHODS = ("PUT", "POST")


def _router(method: str) -> Router[Handler]:
    """`method` is that of suspend and unsuspend."""
    router: Router[Handler] = Router()
    for verb, pattern, handler in ROUTES:
        router.add(verb, f"{TENANTS}/{pattern}", handler)
    for pattern, handler in SWITCHES:
        router.add(method, f"{TENANTS}/{pattern}", handler)
    return router


ROUTERS = {method: _router(method) for method in METHODS}


class EasyMailArchiveSimulator(Simulator):
    """`state` arranges and inspects; `set_variants` changes what the vendor leaves open."""

    def __init__(  # noqa: PLR0913 - what one may say about a server, by keyword
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        variants: Variants | None = None,
        admin_user: str = "",
        admin_password: str = "ema_simulated_reseller_key",  # noqa: S107
        base_domain: str = "archive.host.example",
        state_file: Path | str | None = None,
        tls: bool = False,
        clock: SimClock | None = None,
    ) -> None:
        """`admin_password` is the reseller's API key; there is no user name."""
        super().__init__(host=host, port=port, tls=tls, clock=clock)
        self.keys = {admin_password}
        self.base_domain = base_domain
        self.variants = variants or Variants()
        self.state = State(self.clock)
        self.state_file = Path(state_file) if state_file else None
        self._autosave: Autosave | None = None
        if self.state_file and (data := read_json(self.state_file)):
            self.state.restore(data)

    def set_variants(self, **changes: Any) -> Variants:
        self.variants = replace(self.variants, **changes)
        return self.variants

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
            data = self.state.dump()
        write_json(self.state_file, data)

    def respond(self, request: Request) -> Response:
        try:
            return self._answer(request)
        except Refused as refused:
            return self._refused(request, refused)

    def refusal(self, message: str) -> Response:
        return json_response({"message": message}, status=422)

    def _answer(self, request: Request) -> Response:
        router = ROUTERS[self.variants.switch_method]
        found = router.find(request.method, request.path)
        if found is None and not router.allows(request.path):
            path = request.path.strip("/")
            raise Refused(404, f"The route {path} could not be found.")
        if found is None:
            raise Refused(405, f"The {request.method} method is not supported for this route.")
        self._admit(request)
        call = Call(self.state, self.variants, self.base_domain, request, dict(found.args))
        return found.target(call)

    def _admit(self, request: Request) -> None:
        scheme, _, key = request.header("Authorization").partition(" ")
        if scheme != "Bearer" or key not in self.keys:
            raise Refused(401, "Unauthenticated.")
        if self.variants.busy is not None:
            raise Refused(429, "Too Many Attempts.")

    def _refused(self, request: Request, refused: Refused) -> Response:
        """A page for people, unless the caller asks for JSON."""
        if "json" not in request.header("Accept"):
            return html_response(f"<h1>{refused.status}</h1>", status=refused.status)
        body: dict[str, Any] = {"message": refused.message}
        if refused.errors:
            body["errors"] = refused.errors
        answer = json_response(body, status=refused.status)
        if refused.status == 429:
            return replace(answer, headers={"Retry-After": str(self.variants.busy)})
        return answer

    def describe(self) -> dict[str, object]:
        with self.lock:
            return self.state.summary() | {"variants": asdict(self.variants)}

    def actions(self) -> dict[str, Callable[..., object]]:
        state = self.state
        return {
            "add_tenant": state.add_tenant,
            "add_foreign": state.add_foreign,
            "set_usage": state.set_usage,
            "grow": state.grow,
            "set_status": state.set_status,
            "remove_tenant": state.remove_tenant,
            "set_variants": lambda **changes: asdict(self.set_variants(**changes)),
        }
