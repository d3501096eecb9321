"""The whole directory of one domain in a handful of calls, however many mailboxes it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from provisioning.contract import Alias, DomainAlias, ModuleError, Snapshot
from provisioning.modules.polarismail import reading
from provisioning.modules.polarismail.lists import PolarisMailLists
from provisioning.modules.polarismail.mailboxes import mailbox_of
from provisioning.modules.polarismail.scope import Scope

T = TypeVar("T")


def snapshot(scope: Scope) -> Snapshot:
    scope.require_ready()
    client, domain = scope.client, scope.domain
    trouble: list[str] = []

    def part(label: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except ModuleError as error:
            trouble.append(f"{label} could not be read: {error.detail}")
            return None

    rows = reading.mailboxes(client, domain)
    forwards = part("Forwards", lambda: reading.forwards(client, domain)) or {}
    return Snapshot(
        mailboxes=tuple(mailbox_of(scope, row, forwards.get(row.local, ())) for row in rows),
        aliases=part("Aliases", lambda: _aliases(scope)),
        lists=part("Distribution lists", lambda: PolarisMailLists(scope).all()),
        domain_aliases=part("Domain aliases", lambda: _domain_aliases(scope)),
        unreadable=tuple(trouble),
    )


def _aliases(scope: Scope) -> tuple[Alias, ...]:
    found = reading.aliases(scope.client, scope.domain)
    return tuple(
        Alias(address=scope.address(local), targets=(target,))
        for local, target in sorted(found.items())
    )


def _domain_aliases(scope: Scope) -> tuple[DomainAlias, ...]:
    names = reading.domain_aliases(scope.client, scope.domain)
    return tuple(DomainAlias(name=name) for name in names)
