"""The whole mail directory of one domain: one list, and a form per mailbox for the aliases."""

from __future__ import annotations

from provisioning.contract import Alias, ModuleError, Snapshot
from provisioning.modules.ispmanager.aliases import aliases_of
from provisioning.modules.ispmanager.answers import Node
from provisioning.modules.ispmanager.lists import list_of
from provisioning.modules.ispmanager.mail_rows import is_list, mail_rows
from provisioning.modules.ispmanager.mailboxes import mailbox_of
from provisioning.modules.ispmanager.scope import Scope


def snapshot(scope: Scope) -> Snapshot:
    rows = mail_rows(scope)
    aliases, trouble = _aliases(scope, rows)
    return Snapshot(
        mailboxes=tuple(mailbox_of(row) for row in rows if not is_list(row)),
        aliases=aliases,
        lists=tuple(list_of(row) for row in rows if is_list(row)),
        unreadable=trouble,
    )


def _aliases(scope: Scope, rows: list[Node]) -> tuple[tuple[Alias, ...] | None, tuple[str, ...]]:
    try:
        found = [
            Alias(address=f"{name}@{scope.domain}", targets=(full,))
            for full, names in aliases_of(scope, rows)
            for name in names
        ]
    except ModuleError as error:
        return None, (f"Aliases could not be read: {error.detail}",)
    return tuple(sorted(found, key=lambda alias: alias.address)), ()
