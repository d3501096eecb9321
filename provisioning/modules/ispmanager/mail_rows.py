"""Rows of the panel's list of mailboxes, which holds distribution lists and pure forwards too."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from provisioning.contract import InvalidInput, NotFound, unless_done
from provisioning.modules.ispmanager.answers import Node
from provisioning.modules.ispmanager.limits import MIB
from provisioning.modules.ispmanager.scope import Scope, ascii_domain

# The panel has no lists of its own: a note marks which of its mailboxes are lists.
LIST_MARK = "[list]"
_LONGEST_NOTE = 100
_LARGEST = Decimal(2**63)


def is_list(row: Node) -> bool:
    return row.value("note").startswith(LIST_MARK)


def mail_rows(scope: Scope) -> list[Node]:
    """Of the service's domain; the account may have other domains too."""
    rows = scope.client.rows("email", scope.as_user)
    return [row for row in rows if domain_of(row) == scope.domain]


def mail_row(scope: Scope, full: str) -> Node | None:
    return next((row for row in mail_rows(scope) if address_of(row) == full), None)


def address_of(row: Node) -> str:
    """Panels may show international domains in letters."""
    return f"{row.value('name').rpartition('@')[0].lower()}@{domain_of(row)}"


def domain_of(row: Node) -> str:
    return ascii_domain(row.value("name").rpartition("@")[2])


def form_of(scope: Scope, full: str) -> Node:
    return scope.client.form("email.edit", full, scope.as_user)


def apply(scope: Scope, body: dict[str, str]) -> None:
    scope.client.apply("email.edit", {**scope.as_user, **body})


def delete_address(scope: Scope, full: str) -> None:
    try:
        unless_done(
            lambda: scope.client.act("email.delete", full, scope.as_user),
            lambda: mail_row(scope, full) is None,
        )
    except NotFound:
        return


def plain_note(value: str, *, field: str) -> str:
    """One line, which cannot be taken for the mark of a list. InvalidInput."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    if len(plain) > _LONGEST_NOTE:
        raise InvalidInput(
            field, _("Use at most %(number)s characters.") % {"number": _LONGEST_NOTE}
        )
    if plain.startswith(LIST_MARK):
        raise InvalidInput(field, _("This cannot begin with %(mark)s.") % {"mark": LIST_MARK})
    return plain


def mebibytes(text: str) -> Decimal | None:
    """Whole bytes of a size in MiB; None for what is no plausible size."""
    try:
        size = Decimal(text) * MIB
    except InvalidOperation:
        return None
    if not size.is_finite() or not 0 <= size < _LARGEST:
        return None
    return size.to_integral_value()
