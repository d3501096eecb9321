"""One API call: its input, who makes it, and the reply envelope."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from provisioning.modules.smartermail.simulator.errors import (
    INVALID_INPUT,
    NO_DOMAIN,
    NO_USER,
    BusinessError,
    Unauthorized,
    UnknownEntity,
)
from provisioning.modules.smartermail.simulator.model import Domain, User
from provisioning.modules.smartermail.simulator.passwords import SERVER_RULES
from provisioning.modules.smartermail.simulator.state import State
from provisioning.modules.smartermail.simulator.tokens import Gatekeeper, Session, Tokens
from provisioning.modules.smartermail.simulator.variants import Variants
from provisioning.simulation import Request, Response, SimClock


class Access(Enum):
    """Who may make a call."""

    ANYONE = auto()
    TOKEN = auto()  # any token, a limited one included
    ADMIN = auto()  # system or domain administrator, no domain needed
    SYSADMIN = auto()
    DOMAIN = auto()  # domain administrator in a domain context
    USER = auto()  # anybody in a user context


@dataclass(slots=True)
class Platform:
    """Everything a handler may reach. ``root`` is the server's own idea of its address."""

    state: State
    tokens: Tokens
    gatekeeper: Gatekeeper
    clock: SimClock
    variants: Variants
    root: Callable[[], str]


@dataclass(slots=True)
class Call:
    platform: Platform
    request: Request
    args: dict[str, str]
    session_or_none: Session | None = None
    domain_or_none: Domain | None = None
    user_or_none: User | None = None
    by_sysadmin: bool = False
    _body: dict[str, Any] | None = field(default=None, repr=False)

    @property
    def state(self) -> State:
        return self.platform.state

    @property
    def variants(self) -> Variants:
        return self.platform.variants

    @property
    def session(self) -> Session:
        if self.session_or_none is None:
            raise Unauthorized
        return self.session_or_none

    @property
    def domain(self) -> Domain:
        if self.domain_or_none is None:
            raise BusinessError(NO_DOMAIN)
        return self.domain_or_none

    @property
    def user(self) -> User:
        if self.user_or_none is None:
            raise BusinessError("User does not exist.")
        return self.user_or_none

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object sent; nothing at all and ``[]`` (an empty PHP array) count as empty."""
        if self._body is None:
            data = self.json() or {}
            if not isinstance(data, dict):
                raise BusinessError(INVALID_INPUT)
            self._body = data
        return self._body

    def json(self) -> object:
        try:
            return self.request.json()
        except ValueError as broken:
            raise BusinessError(INVALID_INPUT) from broken

    def named_user(self, name: str) -> User:
        """A user of this domain by local name or address."""
        found = self.domain.user(name)
        if found is None:
            raise UnknownEntity(NO_USER)
        return found

    @property
    def password_rules(self) -> dict[str, Any]:
        return {**SERVER_RULES, **self.domain.password_rules}


Handler = Callable[[Call], "dict[str, Any] | Response"]


@dataclass(frozen=True, slots=True)
class Route:
    """``writes``: a success changes what is worth saving."""

    method: str
    pattern: str
    access: Access
    handler: Handler
    writes: bool = False


def get(pattern: str, access: Access, handler: Handler) -> Route:
    return Route("GET", pattern, access, handler)


def search(pattern: str, access: Access, handler: Handler) -> Route:
    """A POST that changes nothing."""
    return Route("POST", pattern, access, handler)


def change(pattern: str, access: Access, handler: Handler) -> Route:
    return Route("POST", pattern, access, handler, writes=True)


def envelope(data: Mapping[str, Any]) -> dict[str, Any]:
    return {**data, "success": True, "message": ""}


def require_keys(call: Call, *keys: str) -> None:
    """Searches have no defaults on the server: each of the criteria must be there."""
    if call.variants.strict_search and any(key not in call.body for key in keys):
        raise BusinessError(INVALID_INPUT)


def page(
    rows: Sequence[dict[str, Any]], body: Mapping[str, Any], *, fields: Sequence[str]
) -> tuple[list[dict[str, Any]], int]:
    """Filter by ``search`` over ``fields``, sort, cut ``skip``/``take``; rows and their total."""
    wanted = str(body.get("search") or "").lower()
    found = [row for row in rows if _contains(row, wanted, fields)] if wanted else list(rows)
    sort_field = {key.lower(): key for key in (rows[0] if rows else ())}.get(
        str(body.get("sortField") or "").lower()
    )
    if sort_field:
        found.sort(
            key=lambda row: _order(row[sort_field]), reverse=bool(body.get("sortDescending"))
        )
    skip, take = _bound(body, "skip", 0), _bound(body, "take", len(found))
    return found[skip : skip + take], len(found)


def _bound(body: Mapping[str, Any], key: str, default: int) -> int:
    value = body.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BusinessError(INVALID_INPUT)
    return value


def _contains(row: Mapping[str, Any], wanted: str, fields: Sequence[str]) -> bool:
    return any(wanted in str(row.get(field, "")).lower() for field in fields)


def _order(value: object) -> tuple[int, float, str]:
    if isinstance(value, (bool, int, float)):
        return (0, float(value), "")
    return (1, 0.0, value.lower() if isinstance(value, str) else json.dumps(value))
