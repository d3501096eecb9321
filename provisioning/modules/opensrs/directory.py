"""The whole directory of one domain: its list of accounts, and of small domains each in full."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from provisioning.contract import (
    Alias,
    DomainAlias,
    Mailbox,
    MailingList,
    ModuleError,
    NotFound,
    Snapshot,
)
from provisioning.modules.opensrs.mailboxes import mailbox_of
from provisioning.modules.opensrs.scope import Scope, our_domain
from provisioning.modules.opensrs.wire import ALIAS, FORWARD, LIST, MAILBOX, Row, User, Wire


@dataclass
class _Details:
    """Accounts in full while few enough and while the platform answers; then only their rows."""

    wire: Wire
    allowed: bool
    trouble: list[str] = field(default_factory=list)

    def of(self, row: Row) -> User | None:
        if not self.allowed:
            return None
        try:
            return self.wire.find(row.address)
        except NotFound:
            return None
        except ModuleError as error:
            self.allowed = False
            self.trouble.append(f"Names and sizes could not all be read: {error.detail}")
            return None


def snapshot(scope: Scope, *, details_up_to: int) -> Snapshot:
    scope.require_claim()
    found = our_domain(scope)
    rows = scope.wire.rows(scope.domain)
    mailboxes = _of_kind(rows, MAILBOX)
    details = _Details(scope.wire, allowed=len(mailboxes) <= details_up_to)
    read = tuple(_mailbox(scope, row, details.of(row)) for row in mailboxes)
    aliases = found.aliases
    return Snapshot(
        mailboxes=read,
        aliases=tuple(_alias(row) for row in _of_kind(rows, ALIAS)),
        lists=tuple(_forward(row) for row in _of_kind(rows, FORWARD)),
        domain_aliases=None if aliases is None else tuple(DomainAlias(name=n) for n in aliases),
        unreadable=(*details.trouble, *_not_shown(rows)),
    )


def _of_kind(rows: Iterable[Row], kind: str) -> list[Row]:
    return [row for row in rows if row.kind == kind]


def _mailbox(scope: Scope, row: Row, user: User | None) -> Mailbox:
    if user is not None and user.kind == MAILBOX:
        return mailbox_of(user)
    return Mailbox(
        address=row.address,
        # With outgoing mail stopped every mailbox has that status.
        enabled=scope.restricted or row.status != "suspended",
        last_login_at=row.last_login_at,
        extra={"workgroup": row.workgroup},
        brief=True,
    )


def _alias(row: Row) -> Alias:
    return Alias(address=row.address, targets=(row.target,) if row.target else ())


def _forward(row: Row) -> MailingList:
    return MailingList(
        address=row.address, member_count=row.recipients, extra={"workgroup": row.workgroup}
    )


def _not_shown(rows: Iterable[Row]) -> tuple[str, ...]:
    lists = _of_kind(rows, LIST)
    return (f"{len(lists)} mailing lists of the platform are not shown here.",) if lists else ()
