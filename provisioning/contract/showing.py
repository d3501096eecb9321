"""What a module has to show of one service besides its mail directory: plain data, no markup."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from provisioning.contract.dns import DnsRecord


@dataclass(frozen=True, kw_only=True)
class Link:
    """A way into the platform that needs no sign-on call; http or https only."""

    label: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A line of the service's card. A `secret` one is shown on request only, never in a list."""

    label: str
    value: str = field(repr=False)
    secret: bool = False


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A record that the platform wants to see in DNS before the account can be used.

    `expired`: the proof came too late, and the creation has to be started again.
    """

    record: DnsRecord
    deadline: datetime | None = None
    expired: bool = False
