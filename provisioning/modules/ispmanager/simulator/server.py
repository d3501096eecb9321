"""The panel's one address: GET and POST, every format, and the pages a browser gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl

from provisioning.modules.ispmanager.simulator import access, hosting, mail, people, stats
from provisioning.modules.ispmanager.simulator.call import Call, Function, Refused
from provisioning.modules.ispmanager.simulator.documents import El, render
from provisioning.modules.ispmanager.simulator.model import (
    ADMIN_LEVEL,
    RESELLER_LEVEL,
    Person,
)
from provisioning.modules.ispmanager.simulator.state import State
from provisioning.modules.ispmanager.simulator.variants import Variants
from provisioning.simulation import Request, Response, SimClock, Simulator, html_response
from provisioning.simulation.persistence import Autosave, read_json, write_json

PATHS = ("/ispmgr", "/manager/ispmgr")
FUNCTIONS: dict[str, Function] = {
    **access.FUNCTIONS,
    **hosting.FUNCTIONS,
    **mail.FUNCTIONS,
    **people.FUNCTIONS,
    **stats.FUNCTIONS,
}
_SECRETS = ("authinfo", "auth", "passwd", "confirm", "password", "key")
_NOT_FOUND = "<html><body><h1>404 Not Found</h1></body></html>"


class IspManagerSimulator(Simulator):
    """`state` arranges and inspects; `set_variants` changes the panel while it runs."""

    def __init__(  # noqa: PLR0913 - what one may say about a server, by keyword
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        variants: Variants | None = None,
        admin_user: str = "root",
        admin_password: str = "Simulated-P4nel!",  # noqa: S107
        state_file: Path | str | None = None,
        tls: bool = False,
        clock: SimClock | None = None,
    ) -> None:
        super().__init__(host=host, port=port, tls=tls, clock=clock)
        self.variants = variants or Variants()
        self.state = State(self.clock)
        self.state.add_admin(admin_user, admin_password)
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
        params = params_of(request)
        if request.path not in PATHS and not (request.path == "/" and "func" in params):
            return html_response(_NOT_FOUND, status=404)
        self._bury()
        try:
            children = self._act(params)
        except Refused as refused:
            children = [refused.element(self.variants)]
        return self._answer(params, children)

    def refusal(self, message: str) -> Response:
        refused = Refused("error", "", message)
        return self._answer({"out": "json"}, [refused.element(self.variants)])

    def _act(self, params: Mapping[str, str]) -> list[El]:
        func = params.get("func", "")
        if func == "auth":
            return access.sign_in(self.state, self.variants, params)
        caller = access.caller(self.state, self.variants, params)
        who = self._acting_as(caller, params.get("su", ""))
        function = FUNCTIONS.get(func)
        if function is None or (function.needs and not getattr(self.variants, function.needs)):
            raise Refused(self.variants.names_unknown_functions, "func", func)
        if who.level < function.level:
            raise Refused("access", func)
        answer = function.run(Call(self.state, self.variants, params, who, caller))
        if function.writes:
            self.state.touch()
        return answer

    def _acting_as(self, caller: Person, name: str) -> Person:
        if not name or name == caller.name:
            return caller
        person = self.state.people.get(name)
        if person is None or person.seen_until is not None:
            raise Refused("missed", "user", name)
        below = caller.level >= ADMIN_LEVEL > person.level
        own = caller.level == RESELLER_LEVEL and person.owner == caller.name
        if not below and not own:
            raise Refused("access", "su", name)
        return person

    def _bury(self) -> None:
        """Deleted accounts that nobody is shown any more."""
        gone = [
            person.name
            for person in self.state.people.values()
            if person.seen_until is not None and person.seen_until <= self.state.now
        ]
        for name in gone:
            del self.state.people[name]

    def _answer(self, params: Mapping[str, str], children: list[El]) -> Response:
        func = params.get("func", "")
        echo = {name: text for name, text in params.items() if name not in _SECRETS}
        if children[0].name == "error":
            doc = El("doc", children=children)
        else:
            tparams = El("tparams", children=[El(name, text) for name, text in echo.items()])
            attributes = {"lang": "en", "func": func, "binary": "/ispmgr", "host": self.url}
            doc = El("doc", "", attributes, [*children, El("saved_filters"), tparams])
        out = params.get("out", "")
        if func == "auth" and not out:
            return _browser(children)
        return render(doc, out, single_as_object=self.variants.single_as_object)

    def describe(self) -> dict[str, object]:
        with self.lock:
            return self.state.summary() | {"variants": asdict(self.variants)}

    def actions(self) -> dict[str, Callable[..., object]]:
        state = self.state
        return {
            "add_user": state.add_user,
            "add_reseller": state.add_reseller,
            "add_mailbox": state.add_mailbox,
            "add_preset": state.add_preset,
            "set_usage": state.set_usage,
            "set_mailbox_usage": state.set_mailbox_usage,
            "remove_user": state.remove_user,
            "end_sessions": state.sessions.clear,
            "set_variants": lambda **changes: asdict(self.set_variants(**changes)),
        }


def params_of(request: Request) -> dict[str, str]:
    """Query and body together; the body wins."""
    kind = request.header("Content-Type").partition(";")[0].strip().lower()
    body = request.body.decode("utf-8", "replace") if kind.endswith("urlencoded") else ""
    return {**request.query, **dict(parse_qsl(body, keep_blank_values=True))}


def _browser(children: list[El]) -> Response:
    if children[0].name == "error":
        return html_response("<html><body><h1>Wrong user name or key</h1></body></html>")
    cookie = {"Set-Cookie": f"ispmgrses5={children[0].text}; path=/; HttpOnly"}
    page = html_response("<html><body><h1>Welcome to ispmanager</h1></body></html>")
    return replace(page, headers=cookie)
