"""What the simulated panel holds. Sizes are MiB, as texts; so are limits, and "" is none."""

from __future__ import annotations

from dataclasses import dataclass, field

USER_LEVEL, RESELLER_LEVEL, ADMIN_LEVEL, ROOT_LEVEL = 16, 24, 28, 30


@dataclass(slots=True)
class Person:
    """An administrator, a reseller or a user; they share one space of names."""

    name: str
    password: str
    level: int = USER_LEVEL
    fullname: str = ""
    comment: str = ""
    owner: str = "root"
    preset: str = ""
    active: bool = True
    limits: dict[str, str] = field(default_factory=dict)
    files: str = "0"  # MiB beside the mail; any text, for absurd readings
    traffic: str = "0"
    ftp_users: dict[str, str] = field(default_factory=dict)  # password by name
    databases: int = 0
    brand_domain: str = ""
    seen_from: float = 0.0
    seen_until: float | None = None  # deleted, and still in the lists until then

    def listed(self, now: float) -> bool:
        return self.seen_from <= now and (self.seen_until is None or now < self.seen_until)


@dataclass(slots=True)
class Preset:
    name: str
    level: int = USER_LEVEL
    limits: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class MailDomain:
    name: str
    owner: str
    active: bool = True
    dkim: bool = False
    dkim_selector: str = "dkim"
    public_key: str = ""
    defaction: str = "error"
    greylist: bool = False
    spamassassin: bool = False
    avcheck: bool = False
    seen_from: float = 0.0


@dataclass(slots=True)
class Mailbox:
    address: str
    password: str
    aliases: list[str] = field(default_factory=list)
    forward: list[str] = field(default_factory=list)
    dontsave: bool = False
    active: bool = True
    maxsize: str = ""
    used: str = "0"
    note: str = ""
    greylist: bool = False
    spamassassin: bool = False

    @property
    def local(self) -> str:
        return self.address.partition("@")[0]

    @property
    def domain(self) -> str:
        return self.address.partition("@")[2]


@dataclass(slots=True)
class Address:
    name: str
    iptype: str = "ipv4"
    iprole: str = "free"
    owner: str = ""
