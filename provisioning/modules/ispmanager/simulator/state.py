"""The panel's memory, and the handles by which tests and the demo arrange and move it."""

from __future__ import annotations

import base64
import secrets
from dataclasses import asdict
from typing import Any

from provisioning.modules.ispmanager.simulator.model import (
    RESELLER_LEVEL,
    ROOT_LEVEL,
    USER_LEVEL,
    Address,
    Mailbox,
    MailDomain,
    Person,
    Preset,
)
from provisioning.simulation import SimClock

FORMAT = 1
SYSTEM_NAMES = frozenset({"root", "mail", "www-data", "mysql", "nobody", "daemon", "bin"})
SMALL = {
    "limit_quota": "20480", "limit_traff": "102400", "limit_db": "2", "limit_db_users": "2",
    "limit_ftp_users": "3", "limit_webdomains": "2", "limit_domains": "2",
    "limit_emaildomains": "3", "limit_emails": "50", "limit_cpu": "", "limit_memory": "1024",
    "limit_process": "32", "limit_email_quota": "5120", "limit_ssl": "on", "limit_shell": "off",
    "limit_php_mode": "php_mode_none",
}  # fmt: skip
LARGE = {**SMALL, "limit_quota": "", "limit_emails": "", "limit_email_quota": "1000000000"}
OF_RESELLERS = {
    **SMALL, "limit_quota": "204800", "limit_emails": "500", "limit_users": "20",
    "limit_emaildomains": "100", "limit_webdomains": "100", "limit_ipv4addrs": "0",
    "limit_ipv6addrs": "0",
}  # fmt: skip


class State:
    """People by login, everything else by its own key. `revision` moves with every change."""

    def __init__(self, clock: SimClock) -> None:
        self.clock = clock
        self.people: dict[str, Person] = {}
        self.presets: dict[str, Preset] = {}
        self.mail_domains: dict[str, MailDomain] = {}
        self.mailboxes: dict[str, Mailbox] = {}
        self.sites: dict[str, str] = {}  # owner by domain
        self.zones: dict[str, str] = {}
        self.addresses: list[Address] = []
        self.sessions: dict[str, tuple[str, float]] = {}
        self.keys: dict[tuple[str, str], float] = {}
        self.revision = 0
        for preset in (
            Preset("mail-small", USER_LEVEL, dict(SMALL)),
            Preset("mail-large", USER_LEVEL, dict(LARGE)),
            Preset("reseller-base", RESELLER_LEVEL, dict(OF_RESELLERS)),
        ):
            self.presets[preset.name] = preset
        self.addresses.append(Address("192.0.2.1", "ipv4", "shared"))
        self.addresses += [Address(f"192.0.2.{n}", "ipv4") for n in range(10, 20)]
        self.addresses += [Address(f"2001:db8::{n:x}", "ipv6") for n in range(16, 26)]

    @property
    def now(self) -> float:
        return self.clock.now().timestamp()

    def touch(self) -> None:
        self.revision += 1

    def taken(self, name: str) -> bool:
        """One space of names for administrators, resellers, users and the system."""
        return name in SYSTEM_NAMES or name in self.people

    def mail_of(self, login: str) -> list[Mailbox]:
        return [box for box in self.mailboxes.values() if self.owner_of(box) == login]

    def mail_by_owner(self) -> dict[str, list[Mailbox]]:
        found: dict[str, list[Mailbox]] = {}
        for box in self.mailboxes.values():
            found.setdefault(self.owner_of(box), []).append(box)
        return found

    def owner_of(self, box: Mailbox) -> str:
        domain = self.mail_domains.get(box.domain)
        return domain.owner if domain else ""

    def forget(self, name: str) -> None:
        """Everything that a user has, except himself."""
        for domain in [d.name for d in self.mail_domains.values() if d.owner == name]:
            self.drop_mail_domain(domain)
        for held in (self.sites, self.zones):
            for domain in [domain for domain, owner in held.items() if owner == name]:
                del held[domain]
        for address in self.addresses:
            if address.owner == name:
                address.owner, address.iprole = "", "free"
        self.sessions = {sid: one for sid, one in self.sessions.items() if one[0] != name}
        self.keys = {key: end for key, end in self.keys.items() if key[0] != name}

    def drop_mail_domain(self, domain: str) -> None:
        del self.mail_domains[domain]
        for address in [box.address for box in self.mailboxes.values() if box.domain == domain]:
            del self.mailboxes[address]

    def new_mail_domain(self, name: str, owner: str, *, seen_from: float = 0.0) -> MailDomain:
        key = base64.b64encode(secrets.token_bytes(162)).decode()
        domain = MailDomain(name, owner, public_key=key, seen_from=seen_from)
        self.mail_domains[name] = domain
        return domain

    # Handles for tests and the demo

    def add_admin(self, name: str, password: str, *, level: int = ROOT_LEVEL) -> str:
        self.people[name] = Person(name, password, level=level)
        return name

    def add_user(self, name: str, *, domain: str = "", owner: str = "root", **facts: Any) -> str:
        """`facts` are fields of Person."""
        preset = self.presets[facts.pop("preset", "mail-small")]
        facts.setdefault("password", "Simulated-Us3r!")
        limits = {**preset.limits, **facts.pop("limits", {})}
        self.people[name] = Person(name, owner=owner, preset=preset.name, limits=limits, **facts)
        if domain:
            self.new_mail_domain(domain, name)
            self.zones[domain] = name
        self.touch()
        return name

    def add_reseller(self, name: str, *, domain: str = "", **facts: Any) -> str:
        self.add_user(name, preset="reseller-base", **facts)
        self.people[name].level = RESELLER_LEVEL
        self.people[name].brand_domain = domain
        return name

    def add_mailbox(self, address: str, **facts: Any) -> str:
        facts.setdefault("password", "Simulated-B0x!")
        self.mailboxes[address] = Mailbox(address, **facts)
        self.touch()
        return address

    def add_preset(self, name: str, *, level: int = USER_LEVEL, **limits: str) -> str:
        self.presets[name] = Preset(name, level, {**SMALL, **limits})
        self.touch()
        return name

    def set_usage(self, name: str, *, files: str | None = None, traffic: str | None = None) -> str:
        person = self.people[name]
        person.files = person.files if files is None else files
        person.traffic = person.traffic if traffic is None else traffic
        self.touch()
        return name

    def set_mailbox_usage(self, address: str, used: str) -> str:
        self.mailboxes[address].used = used
        self.touch()
        return address

    def remove_user(self, name: str) -> str:
        self.forget(name)
        del self.people[name]
        self.touch()
        return name

    def of_level(self, level: int) -> list[Person]:
        found = (one for one in self.people.values() if one.level == level)
        return [person for person in found if person.seen_until is None]

    def summary(self) -> dict[str, object]:
        return {
            "users": len(self.of_level(USER_LEVEL)),
            "resellers": len(self.of_level(RESELLER_LEVEL)),
            "mail_domains": len(self.mail_domains),
            "mailboxes": len(self.mailboxes),
            "templates": sorted(self.presets),
        }

    # Keeping it in a file

    def dump(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "people": [asdict(person) for person in self.people.values()],
            "presets": [asdict(preset) for preset in self.presets.values()],
            "mail_domains": [asdict(domain) for domain in self.mail_domains.values()],
            "mailboxes": [asdict(box) for box in self.mailboxes.values()],
            "addresses": [asdict(address) for address in self.addresses],
            "sites": self.sites,
            "zones": self.zones,
        }

    def restore(self, data: dict[str, Any]) -> None:
        if data.get("format") != FORMAT:
            raise ValueError("the state file was written by another version of the simulator")
        self.people |= {raw["name"]: Person(**raw) for raw in data["people"]}
        self.presets = {raw["name"]: Preset(**raw) for raw in data["presets"]}
        self.mail_domains = {raw["name"]: MailDomain(**raw) for raw in data["mail_domains"]}
        self.mailboxes = {raw["address"]: Mailbox(**raw) for raw in data["mailboxes"]}
        self.addresses = [Address(**raw) for raw in data["addresses"]]
        self.sites, self.zones = data["sites"], data["zones"]
