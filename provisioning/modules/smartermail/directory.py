"""The whole directory of one domain in a handful of calls, however many mailboxes it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from provisioning.contract import (
    Alias,
    DomainAlias,
    FeatureState,
    Mailbox,
    ModuleError,
    Snapshot,
)
from provisioning.modules.smartermail.accounts import (
    ALIAS,
    Row,
    account_rows,
    is_mailbox,
    moment,
    name_of,
    quick_rows,
)
from provisioning.modules.smartermail.aliases import WIRE_FLAGS, SmarterMailAliases
from provisioning.modules.smartermail.domain_aliases import SmarterMailDomainAliases
from provisioning.modules.smartermail.features import read_features
from provisioning.modules.smartermail.lists import SmarterMailLists
from provisioning.modules.smartermail.scope import Scope, whole

T = TypeVar("T")


def snapshot(scope: Scope) -> Snapshot:
    """Forwards are not in it: they cost a call per mailbox and are read when one is opened."""
    trouble: list[str] = []

    def part(label: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except ModuleError as error:
            trouble.append(f"{label} could not be read: {error.detail}")
            return None

    rows = account_rows(scope, "users", "aliases")
    sizes = part("Mailbox sizes", lambda: quick_rows(scope)) or []
    features = part("ActiveSync and MAPI", lambda: read_features(scope))
    return Snapshot(
        mailboxes=_mailboxes(scope, rows, sizes, features or FeatureState(enabled={})),
        aliases=part("Aliases", lambda: _aliases(scope, rows)),
        lists=part("Mailing lists", lambda: SmarterMailLists(scope).all()),
        domain_aliases=part("Domain aliases", lambda: _domain_aliases(scope)),
        unreadable=tuple(trouble),
    )


def _mailboxes(
    scope: Scope, rows: list[Row], quick: list[Row], features: FeatureState
) -> tuple[Mailbox, ...]:
    sizes = {name_of(row): row for row in quick}
    return tuple(
        _mailbox(scope, row, sizes.get(name_of(row), {}), features)
        for row in rows
        if is_mailbox(row) and name_of(row) not in ("", scope.hidden)
    )


def _mailbox(scope: Scope, row: Row, quick: Row, features: FeatureState) -> Mailbox:
    address = scope.address(name_of(row))
    size = whole(quick.get("bytesUsed"))
    return Mailbox(
        address=address,
        display_name=str(row.get("fullName") or row.get("displayName") or ""),
        size_bytes=whole(row.get("totalMailboxSize")) if size is None else size,
        quota_bytes=_quota(quick),
        enabled=row.get("isEnabled") is not False,
        last_login_at=moment(row.get("lastLogin") or quick.get("lastLoginTime")),
        features=frozenset(c for c, addresses in features.enabled.items() if address in addresses),
    )


def _quota(quick: Row) -> int | None:
    """`bytesAllowed` null is unlimited; a missing row or key is unknown."""
    if "bytesAllowed" not in quick:
        return None
    return 0 if quick["bytesAllowed"] is None else whole(quick["bytesAllowed"])


def _aliases(scope: Scope, rows: list[Row]) -> tuple[Alias, ...]:
    described: dict[str, Row] = {
        name_of(row): row for row in rows if row.get("accountType") == ALIAS
    }
    targets = SmarterMailAliases(scope).all()
    return tuple(
        Alias(
            address=scope.address(name),
            targets=tuple(targets[name]),
            display_name=str(described.get(name, {}).get("displayName") or ""),
            flags=_flags(described.get(name, {})),
        )
        for name in sorted(targets)
    )


def _flags(row: Mapping[str, Any]) -> dict[str, bool]:
    return {code: bool(row.get(wire)) for code, wire in WIRE_FLAGS.items() if wire in row}


def _domain_aliases(scope: Scope) -> tuple[DomainAlias, ...]:
    return tuple(DomainAlias(name=name) for name in SmarterMailDomainAliases(scope).all())
