"""Token sets, rotation, impersonation, auto-login tokens and the block after failed logins."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum

from provisioning.modules.smartermail.simulator.errors import Unauthorized
from provisioning.modules.smartermail.simulator.state import wire_time
from provisioning.modules.smartermail.simulator.variants import Variants
from provisioning.simulation import SimClock

STEP_SECONDS = 600
ATTEMPT_WINDOW = 600
SWEEP_ABOVE = 2000


class Role(IntEnum):
    """Ordered by what it may do."""

    USER = 0
    DOMAIN_ADMIN = 1
    SYSADMIN = 2


CLAIMS = {Role.SYSADMIN: "PrimarySysAdmin", Role.DOMAIN_ADMIN: "DomainAdmin"}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a token speaks for. ``username`` is a bare sysadmin name or a full address.

    ``by_sysadmin``: impersonated, or reached through headers, by a system administrator.
    ``limited``: the token is only good for the next login step.
    """

    username: str
    role: Role
    domain: str = ""
    impersonating: bool = False
    by_sysadmin: bool = False
    limited: bool = False


@dataclass(slots=True)
class Session:
    principal: Principal
    client_id: str
    access: dict[str, float] = field(default_factory=dict)
    refresh: str = ""
    refresh_expires: float = 0.0


@dataclass(frozen=True, slots=True)
class TokenSet:
    """Instants as the wire writes them."""

    access: str
    refresh: str
    access_expires: str
    refresh_expires: str
    principal: Principal


@dataclass(frozen=True, slots=True)
class LoginToken:
    username: str
    expires: float


class Tokens:
    """One token set per (user, clientId): a new login evicts the earlier one."""

    def __init__(self, clock: SimClock, variants: Variants) -> None:
        self.clock = clock
        self.variants = variants
        self._key = secrets.token_bytes(32)
        self._by_client: dict[tuple[str, str], Session] = {}
        self._by_access: dict[str, Session] = {}
        self._by_refresh: dict[str, Session] = {}
        self._login_tokens: dict[str, LoginToken] = {}

    def log_in(self, principal: Principal, client_id: str) -> TokenSet:
        key = (principal.username.lower(), client_id)
        earlier = self._by_client.get(key)
        if earlier:
            self.kill(earlier)
        session = Session(principal, client_id)
        self._by_client[key] = session
        return self._issue(session)

    def impersonate(self, principal: Principal) -> TokenSet:
        return self._issue(Session(principal, ""))

    def refresh(self, token: str) -> TokenSet:
        """Rotates: the presented token is dead afterwards, and using it again is a 401."""
        session = self._by_refresh.pop(token, None)
        if session is None or session.refresh_expires <= self._now():
            raise Unauthorized("Refresh token rejected")
        return self._issue(session)

    def session(self, access: str) -> Session:
        session = self._by_access.get(access)
        if session is None:
            raise Unauthorized
        if session.access[access] <= self._now():
            self._forget_access(session, access)
            raise Unauthorized("Token has expired")
        return session

    def kill(self, session: Session) -> None:
        for access in list(session.access):
            self._forget_access(session, access)
        self._by_refresh.pop(session.refresh, None)
        self._by_client.pop((session.principal.username.lower(), session.client_id), None)

    def kill_all(self) -> None:
        """As after a restart of the server's service."""
        self._by_client.clear()
        self._by_access.clear()
        self._by_refresh.clear()
        self._login_tokens.clear()

    def new_login_token(self, username: str) -> str:
        token = secrets.token_hex(24)
        expires = self._now() + self.variants.login_token_seconds
        self._login_tokens[token] = LoginToken(username, expires)
        return token

    def consume_login_token(self, token: str) -> str | None:
        """The user name it was made for, once and before it expires."""
        found = self._login_tokens.pop(token, None)
        return found.username if found and found.expires > self._now() else None

    def _issue(self, session: Session) -> TokenSet:
        if len(self._by_access) > SWEEP_ABOVE:
            self._sweep()
        limited = session.principal.limited
        seconds = STEP_SECONDS if limited else self.variants.access_token_seconds
        access = self._jwt(session.principal, seconds)
        session.access[access] = self._now() + seconds
        self._by_access[access] = session
        session.refresh = "" if limited else secrets.token_urlsafe(48)
        if session.refresh:
            session.refresh_expires = self._now() + self.variants.refresh_token_seconds
            self._by_refresh[session.refresh] = session
        return TokenSet(
            access,
            session.refresh,
            wire_time(self.clock, seconds),
            wire_time(self.clock, self.variants.refresh_token_seconds),
            session.principal,
        )

    def _forget_access(self, session: Session, access: str) -> None:
        session.access.pop(access, None)
        self._by_access.pop(access, None)

    def _sweep(self) -> None:
        now = self._now()
        expired = [
            (session, access)
            for access, session in self._by_access.items()
            if session.access[access] <= now
        ]
        for session, access in expired:
            self._forget_access(session, access)

    def _jwt(self, principal: Principal, seconds: int) -> str:
        claims: dict[str, object] = {
            "sub": principal.username,
            "jti": secrets.token_hex(8),
            "exp": int(self._now() + seconds),
        }
        if principal.role in CLAIMS:
            claims["role"] = CLAIMS[principal.role]
        signed = _b64(_json({"alg": "HS256", "typ": "JWT"})) + "." + _b64(_json(claims))
        return signed + "." + _b64(hmac.digest(self._key, signed.encode(), "sha256"))

    def _now(self) -> float:
        return self.clock.now().timestamp()


class Gatekeeper:
    """Intrusion detection: too many failed logins from one address block that address."""

    def __init__(self, clock: SimClock, variants: Variants) -> None:
        self.clock = clock
        self.variants = variants
        self.blocked: dict[str, float] = {}
        self._failures: dict[str, deque[float]] = {}

    def check(self, client_ip: str) -> None:
        if self.blocked.get(client_ip, 0.0) > self._now():
            raise Unauthorized("Too many login attempts")

    def failed(self, client_ip: str) -> None:
        recent = self._failures.setdefault(client_ip, deque())
        recent.append(self._now())
        while recent[0] < self._now() - ATTEMPT_WINDOW:
            recent.popleft()
        if len(recent) >= self.variants.failed_logins_allowed:
            self.blocked[client_ip] = self._now() + self.variants.block_seconds
            recent.clear()

    def unblock(self) -> None:
        self.blocked.clear()
        self._failures.clear()

    def _now(self) -> float:
        return self.clock.now().timestamp()


def _json(data: object) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
