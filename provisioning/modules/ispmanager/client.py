"""The wire: one address, a function's name and its parameters, all in the body of a POST.

The panel changes state on any request, so nothing is ever repeated here. Three kinds of calls:
lists (`rows`), forms (read by `form`, applied by `apply`) and acts on a key (`act`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from functools import partial

from django.utils.translation import gettext as _

from provisioning.contract import (
    InvalidInput,
    MisconfiguredError,
    NotFound,
    ServerLink,
    TemporaryError,
    UnsupportedError,
)
from provisioning.modules.ispmanager.answers import Node
from provisioning.modules.ispmanager.failures import SignInRefused, read

Params = Mapping[str, str]

PATH = "/ispmgr"
PAGE = 20_000  # rows per page that we ask for; panels cut at 1000 by themselves
SESSION_SECONDS = 3000.0  # sessions end an hour after the last request
SECRET_NAMES = frozenset(
    {"authinfo", "auth", "passwd", "confirm", "password", "key", "passwd_confirm"}
)
# What may repeat a password that was sent.
_TALKATIVE = frozenset({"passwd", "confirm", "key", "auth", "msg", "detail", "param", "group"})
_SENT_SECRETS = ("passwd", "confirm", "key", "password", "authinfo", "auth")
# Several keys of an act are joined by ", ": a key with a comma would be two.
_KEY = re.compile(r"[^\s,\x00-\x1f\x7f]{1,255}")
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.5)


class NoSuchList(UnsupportedError):
    """The edition lacks it, or it is switched off."""


class Client:
    def __init__(self, link: ServerLink) -> None:
        self.link = link
        self.path = str(link.settings.get("path") or PATH)
        self.format = str(link.settings.get("answers") or "json")

    def rows(self, func: str, params: Params | None = None) -> list[Node]:
        """All rows of a list, however many pages it has."""
        first = self._page(func, params or {}, 1)
        found = list(first.all("elem"))
        total, seen, number = _whole(first.value("p_elems")), _identities(found), 1
        while total is not None and len(found) < total:
            number += 1
            page = self._page(func, params or {}, number).all("elem")
            new = _identities(page) - seen
            if not new:
                raise TemporaryError(f"The panel's list {func} ends after {len(found)} of {total}.")
            found += page
            seen |= new
        return found

    def count(self, func: str) -> int:
        page = self._page(func, {}, 1)
        total = _whole(page.value("p_elems"))
        return len(page.all("elem")) if total is None else total

    def form(self, func: str, elid: str, params: Params | None = None) -> Node:
        """A form's present values. Without `sok` nothing is changed. NotFound."""
        answer = self.look(func, {**(params or {}), "elid": key(elid)}, answer_is_secret=True)
        if answer.attributes.get("func", func) != func or not answer.children:
            raise TemporaryError(f"The panel's answer to {func} is no form.")
        return answer

    def apply(self, func: str, params: Params) -> Node:
        """A form is applied only with `sok`, and only `<ok/>` proves that it was."""
        return self.confirm(func, {**params, "sok": "ok"})

    def act(self, func: str, elid: str, params: Params | None = None) -> Node:
        return self.confirm(func, {**(params or {}), "elid": key(elid)})

    def look(self, func: str, params: Params, *, answer_is_secret: bool = False) -> Node:
        """What changes nothing."""
        return self._signed_in(partial(self._send, func, secret=answer_is_secret), params)

    def confirm(self, func: str, params: Params) -> Node:
        """Something that was done only if the answer says so."""
        send = partial(self._send, func, secret="passwd" in params, reads=False)
        answer = self._signed_in(send, params)
        if "ok" not in answer:
            raise TemporaryError(
                f"The panel answered {func} without confirming it.", maybe_applied=True
            )
        return answer

    def _page(self, func: str, params: Params, number: int) -> Node:
        try:
            page = self.look(func, {**params, "p_cnt": str(PAGE), "p_num": str(number)})
        except NotFound as error:
            if "su" in params:
                raise
            raise NoSuchList(f"This panel has no list {func} ({error.detail}).") from None
        said = page.attributes.get("func")
        vouched = said == func or any(name in page for name in ("metadata", "p_elems", "p_cnt"))
        if (said and said != func) or not (page.all("elem") or vouched):
            raise TemporaryError(f"The panel's answer to {func} is no list.")
        return page

    def _signed_in(self, send: Callable[[Params], Node], params: Params) -> Node:
        credentials = self._credentials()
        try:
            return send({**credentials, **params})
        except SignInRefused:
            if "auth" not in credentials:
                raise
        # A session that has ended was refused before anything was done.
        self.link.tokens.delete("session")
        return send({**self._credentials(), **params})

    def _send(self, func: str, params: Params, *, secret: bool, reads: bool = True) -> Node:
        body = {name: _text(value) for name, value in params.items()}
        known = [body[name] for name in _SENT_SECRETS if body.get(name)]
        masked = secret or any(name in params for name in ("passwd", "key", "password"))
        response = self.link.http.request(
            "POST",
            self.path,
            operation=func,
            data={"func": func, "out": self.format, "lang": "en", **body},
            answer_secrets=_TALKATIVE if masked else frozenset(),
            reads=reads,
        )
        return read(response, secrets=[*known, self.link.password])

    def _credentials(self) -> dict[str, str]:
        if (self.link.settings.get("sign_in") or "authinfo") == "session":
            return {"auth": self._session()}
        if ":" in self.link.username:
            raise MisconfiguredError(
                'A user name with a colon can sign in with a session only: set "Sign-in" to that.'
            )
        return {"authinfo": f"{self.link.username}:{self.link.password}"}

    def _session(self) -> str:
        known = self.link.tokens.get("session")
        if known:
            return str(known["access"])
        who = {"username": self.link.username, "password": self.link.password}
        found = self._send("auth", who, secret=True).first("auth")
        session = (found.attributes.get("id") or found.text) if found else ""
        if not session:
            raise MisconfiguredError("The panel accepted the sign-in but opened no session.")
        self.link.tokens.set("session", {"access": session}, seconds=SESSION_SECONDS)
        return session


def key(value: str) -> str:
    """A value that can only ever name one object."""
    if not _KEY.fullmatch(value):
        raise InvalidInput(
            "address",
            _("%(value)s cannot be the name of anything on the server.") % {"value": repr(value)},
        )
    return value


def wait_until(client: Client, done: Callable[[], bool], *, seconds: float | None = None) -> bool:
    """Looks again until background work has come to its end, with growing pauses."""
    allowed = float(client.link.settings.get("wait_seconds") or 0) if seconds is None else seconds
    give_up = time.monotonic() + min(allowed, client.link.http.remaining() / 2)
    pauses = iter(_PAUSES)
    pause = next(pauses)
    while not done():
        if time.monotonic() + pause > give_up:
            return False
        time.sleep(pause)
        pause = next(pauses, pause)
    return True


def _identities(rows: list[Node] | tuple[Node, ...]) -> set[str]:
    return {row.value("id") + "\n" + row.value("name") for row in rows}


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _text(value: str) -> str:
    """What UTF-8 cannot carry is replaced; nothing else is touched, encoding is done once below."""
    return value.encode("utf-8", "replace").decode()
