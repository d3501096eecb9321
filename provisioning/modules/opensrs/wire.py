"""What this module asks of the platform, whichever of its two protocols carries it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from provisioning.contract import (
    ConnectionReport,
    DeletedMailbox,
    Group,
    MailboxChange,
    UnsupportedError,
)

MAILBOX, FORWARD, FILTER, ALIAS, LIST = "mailbox", "forward", "filter", "alias", "list"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a product and its options mean for a domain. None: as the company is set."""

    mailboxes: int
    forwards: int
    aliases: int | None
    quota_bytes: int
    quota_maximum_bytes: int
    spam_level: str
    services: Mapping[str, str]
    sent_limit: int | None
    password_strength: str | None
    mark: str = ""


@dataclass(frozen=True, kw_only=True)
class Domain:
    """None: the platform does not tell."""

    disabled: bool | None = None
    notes: str | None = None
    aliases: tuple[str, ...] | None = None
    workgroup: str = ""
    sending: str = ""  # the state of new mailboxes; "" when the platform does not tell


@dataclass(frozen=True, kw_only=True)
class DomainRow:
    """`counts` by kind of account, as the platform says them; None when the list has none."""

    name: str
    counts: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a domain's list of accounts. `target` is an alias's owner, "" when not told."""

    address: str
    kind: str
    workgroup: str = ""
    status: str = ""
    target: str = ""
    recipients: int | None = None
    last_login_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class User:
    """One account in full; of an alias only address and kind."""

    address: str
    kind: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    forwarding: bool = False
    keeps_copy: bool = True
    enabled: bool = True
    size_bytes: int | None = None
    quota_bytes: int | None = None
    last_login_at: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


class Wire(ABC):
    """Addresses and domains are in lower case and punycode. Every method may raise ModuleError."""

    label: str
    # Whether a new domain still lacks what its plan says.
    creates_bare = False
    # Whether aliases outlive their owner instead of being a part of it.
    aliases_are_objects = False

    @abstractmethod
    def check(self) -> ConnectionReport: ...

    @abstractmethod
    def domains(self) -> list[DomainRow]: ...

    @abstractmethod
    def domain(self, name: str) -> Domain | None:
        """None when there is none. NotOwner when it is another reseller's."""

    @abstractmethod
    def create_domain(self, name: str, plan: Plan) -> None: ...

    @abstractmethod
    def change_domain(self, name: str, plan: Plan) -> None: ...

    @abstractmethod
    def set_disabled(self, name: str, *, disabled: bool) -> None: ...

    @abstractmethod
    def delete_domain(self, name: str) -> None:
        """With all that is in it."""

    @abstractmethod
    def change_domain_aliases(
        self, name: str, *, add: Iterable[str], remove: Iterable[str]
    ) -> None: ...

    @abstractmethod
    def count(self, domain: str, kind: str) -> int:
        """Accounts of this kind that exist now, from the platform and from no local table."""

    @abstractmethod
    def counts(self, domain: str) -> Mapping[str, int]: ...

    @abstractmethod
    def rows(self, domain: str) -> list[Row]: ...

    @abstractmethod
    def find(self, address: str) -> User | None: ...

    @abstractmethod
    def create_mailbox(self, address: str, change: MailboxChange) -> tuple[str, ...]:
        """Sentences on parts that could not be set. Without its aliases. ConflictError."""

    @abstractmethod
    def change_mailbox(
        self, now: User, change: MailboxChange, *, services: Mapping[str, str]
    ) -> tuple[str, ...]:
        """`services` are the states that an active mailbox of this product has."""

    @abstractmethod
    def save_forward(
        self, address: str, recipients: tuple[str, ...], *, name: str, create: bool
    ) -> None: ...

    @abstractmethod
    def delete(self, address: str) -> None:
        """NotFound when it is gone already."""

    @abstractmethod
    def change_aliases(self, owner: str, *, add: Iterable[str], remove: Iterable[str]) -> None:
        """The owner's other aliases stay; what was asked for is seen afterwards, or it raises."""

    @abstractmethod
    def groups(self, domain: str) -> list[Group]: ...

    @abstractmethod
    def create_group(self, domain: str, name: str) -> None: ...

    @abstractmethod
    def delete_group(self, domain: str, name: str) -> None: ...

    @abstractmethod
    def move(self, address: str, name: str) -> None: ...

    def stop_sending(self, domain: str) -> None:
        """Of all mailboxes and those to come. What is off for another reason stays as it is."""
        raise UnsupportedError(f"{self.label} cannot stop outgoing mail alone; OMA can.")

    def stop_sending_of(self, address: str) -> None:
        raise UnsupportedError(f"{self.label} cannot stop outgoing mail alone; OMA can.")

    def allow_sending(self, domain: str, services: Mapping[str, str]) -> None:
        """Takes back what `stop_sending` did; `services` as the product has them."""
        raise UnsupportedError(f"{self.label} cannot stop outgoing mail alone; OMA can.")

    def deleted(self, domain: str) -> list[DeletedMailbox]:
        raise UnsupportedError(f"{self.label} cannot bring back what was deleted; OMA can.")

    def restore(self, row: DeletedMailbox) -> None:
        raise UnsupportedError(f"{self.label} cannot bring back what was deleted; OMA can.")

    def sign_on_token(self, address: str) -> str:
        raise UnsupportedError(f"{self.label} has no sign-on for mailboxes; OMA has.")

    def disk_of_domain(self, domain: str) -> int | None:
        """In bytes, None when the platform does not tell."""
        raise UnsupportedError(f"{self.label} tells no disk usage; OMA does.")

    def disk_report(self) -> Mapping[str, int]:
        """Bytes by domain, all domains of the company in one report."""
        raise UnsupportedError(f"{self.label} tells no disk usage; OMA does.")

    @property
    def meters_disk(self) -> bool:
        return False
