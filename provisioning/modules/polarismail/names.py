"""Mailboxes, aliases and lists share one name space, and each kind has its limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

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
            (self.mailboxes, _("There is a mailbox %(address)s already.")),
            (self.aliases, _("There is an alias %(address)s already.")),
            (self.lists, _("There is a distribution list %(address)s already.")),
        )
        for names, told in kinds:
            if local in names:
                taken = told % {"address": f"{local}@{self.domain}"}
                raise ConflictError(taken, message=taken)

    def count(self, kind: str) -> int:
        """Mailboxes of a type, disabled ones too; an untold type counts as Basic."""
        return sum((row.type or wire.BASIC) == kind for row in self.mailboxes.values())


def require_room(used: int, most: int, noun: str, *, field: str) -> None:
    """InvalidInput(field) when one more would be one too many."""
    if used >= most:
        raise InvalidInput(
            field,
            _("Your package has %(most)s %(noun)s, and %(used)s exist already.")
            % {"most": most, "noun": noun, "used": used},
        )
