"""What the server remembers. All names are looked up in lower case and shown as first typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

NEVER = "0001-01-01T00:00:00Z"
MB = 1024**2

DEFAULT_SETTINGS: dict[str, Any] = {
    "isEnabled": True,
    "hostname": "",
    "domainPath": "",
    "outgoingIP": "",
    "mainDomainAdmin": "",
    "catchAll": "",
    "maxSize": 0,
    "maxUsers": 0,
    "maxAliases": 0,
    "maxLists": 0,
    "maxDomainAliases": 0,
    "maxMessageSize": 0,
    "maxRecipients": 0,
    "maxMailboxSize": 0,
    "maxActiveSyncAccounts": 0,
    "maxMapiEwsAccounts": 0,
    "enableMailForwarding": False,
    "enableSmtpAccounts": False,
    "enableActiveSyncAccountManagement": False,
    "enableMapiEwsAccountManagement": False,
    "enableDkimSigningDomainAdmin": False,
    "showDomainAliasMenu": True,
    "showListMenu": True,
    "showSpamMenu": True,
    "sharedGlobalAddressList": True,
    "calendarPublicAvailability": False,
    "allowSpamActionOverride": True,
    "spamCheckOverrideActive": False,
    "spamLevelLowWeight": 10,
    "spamLevelMedWeight": 20,
    "spamLevelHighWeight": 30,
    "spamLevelLowAction": {"actionType": 0, "argument": ""},
    "spamLevelMedAction": {"actionType": 6, "argument": "[SPAM]"},
    "spamLevelHighAction": {"actionType": 4, "argument": "Junk E-Mail"},
    "whitelistAddresses": [],
    "whitelistDomains": [],
    "throttleSettings": {"messagesPerHour": 0, "bandwidthPerHour": 0, "bouncesPerHour": 0},
}


@dataclass(slots=True)
class Forward:
    forwardList: list[str] = field(default_factory=list)  # noqa: N815 - the wire's own names
    keepRecipients: bool = False  # noqa: N815
    deleteOnForward: bool = False  # noqa: N815
    spamForwardOption: str = "None"  # noqa: N815


@dataclass(slots=True)
class User:
    """``max_size`` and ``size`` in bytes; ``max_size`` 0 is unlimited."""

    name: str
    password: str
    full_name: str = ""
    is_domain_admin: bool = False
    is_enabled: bool = True
    can_receive: bool = True
    max_size: int = 0
    size: int = 0
    created: str = NEVER
    last_login: str = NEVER
    must_change_password: bool = False
    two_factor_code: str = ""
    temp_password: str = ""
    previous_passwords: list[str] = field(default_factory=list)
    forward: Forward = field(default_factory=Forward)
    auto_responder: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    mail: dict[str, Any] = field(default_factory=dict)
    signatures: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Alias:
    name: str
    displayName: str = ""  # noqa: N815
    description: str = ""
    allowSending: bool = False  # noqa: N815
    hideFromGAL: bool = False  # noqa: N815
    internalOnly: bool = False  # noqa: N815
    includeAllDomainUsers: bool = False  # noqa: N815
    enableForXmpp: bool = False  # noqa: N815
    isEnabled: bool = True  # noqa: N815
    aliasTargetList: list[str] = field(default_factory=list)  # noqa: N815


@dataclass(slots=True)
class MailingList:
    """``members`` by kind: subscriber, digest-subscriber, poster, banned-user."""

    id: int
    name: str
    created: str
    settings: dict[str, Any] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)

    def of(self, kind: str) -> list[str]:
        return self.members.setdefault(kind, [])


@dataclass(slots=True)
class DkimKey:
    selector: str
    public_key: str
    bits: int
    next_check: str


@dataclass(slots=True)
class Dkim:
    active: DkimKey | None = None
    pending: DkimKey | None = None
    is_active: bool = False
    forced: bool = False
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Domain:
    """``disk``: bytes on disk, None when it is the sum of the mailboxes.

    ``raw_usage`` overwrites keys of domainData with whatever JSON a broken server might send.
    ``eas`` and ``mapi`` map a local name to its last sync.
    """

    name: str
    settings: dict[str, Any]
    created: str = NEVER
    users: dict[str, User] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    lists: dict[int, MailingList] = field(default_factory=dict)
    domain_aliases: dict[str, str] = field(default_factory=dict)
    eas: dict[str, str] = field(default_factory=dict)
    mapi: dict[str, str] = field(default_factory=dict)
    dkim: Dkim = field(default_factory=Dkim)
    password_rules: dict[str, Any] = field(default_factory=dict)
    signatures: list[dict[str, Any]] = field(default_factory=list)
    signature_maps: list[dict[str, Any]] = field(default_factory=list)
    disk: int | None = None
    raw_usage: dict[str, Any] = field(default_factory=dict)

    @property
    def is_enabled(self) -> bool:
        return bool(self.settings["isEnabled"])

    @property
    def admin(self) -> User | None:
        return self.user(str(self.settings["mainDomainAdmin"]))

    @property
    def size(self) -> int:
        if self.disk is not None:
            return self.disk
        return sum(user.size for user in self.users.values())

    def local(self, name: str) -> str | None:
        """The lower-case local part of ``name``; None when it is another domain's address."""
        local, _, domain = name.strip().lower().partition("@")
        return local if domain in ("", self.name.lower()) else None

    def address(self, local: str) -> str:
        return f"{local}@{self.name}"

    def user(self, name: str) -> User | None:
        local = self.local(name)
        return self.users.get(local) if local else None

    def alias(self, name: str) -> Alias | None:
        local = self.local(name)
        return self.aliases.get(local) if local else None

    def list_named(self, name: str) -> MailingList | None:
        local = self.local(name)
        return next((one for one in self.lists.values() if one.name.lower() == local), None)

    def name_in_use(self, name: str) -> bool:
        return any((self.user(name), self.alias(name), self.list_named(name)))

    def admins(self) -> Iterator[User]:
        return (user for user in self.users.values() if user.is_domain_admin)

    def drop_user(self, local: str) -> None:
        del self.users[local]
        self.eas.pop(local, None)
        self.mapi.pop(local, None)
        if self.local(str(self.settings["mainDomainAdmin"])) == local:
            self.settings["mainDomainAdmin"] = ""
