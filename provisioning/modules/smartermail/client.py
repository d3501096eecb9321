"""The wire: which identity a call is made with, and nothing of what it means.

Three ways in: `sysadmin` (settings/sysadmin/…), `domain(name)` (settings/domain/…) and
`user(domain, local)` (settings/…). Path segments are encoded here. A domain and a mailbox are
entered with the administrator's token and headers; servers that do not know the headers are entered
by impersonation. Mailbox passwords are never used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from provisioning.contract import (
    MisconfiguredError,
    NotFound,
    PermanentError,
    ServerLink,
)
from provisioning.modules.smartermail.envelope import Forbidden, Reply, TokenRejected, read
from provisioning.modules.smartermail.session import PREFIX, USUAL, Session

DOMAIN_HEADER = "X-SmarterMailDomain"
USER_HEADER = "X-SmarterMailUser"
IDENTITY_KNOWN_FOR = 86_400.0
SECRET_NAMES = frozenset(
    {
        "password", "adminPassword", "accessToken", "refreshToken", "token", "autoLoginToken",
        "autoLoginUrl", "impersonateAccessToken", "impersonateRefreshToken", "tempPassword",
        "twoFactorCode",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Call:
    method: str
    area: str
    segments: tuple[str, ...]
    json: Any = None
    reads: bool = True

    @property
    def path(self) -> str:
        tail = "/".join(quote(segment, safe="") for segment in self.segments)
        return f"{PREFIX}{self.area}/{tail}"


class Way:
    """Calls under one prefix with one identity."""

    def __init__(self, area: str, send: Callable[[Call], Reply]) -> None:
        self._area = area
        self._send = send

    def get(self, *segments: str) -> Reply:
        return self._send(Call("GET", self._area, segments))

    def search(self, *segments: str, json: Any = None) -> Reply:
        """A POST that changes nothing."""
        return self._send(Call("POST", self._area, segments, json))

    def post(self, *segments: str, json: Any = None) -> Reply:
        return self._send(Call("POST", self._area, segments, json, reads=False))


class Client:
    def __init__(self, link: ServerLink) -> None:
        self.link = link
        self.session = Session(link)
        self.auth = Way("auth", self._as_sysadmin)
        self.sysadmin = Way("settings/sysadmin", self._as_sysadmin)
        self.licensing = Way("licensing", self._as_sysadmin)

    def domain(self, name: str, *, impersonate: bool = False) -> Way:
        """`impersonate` for the few calls that want a token made by impersonation."""

        def send(call: Call) -> Reply:
            if impersonate or self._identity(name) == "impersonation":
                return self._impersonating(call, partial(self._domain_token, name))
            return self._as_sysadmin(call, {DOMAIN_HEADER: name})

        return Way("settings/domain", send)

    def user(self, domain: str, local: str) -> Way:
        """As the owner of a mailbox, whose existence the caller has made sure of."""

        def send(call: Call) -> Reply:
            if self._identity(domain) == "impersonation":
                return self._impersonating(call, partial(self._user_token, domain, local))
            return self._as_sysadmin(call, {DOMAIN_HEADER: domain, USER_HEADER: local})

        return Way("settings", send)

    def _as_sysadmin(self, call: Call, headers: Mapping[str, str] | None = None) -> Reply:
        token = self.session.token()
        try:
            return self._send(call, token, headers)
        except TokenRejected:
            fresh = self.session.token(instead_of=token)
        try:
            return self._send(call, fresh, headers)
        except TokenRejected as error:
            raise _role_too_low(error) from None

    def _impersonating(self, call: Call, token_of: Callable[..., str]) -> Reply:
        token = token_of()
        try:
            return self._send(call, token)
        except TokenRejected:
            fresh = token_of(instead_of=token)
        try:
            return self._send(call, fresh)
        except TokenRejected as error:
            raise _role_too_low(error) from None

    def _send(self, call: Call, token: str, headers: Mapping[str, str] | None = None) -> Reply:
        response = self.link.http.request(
            call.method,
            call.path,
            operation=call.segments[0],
            json=call.json,
            reads=call.reads,
            headers={
                "Accept": "application/json",
                "Content-Type": "application/json",
                "Authorization": f"Bearer {token}",
                **(headers or {}),
            },
        )
        return read(response)

    def _domain_token(self, domain: str, *, instead_of: str = "") -> str:
        return self._impersonated(domain, partial(self._impersonate, domain), instead_of)

    def _user_token(self, domain: str, local: str, *, instead_of: str = "") -> str:
        address = f"{local}@{domain}"

        def impersonate() -> Reply:
            inside = self.domain(domain, impersonate=True)
            return inside.search("impersonate-user", json={"email": address})

        return self._impersonated(address, impersonate, instead_of)

    def _impersonated(self, whom: str, ask: Callable[[], Reply], instead_of: str) -> str:
        key = f"impersonated:{whom}"
        found = self.session.recall(key)
        if found and found["access"] != instead_of:
            return str(found["access"])
        access = str(ask().get("impersonateAccessToken") or "")
        if not access:
            raise MisconfiguredError(f"The server gave no token for {whom}.")
        self.session.remember(key, {"access": access}, seconds=USUAL)
        return access

    def _impersonate(self, domain: str) -> Reply:
        try:
            return self.sysadmin.search("manage-domain", domain)
        except Forbidden as error:
            if "INVALID_PERMISSIONS" in error.detail.upper():
                raise NotFound(f"{domain} is not on the server ({error.detail}).") from None
            raise

    def _identity(self, domain: str) -> str:
        """`header` or `impersonation`; tried out once a day and kept for all workers."""
        chosen = self.link.settings.get("identity") or "auto"
        if chosen != "auto":
            return str(chosen)
        found = self.link.tokens.get("identity")
        if not found:
            found = {"way": "header" if self._knows_header(domain) else "impersonation"}
            self.link.tokens.set("identity", found, seconds=IDENTITY_KNOWN_FOR)
        return str(found["way"])

    def _knows_header(self, domain: str) -> bool:
        call = Call("GET", "settings/domain", ("data",))
        try:
            seen = self._as_sysadmin(call, {DOMAIN_HEADER: domain}).get("domainData")
        except (PermanentError, MisconfiguredError):
            seen = None
        if isinstance(seen, dict) and str(seen.get("name", "")).lower() == domain:
            return True
        self._domain_token(domain)  # NotFound when it is the domain that is unknown
        return False


def _role_too_low(error: TokenRejected) -> MisconfiguredError:
    return MisconfiguredError(
        "The server signs this administrator in and then refuses the call"
        f" ({error.detail}). Check the account's rights on the server."
    )
