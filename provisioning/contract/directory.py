"""The mail directory: what customers manage inside a service.

A store is opened for one account. Every write either happened or raised; a write that changed only
some of its parts returns a `Written` that names the part which failed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """`quota_bytes` 0 is unlimited, None unknown. `features` are codes such as "eas".

    A `brief` one comes from a list that tells less: only its address and `enabled` were read.
    """

    address: str
    display_name: str = ""
    size_bytes: int | None = None
    quota_bytes: int | None = None
    enabled: bool = True
    last_login_at: datetime | None = None
    features: frozenset[str] = frozenset()
    forward_to: tuple[str, ...] = ()
    forward_keeps_copy: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)
    brief: bool = False


@dataclass(frozen=True, kw_only=True)
class MailboxChange:
    """A creation or an edit; None leaves a value as it is."""

    password: str | None = field(default=None, repr=False)
    display_name: str | None = None
    quota_bytes: int | None = None
    enabled: bool | None = None
    features: frozenset[str] | None = None
    aliases: tuple[str, ...] | None = None  # full addresses that shall deliver to this mailbox
    forward_to: tuple[str, ...] | None = None
    forward_keeps_copy: bool | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Alias:
    """An address that delivers to `targets`. `flags` are the module's own, by declared code."""

    address: str
    targets: tuple[str, ...]
    display_name: str = ""
    flags: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class MailingList:
    address: str
    members: tuple[str, ...] | None = None  # None: not read with the list, ask `members`
    member_count: int | None = None
    owner: str = ""
    description: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DomainAlias:
    name: str


@dataclass(frozen=True, kw_only=True)
class Written:
    """`incomplete` are plain sentences: the main act happened, these parts did not."""

    incomplete: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PasswordPolicy:
    min_length: int = 8
    require_upper: bool = False
    require_lower: bool = False
    require_digit: bool = False
    require_symbol: bool = False
    symbols: str = "!@#$%^&*-_=+"
    forbid_address_parts: bool = True  # user name, domain, first label of four letters and more


@dataclass(frozen=True, kw_only=True)
class Limits:
    """0 is none allowed, None unlimited."""

    mailboxes: int | None = None
    aliases: int | None = None
    lists: int | None = None
    domain_aliases: int | None = None
    max_quota_bytes: int | None = None
    disk_bytes: int | None = None  # of the whole account, as its metric "disk" measures it


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """All of an account's directory. None: the platform has no such thing, or did not tell."""

    mailboxes: tuple[Mailbox, ...] = ()
    aliases: tuple[Alias, ...] | None = None
    lists: tuple[MailingList, ...] | None = None
    domain_aliases: tuple[DomainAlias, ...] | None = None
    unreadable: tuple[str, ...] = ()  # sentences on the parts that could not be read


@dataclass(frozen=True, kw_only=True)
class DkimKey:
    """`state` is one of none, disabled, standby, active."""

    state: str
    selector: str = ""
    public_key: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Group:
    """A named part of a service; every mailbox is in exactly one, and mail is not sent to it.

    `counts` are members by kind ("mailbox", "forward", ...). New mailboxes go into the default
    group, which cannot be deleted.
    """

    name: str
    counts: Mapping[str, int] = field(default_factory=dict)
    is_default: bool = False

    @property
    def members(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, kw_only=True)
class DeletedMailbox:
    """Something that was deleted and can still be brought back. `id` is the platform's own."""

    id: str
    address: str
    kind: str = "mailbox"
    deleted_at: datetime | None = None


class MailboxStore(ABC):
    @abstractmethod
    def get(self, address: str) -> Mailbox:
        """Fresh from the platform, with forwards. NotFound."""

    @abstractmethod
    def create(self, address: str, change: MailboxChange) -> Written:
        """InvalidInput (address, password, quota...), ConflictError when the name is taken."""

    @abstractmethod
    def update(self, address: str, change: MailboxChange) -> Written: ...

    @abstractmethod
    def set_password(self, address: str, password: str) -> None: ...

    @abstractmethod
    def delete(self, address: str) -> None:
        """Aliases whose only target is this mailbox go first. A missing mailbox is no error."""


class AliasStore(ABC):
    @abstractmethod
    def save(self, alias: Alias, *, create: bool) -> None:
        """Create (ConflictError when taken), or replace an existing one's targets (NotFound)."""

    @abstractmethod
    def delete(self, address: str) -> None: ...


class ListStore(ABC):
    @abstractmethod
    def members(self, address: str) -> tuple[str, ...]: ...

    @abstractmethod
    def create(self, mailing_list: MailingList) -> None: ...

    @abstractmethod
    def update(self, mailing_list: MailingList) -> None: ...

    @abstractmethod
    def change_members(
        self, address: str, *, add: Iterable[str], remove: Iterable[str]
    ) -> None: ...

    @abstractmethod
    def delete(self, address: str) -> None: ...


class DomainAliasStore(ABC):
    @abstractmethod
    def add(self, name: str) -> None: ...

    @abstractmethod
    def delete(self, name: str) -> None: ...


class DkimStore(ABC):
    @abstractmethod
    def read(self) -> DkimKey: ...

    @abstractmethod
    def enable(self) -> DkimKey:
        """Makes a key when there is none; read back, so a silent no-op is an error."""

    @abstractmethod
    def disable(self) -> DkimKey: ...


class GroupStore(ABC):
    @abstractmethod
    def all(self) -> tuple[Group, ...]: ...

    @abstractmethod
    def create(self, name: str) -> None:
        """InvalidInput("name"), ConflictError when there is one already."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """PermanentError while it has members, or for the default one. A missing one is no
        error.
        """

    @abstractmethod
    def move(self, addresses: Iterable[str], name: str) -> Written:
        """Into this group. NotFound when there is no such group."""


class DeletedStore(ABC):
    @abstractmethod
    def all(self) -> tuple[DeletedMailbox, ...]: ...

    @abstractmethod
    def restore(self, id: str) -> str:
        """The address it has again. NotFound when it is gone for good, ConflictError when the
        name was given out meanwhile, PermanentError when the package has no room.
        """
