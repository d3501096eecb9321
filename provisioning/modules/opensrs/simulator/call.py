"""One OMA request on its way through the simulator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from provisioning.modules.opensrs.simulator.errors import Refused
from provisioning.modules.opensrs.simulator.state import State
from provisioning.modules.opensrs.simulator.tokens import Tokens
from provisioning.modules.opensrs.simulator.variants import Variants

Body = dict[str, Any]
Row = dict[str, Any]
T = TypeVar("T")


@dataclass
class Platform:
    state: State
    tokens: Tokens
    variants: Variants
    admin: str
    password: str
    root: Callable[[], str]


@dataclass(frozen=True)
class Call:
    platform: Platform
    body: Body

    @property
    def state(self) -> State:
        return self.platform.state

    @property
    def variants(self) -> Variants:
        return self.platform.variants

    def text(self, name: str) -> str:
        """A required field."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value:
            raise Refused(5)
        return value

    def criteria(self) -> Body:
        value = self.body.get("criteria", {})
        if not isinstance(value, dict):
            raise Refused(5)
        return value

    def page(self, rows: list[Row], key: str) -> Body:
        """`range` is 0-based; one page has as many rows as the platform likes at most."""
        asked = self.body.get("range") or {}
        first = int(asked.get("first", 0))
        limit = min(int(asked.get("limit", len(rows) or 1)), self.variants.largest_page)
        page = rows[first : first + limit]
        total = {"total_count": len(rows)} if self.variants.total_count else {}
        return {key: page, "count": len(page), **total}


Handler = Callable[[Call], Body]


def matches(pattern: Any, *values: str) -> bool:
    """`?` and `*`; nothing asked matches everything."""
    return not pattern or any(fnmatchcase(value, str(pattern).lower()) for value in values)


def admit(call: Call) -> None:
    """Every call signs in by itself."""
    variants, given = call.variants, call.body.get("credentials")
    if not variants.caller_allowed:
        raise Refused(21)
    if not isinstance(given, dict):
        raise Refused(5)
    if not _is_admitted(call.platform, given):
        raise Refused(1)
    if variants.second_factor:
        raise Refused(33)


def _is_admitted(platform: Platform, given: Body) -> bool:
    """By token, by password, or by a token in the password's place."""
    user = str(given.get("user") or "")
    token = str(given.get("token") or given.get("password") or "")
    if platform.tokens.holder(token, "session", "oma") == user:
        return True
    return (user, given.get("password")) == (platform.admin, platform.password)
