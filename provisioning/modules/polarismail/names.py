"""Mailboxes, aliases and lists share one name space, and each kind has its limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.contract import ConflictError, InvalidInput
from provisioning.modules.polarismail import reading, wire
from provisioning.modules.polarismail.reading import MailboxRow
from provisioning.modules.polarismail.scope import Scope


@dataclass(frozen=True)
class Names:
    """Everything in the domain by local name, read at one moment."""

    domain: str
    mailboxes: Mapping[str, MailboxRow]
    aliases: Mapping[str, str]
    lists: frozenset[str]

    @classmethod
    def read(cls, scope: Scope) -> Names:
        client, domain = scope.client, scope.domain
        return cls(
            domain=domain,
            mailboxes={row.local: row for row in reading.mailboxes(client, domain)},
            aliases=reading.aliases(client, domain),
            lists=frozenset(reading.lists(client, domain)),
        )

    def require_free(self, local: str) -> None:
        """ConflictError."""
        kinds = (
            (self.mailboxes, "mailbox"),
            (self.aliases, "alias"),
            (self.lists, "distribution list"),
        )
        for names, noun in kinds:
            if local in names:
                taken = f"There is a {noun} {local}@{self.domain} already."
                raise ConflictError(taken, message=taken)

    def count(self, kind: str) -> int:
        """Mailboxes of a type, disabled ones too; an untold type counts as Basic."""
        return sum((row.type or wire.BASIC) == kind for row in self.mailboxes.values())


def require_room(used: int, most: int, noun: str, *, field: str) -> None:
    """InvalidInput(field) when one more would be one too many."""
    if used >= most:
        raise InvalidInput(field, f"Your package has {most} {noun}, and {used} exist already.")
