"""The server's memory, and the handles by which tests and the demo arrange and move it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from provisioning.modules.smartermail.simulator.inputs import merge
from provisioning.modules.smartermail.simulator.model import (
    DEFAULT_SETTINGS,
    Alias,
    Domain,
    User,
)
from provisioning.simulation import SimClock

ADMIN_PASSWORD = "Simulated-Adm1n"
USER_PASSWORD = "Simulated-Us3r"


class State:
    """All look-ups are by lower-case name. ``revision`` moves with every change worth saving."""

    def __init__(self, clock: SimClock) -> None:
        self.clock = clock
        self.domains: dict[str, Domain] = {}
        self.sysadmins: dict[str, User] = {}
        self.alias_owner: dict[str, str] = {}
        self.kept_files: set[str] = set()
        self.txt: dict[str, str] = {}
        self.mx: set[str] = set()
        self.next_list_id = 1
        self.revision = 0

    def touch(self) -> None:
        self.revision += 1

    def stamp(self) -> str:
        return wire_time(self.clock)

    # Look-ups

    def find_domain(self, name: str) -> Domain | None:
        return self.domains.get(name.strip().lower())

    def find_user(self, address: str) -> tuple[Domain, User] | None:
        """By full address; the domain part may be a domain alias."""
        local, _, host = address.strip().lower().partition("@")
        domain = self.find_domain(self.alias_owner.get(host, host))
        user = domain.users.get(local) if domain else None
        return (domain, user) if domain and user else None

    def domain_name_in_use(self, name: str) -> bool:
        return name.lower() in self.domains or name.lower() in self.alias_owner

    def domain(self, name: str) -> Domain:
        """For tests: KeyError when there is none."""
        return self.domains[name.lower()]

    # Changes shared by the API and the handles below

    def put_domain(self, name: str, admin: User, settings: dict[str, Any]) -> Domain:
        """``settings`` in domainSettings keys; the admin becomes a mailbox of the domain."""
        domain = Domain(name, merge(dict(DEFAULT_SETTINGS), settings, DEFAULT_SETTINGS))
        domain.created = admin.created = self.stamp()
        admin.is_domain_admin = True
        domain.users[admin.name.lower()] = admin
        domain.settings["mainDomainAdmin"] = admin.name
        self.domains[name.lower()] = domain
        self.touch()
        return domain

    def remove_domain(self, name: str, *, delete_files: bool = True) -> None:
        domain = self.domains.pop(name.lower())
        for alias in domain.domain_aliases:
            self.alias_owner.pop(alias, None)
        if not delete_files:
            self.kept_files.add(str(domain.settings["domainPath"]))
        self.touch()

    def rename_domain(self, old: str, new: str) -> None:
        domain = self.domains.pop(old.lower())
        domain.name = new
        self.domains[new.lower()] = domain
        for alias in domain.domain_aliases:
            self.alias_owner[alias] = new.lower()
        self.touch()

    # Handles for tests and the demo

    def add_domain(
        self, name: str, *, admin: str = "admin", password: str = ADMIN_PASSWORD, **settings: Any
    ) -> str:
        settings = {
            "hostname": f"mail.{name}",
            "domainPath": f"C:\\SmarterMail\\Domains\\{name}",
            **settings,
        }
        return self.put_domain(name, User(admin, password), settings).name

    def add_user(self, address: str, *, password: str = USER_PASSWORD, **facts: Any) -> str:
        """``facts`` are fields of User: ``size``, ``max_size``, ``full_name``, ..."""
        local, _, name = address.partition("@")
        user = User(local, password, **facts)
        user.created = self.stamp()
        self.domain(name).users[local.lower()] = user
        self.touch()
        return address

    def change_user(self, address: str, **facts: Any) -> str:
        """Fields of an existing User, as add_user takes them."""
        local, _, name = address.lower().partition("@")
        user = self.domain(name).users[local]
        for fact, value in facts.items():
            if not hasattr(user, fact):
                raise ValueError(f"a user has no {fact}")
            setattr(user, fact, value)
        self.touch()
        return address

    def add_alias(self, address: str, targets: list[str]) -> str:
        local, _, name = address.partition("@")
        self.domain(name).aliases[local.lower()] = Alias(
            local, displayName=local, aliasTargetList=list(targets)
        )
        self.touch()
        return address

    def set_protocol(self, protocol: str, address: str, *, active: bool = True) -> bool:
        """``protocol`` is ``eas`` or ``mapi``; as if switched in the vendor's own interface."""
        local, _, name = address.lower().partition("@")
        table: dict[str, str] = getattr(self.domain(name), protocol)
        if active:
            table[local] = self.stamp()
        else:
            table.pop(local, None)
        self.touch()
        return active

    def set_disk(self, domain: str, size: int | None) -> int:
        """Bytes on disk; None lets it be the sum of the mailboxes again."""
        found = self.domain(domain)
        found.disk, found.raw_usage = size, {}
        self.touch()
        return found.size

    def grow(self, domain: str, size: int) -> int:
        """Add ``size`` bytes to what the domain has; returns the new size."""
        found = self.domain(domain)
        return self.set_disk(domain, max(0, found.size + size))

    def set_raw_usage(self, domain: str, **values: Any) -> dict[str, Any]:
        """Make the server report nonsense: ``set_raw_usage("a.com", size="n/a")``."""
        self.domain(domain).raw_usage = values
        self.touch()
        return values

    def publish_txt(self, name: str, value: str) -> str:
        self.txt[name.lower()] = value
        self.touch()
        return value

    def publish_dkim(self, domain: str) -> list[str]:
        """Put the TXT records of the domain's keys into the server's view of DNS."""
        dkim = self.domain(domain).dkim
        keys = [key for key in (dkim.active, dkim.pending) if key]
        for key in keys:
            self.publish_txt(f"{key.selector}._domainkey.{domain}", dkim_record(key.public_key))
        return [key.selector for key in keys]

    def publish_mx(self, domain: str) -> str:
        """Let ``domain`` pass the MX check of a domain alias."""
        self.mx.add(domain.lower())
        self.touch()
        return domain

    def summary(self) -> dict[str, object]:
        domains = self.domains.values()
        return {
            "domains": len(self.domains),
            "users": sum(len(domain.users) for domain in domains),
            "aliases": sum(len(domain.aliases) for domain in domains),
            "bytes": sum(domain.size for domain in domains),
        }


def dkim_record(public_key: str) -> str:
    return f"v=DKIM1; k=rsa; p={public_key}"


def wire_time(clock: SimClock, seconds: float = 0) -> str:
    """ISO 8601 UTC of now plus ``seconds``, as the server writes it."""
    return (clock.now() + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
