"""What the simulated platform holds. Both of its wires read and write the same objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

STAFF = "staff"
OURS, OTHERS = "ours", "others"
KINDS = ("mailbox", "forward", "filter")
GB = 1024**3


@dataclass
class Account:
    """`attributes` are OMA's, without type and aliases; APP shows the same under its own names."""

    address: str
    kind: str = "mailbox"
    attributes: dict[str, Any] = field(default_factory=dict)
    aliases: list[str] = field(default_factory=list)
    created: int = 0
    number: int = 0
    bytes_used: int = 0
    last_login: int = 0

    @property
    def workgroup(self) -> str:
        return str(self.attributes.get("workgroup") or STAFF)

    @property
    def quota(self) -> int:
        return int(self.attributes.get("quota") or 5 * GB)

    def may(self, service: str) -> bool:
        """Such as "smtprelay", as long as the domain is not disabled."""
        return str(self.attributes.get(f"service_{service}") or "enabled") == "enabled"

    @property
    def status(self) -> str:
        services = [value for key, value in self.attributes.items() if key.startswith("service_")]
        if "suspended" in services:
            return "suspended"
        return "quota" if self.bytes_used >= self.quota else "active"


@dataclass
class Deleted:
    account: Account
    at: int


@dataclass
class Domain:
    """`limits` are APP's, one per kind of account; OMA's are among the attributes."""

    name: str
    owner: str = OURS
    attributes: dict[str, Any] = field(default_factory=dict)
    aliases: list[str] = field(default_factory=list)
    workgroups: list[str] = field(default_factory=lambda: [STAFF])
    accounts: dict[str, Account] = field(default_factory=dict)
    deleted: list[Deleted] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)
    created: int = 0

    @property
    def disabled(self) -> bool:
        return self.attributes.get("disabled") is True

    @property
    def default_workgroup(self) -> str:
        return str(self.attributes.get("workgroup") or STAFF)

    def of_kind(self, kind: str) -> list[Account]:
        return [account for account in self.accounts.values() if account.kind == kind]

    def alias_count(self) -> int:
        return sum(len(account.aliases) for account in self.accounts.values())

    def counts(self) -> dict[str, int]:
        found = {kind: len(self.of_kind(kind)) for kind in KINDS}
        return {**found, "alias": self.alias_count(), "deleted": len(self.deleted)}
