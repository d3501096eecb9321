"""The account's memory, and the handles by which tests and the demo arrange and move it."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from provisioning.modules.polarismail.simulator.model import BASIC, Domain, User
from provisioning.simulation import SimClock

FORMAT = 1
USER_PASSWORD = "Simulated-Us3r!"


class State:
    """Domains by lower-case name. `revision` moves with every change worth saving."""

    def __init__(self, clock: SimClock) -> None:
        self.clock = clock
        self.domains: dict[str, Domain] = {}
        self.elsewhere: set[str] = set()  # hosted for another reseller of the vendor
        self.admin_email = "reseller@host.example"
        self.next_id = 1001
        self.revision = 0

    def touch(self) -> None:
        self.revision += 1

    def number(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def domain(self, name: str) -> Domain:
        """For tests: KeyError when there is none."""
        return self.domains[name.lower()]

    def add(self, name: str) -> Domain:
        domain = Domain(
            id=self.number(),
            name=name.lower(),
            added_at=self.clock.now().isoformat(),
            txt="ea-verify-" + secrets.token_hex(12),
        )
        self.domains[domain.name] = domain
        self.touch()
        return domain

    def purge(self, seconds: int) -> None:
        """The vendor deletes what nobody proved to own in time."""
        limit = self.clock.now() - timedelta(seconds=seconds)
        late = [
            name
            for name, domain in self.domains.items()
            if not domain.verified and datetime.fromisoformat(domain.added_at) <= limit
        ]
        for name in late:
            del self.domains[name]
        self.revision += len(late)

    # Handles for tests and the demo

    def add_domain(self, name: str, *, verified: bool = True, active: bool = True) -> str:
        domain = self.add(name)
        domain.verified = domain.published = verified
        domain.active = active
        return domain.name

    def add_user(
        self, address: str, *, account_type: int = BASIC, quota: int = 10_000, **facts: Any
    ) -> str:
        """`facts` are fields of User, quota and usage in MB."""
        local, _, name = address.lower().partition("@")
        facts.setdefault("password", USER_PASSWORD)
        user = User(username=local, account_type=account_type, quota=quota, **facts)
        self.domain(name).users[local] = user
        self.touch()
        return address

    def add_alias(self, address: str, forward: str) -> str:
        local, _, name = address.lower().partition("@")
        self.domain(name).aliases[local] = forward
        self.touch()
        return address

    def set_usage(self, address: str, megabytes: float) -> float:
        local, _, name = address.lower().partition("@")
        self.domain(name).users[local].usage = megabytes
        self.touch()
        return megabytes

    def publish_verification(self, name: str) -> str:
        """The customer puts the TXT record into the DNS."""
        domain = self.domain(name)
        domain.published = True
        self.touch()
        return domain.txt

    def remove_domain(self, name: str) -> str:
        del self.domains[name.lower()]
        self.touch()
        return name

    def summary(self) -> dict[str, object]:
        domains = self.domains.values()
        return {
            "domains": len(self.domains),
            "unverified": sum(not domain.verified for domain in domains),
            "users": sum(len(domain.users) for domain in domains),
            "aliases": sum(len(domain.aliases) for domain in domains),
            "lists": sum(len(domain.lists) for domain in domains),
        }

    # Keeping it in a file

    def dump(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "domains": [asdict(domain) for domain in self.domains.values()],
            "elsewhere": sorted(self.elsewhere),
            "next_id": self.next_id,
        }

    def restore(self, data: dict[str, Any]) -> None:
        if data.get("format") != FORMAT:
            raise ValueError("the state file was written by another version of the simulator")
        for raw in data["domains"]:
            users = {name: User(**user) for name, user in raw["users"].items()}
            self.domains[raw["name"]] = Domain(**{**raw, "users": users})
        self.elsewhere = set(data["elsewhere"])
        self.next_id = data["next_id"]
