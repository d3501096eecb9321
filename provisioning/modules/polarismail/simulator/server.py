"""The PolarisMail simulator: admin API, user API and the sign-in page on a real socket."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

from provisioning.modules.polarismail.simulator import addresses, domains, users
from provisioning.modules.polarismail.simulator.call import (
    Action,
    Call,
    Refused,
    Reply,
    check_fields,
    form_of,
)
from provisioning.modules.polarismail.simulator.state import State
from provisioning.modules.polarismail.simulator.tokens import ADMIN, Tokens
from provisioning.modules.polarismail.simulator.variants import Variants
from provisioning.simulation import (
    Request,
    Response,
    SimClock,
    Simulator,
    html_response,
    json_response,
)
from provisioning.simulation.persistence import Autosave, read_json, write_json

ADMIN_API, USER_API, SIGN_IN = "/admin/json.php", "/json.php", "/processlogin.php"
ACTIONS: dict[str, dict[str, Action]] = {
    ADMIN_API: {**domains.ACTIONS, **users.ACTIONS, **addresses.ACTIONS},
    USER_API: addresses.USER_ACTIONS,
}


class PolarisMailSimulator(Simulator):
    """`state` arranges and inspects; `set_variants` changes what the vendor leaves open.

    A `twin` is the second host of the same account: it shares state, tokens and clock.
    """

    def __init__(  # noqa: PLR0913 - what one may say about a server, by keyword
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        variants: Variants | None = None,
        admin_user: str = "reseller",
        admin_password: str = "Simulated-Res3ller!",  # noqa: S107
        state_file: Path | str | None = None,
        tls: bool = False,
        clock: SimClock | None = None,
        twin: PolarisMailSimulator | None = None,
    ) -> None:
        super().__init__(host=host, port=port, tls=tls, clock=twin.clock if twin else clock)
        self.admin: tuple[str, str] = twin.admin if twin else (admin_user, admin_password)
        self.state: State = twin.state if twin else State(self.clock)
        own = twin.tokens if twin else Tokens(self.clock, variants or Variants())
        self.tokens: Tokens = own
        self.state_file = Path(state_file) if state_file else None
        self._autosave: Autosave | None = None
        if self.state_file and (data := read_json(self.state_file)):
            self.state.restore(data)

    @property
    def variants(self) -> Variants:
        return self.tokens.variants

    def set_variants(self, **changes: Any) -> Variants:
        self.tokens.variants = replace(self.variants, **changes)
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
        self.state.purge(self.variants.verification_seconds)
        if request.path == SIGN_IN:
            return self._sign_in(request.query)
        if request.path not in ACTIONS:
            return html_response("<html><body><h1>404 Not Found</h1></body></html>", status=404)
        try:
            return self._answer(1, self._act(request))
        except Refused as refused:
            return self._answer(0, Reply(refused.text, refused.members))

    def refusal(self, message: str) -> Response:
        return self._answer(0, Reply(message))

    def _act(self, request: Request) -> Reply:
        form = form_of(request)
        if form is None:
            raise Refused("No action given")
        call = Call(self.state, self.tokens, self.variants, form)
        if call.text("action") == "login":
            log_in = self._admin_login if request.path == ADMIN_API else self._user_login
            return Reply(log_in(call))
        action = ACTIONS[request.path].get(call.text("action"))
        if action is None:
            raise Refused("Unknown action")
        call.owner = self._admit(call, request.path)
        check_fields(action, form)
        data = action.handler(call)
        if action.writes:
            self.state.touch()
        return data if isinstance(data, Reply) else Reply(data)

    def _admit(self, call: Call, path: str) -> str:
        """Tokens of the reseller and of mailboxes are not interchangeable."""
        owner = self.tokens.owner(call.text("token"))
        if owner is None or (owner == ADMIN) != (path == ADMIN_API):
            raise Refused("Invalid or expired token")
        return owner

    def _admin_login(self, call: Call) -> str:
        if self.variants.account_locked:
            raise Refused("Your account has been suspended")
        if self.variants.two_factor:
            raise Refused("Two-factor authentication required")
        if (call.text("username"), call.text("password")) != self.admin:
            raise Refused("Invalid username or password")
        return self.tokens.issue(ADMIN)

    def _user_login(self, call: Call) -> str:
        user, domain = call.user(), call.domain()
        address, password = f"{user.username}@{domain.name}", call.text("password")
        right = password == user.password or self.tokens.spend(password, address)
        if user.disabled or not domain.active or not right:
            raise Refused("Invalid username or password")
        user.last_auth = f"{self.clock.now():%Y-%m-%d %H:%M:%S}"
        return self.tokens.issue(address)

    def _sign_in(self, query: Mapping[str, str]) -> Response:
        """The user panel's door: base64 of the address and of a one-time password."""
        try:
            address, password = (base64.b64decode(query[key]).decode() for key in ("u", "p"))
        except (KeyError, ValueError):
            return html_response("<h1>Sign in</h1>", status=400)
        if not self.tokens.spend(password, address):
            return html_response("<h1>Wrong user name or password</h1>", status=403)
        return html_response("<h1>Welcome to your mailbox</h1>")

    def _answer(self, code: int, reply: Reply) -> Response:
        shown = str(code) if self.variants.returncode == "text" else code
        body = json_response({"returncode": shown, "returndata": reply.data, **reply.members})
        return replace(body, content_type=self.variants.content_type)

    def describe(self) -> dict[str, object]:
        with self.lock:
            return self.state.summary() | {"variants": asdict(self.variants)}

    def actions(self) -> dict[str, Callable[..., object]]:
        state = self.state
        return {
            "add_domain": state.add_domain,
            "add_user": state.add_user,
            "add_alias": state.add_alias,
            "set_usage": state.set_usage,
            "publish_verification": state.publish_verification,
            "remove_domain": state.remove_domain,
            "end_sessions": self.tokens.forget,
            "set_variants": lambda **changes: asdict(self.set_variants(**changes)),
        }
