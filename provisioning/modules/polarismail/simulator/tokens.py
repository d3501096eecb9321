"""Tokens of the reseller and of mailboxes, and one-time passwords."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from provisioning.modules.polarismail.simulator.variants import Variants
from provisioning.simulation import SimClock

ADMIN = ""  # whose token it is: the reseller's, else a mailbox's full address


@dataclass(frozen=True, slots=True)
class _Issued:
    owner: str
    at: datetime


class Tokens:
    def __init__(self, clock: SimClock, variants: Variants) -> None:
        self.variants = variants
        self._clock = clock
        self._tokens: dict[str, _Issued] = {}
        self._passwords: dict[str, _Issued] = {}

    def issue(self, owner: str) -> str:
        token = secrets.token_hex(20)
        self._tokens[token] = _Issued(owner, self._clock.now())
        return token

    def owner(self, token: str) -> str | None:
        """None when the token is unknown or too old."""
        issued = self._tokens.get(token)
        return issued.owner if issued and self._young(issued, self.variants.token_seconds) else None

    def one_time_password(self, address: str) -> str:
        password = secrets.token_urlsafe(24)
        self._passwords[password] = _Issued(address, self._clock.now())
        return password

    def spend(self, password: str, address: str) -> bool:
        """Good once, for its own mailbox."""
        issued = self._passwords.get(password)
        if issued is None or issued.owner != address:
            return False
        del self._passwords[password]
        return self._young(issued, self.variants.otp_seconds)

    def forget(self) -> None:
        self._tokens.clear()
        self._passwords.clear()

    def _young(self, issued: _Issued, seconds: int) -> bool:
        return (self._clock.now() - issued.at).total_seconds() < seconds
