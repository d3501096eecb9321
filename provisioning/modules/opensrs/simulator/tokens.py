"""Tokens: for the programming interface (session, oma) and for one sign-in to webmail (sso)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from provisioning.simulation import SimClock


@dataclass(frozen=True, slots=True)
class Token:
    user: str
    kind: str
    expires: float


class Tokens:
    def __init__(self, clock: SimClock) -> None:
        self._clock = clock
        self._tokens: dict[str, Token] = {}

    def issue(self, user: str, kind: str, seconds: float, *, text: str = "") -> str:
        value = text or secrets.token_hex(20)
        self._tokens[value] = Token(user, kind, self._now() + seconds)
        return value

    def holder(self, value: str, *kinds: str) -> str | None:
        token = self._tokens.get(value)
        good = token and token.kind in kinds and token.expires > self._now()
        return token.user if token and good else None

    def redeem(self, value: str, *kinds: str) -> str | None:
        """As `holder`, and it is used up."""
        user = self.holder(value, *kinds)
        if user is not None:
            del self._tokens[value]
        return user

    def end_all(self) -> None:
        self._tokens.clear()

    def _now(self) -> float:
        return self._clock.now().timestamp()
