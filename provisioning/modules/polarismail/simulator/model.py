"""What a reseller's account holds."""

from __future__ import annotations

from dataclasses import dataclass, field

BASIC, ENHANCED = 1, 2


@dataclass(slots=True)
class User:
    """`quota` and `usage` in MB. `last_auth` empty: never."""

    username: str
    password: str
    uname: str = ""
    account_type: int = BASIC
    quota: int = 0
    usage: float = 0
    disabled: bool = False
    last_auth: str = ""
    language: str = "en"
    timezone: str = ""
    two_factor_allowed: bool = False
    forwards: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Domain:
    """`published`: the customer's DNS has the TXT record. `added_at` is ISO 8601 UTC."""

    id: int
    name: str
    added_at: str
    txt: str
    verified: bool = False
    published: bool = False
    active: bool = True
    users: dict[str, User] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    alias_domains: dict[str, int] = field(default_factory=dict)
    dkim_enabled: bool = False
    dkim_key: str = ""

    def taken(self, local: str) -> bool:
        """Mailboxes, aliases and lists share one name space."""
        return any(local in names for names in (self.users, self.aliases, self.lists))
