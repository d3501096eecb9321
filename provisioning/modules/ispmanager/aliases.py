"""Aliases: further local parts of one mailbox, kept in a field of its form.

The panel's list of mailboxes does not have them, so finding one means reading form after form.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from provisioning.contract import (
    Alias,
    AliasStore,
    ConflictError,
    InvalidInput,
    ModuleError,
    NotFound,
    TemporaryError,
)
from provisioning.modules.ispmanager.answers import Node
from provisioning.modules.ispmanager.failures import Exists
from provisioning.modules.ispmanager.mail_rows import address_of, apply, form_of, is_list, mail_rows
from provisioning.modules.ispmanager.scope import Scope

# Seconds left for the rest of the work when forms are read one by one.
_RESERVE = 2.0


class IspAliases(AliasStore):
    def __init__(self, scope: Scope) -> None:
        scope.require_claim()
        self._scope = scope

    def save(self, alias: Alias, *, create: bool) -> None:
        name, target = self._scope.local(alias.address), self._target(alias)
        rows = mail_rows(self._scope)
        taken = {address_of(row) for row in rows}
        if target not in taken:
            raise InvalidInput(
                "targets", _("%(target)s is no mailbox of this domain.") % {"target": target}
            )
        if f"{name}@{self._scope.domain}" in taken:
            raise ConflictError(f"{name} is a mailbox already.", message=Exists.message)
        holder = self._holder(name, rows)
        if create and holder:
            raise ConflictError(f"{name} is an alias of {holder}.", message=Exists.message)
        if not create and not holder:
            raise NotFound(f"The alias {name} is not on the server.")
        if holder != target:
            self._move(name, holder, target)

    def delete(self, address: str) -> None:
        name = self._scope.local(address)
        holder = self._holder(name, mail_rows(self._scope))
        if holder:
            self._take(name, holder)

    def _target(self, alias: Alias) -> str:
        if len(alias.targets) != 1:
            raise InvalidInput(
                "targets", _("An alias leads to exactly one mailbox of this domain.")
            )
        return self._scope.address(alias.targets[0], field="targets")

    def _holder(self, name: str, rows: list[Node]) -> str:
        """The mailbox that has the alias; "" when there is none."""
        found = (full for full, aliases in aliases_of(self._scope, rows) if name in aliases)
        return next(found, "")

    def _move(self, name: str, holder: str, target: str) -> None:
        """No two mailboxes can have it at once; if the second step fails it goes back."""
        if holder:
            self._take(name, holder)
        try:
            self._give(name, target)
        except ModuleError as error:
            if holder:
                self._give_back(name, holder, error)
            raise

    def _give_back(self, name: str, holder: str, error: ModuleError) -> None:
        try:
            self._give(name, holder)
        except ModuleError as second:
            error.detail += f" And {name} could not be given back to {holder}: {second.detail}"

    def _give(self, name: str, full: str) -> None:
        present = names_in(form_of(self._scope, full))
        if name not in present:
            self._write(full, [*present, name])

    def _take(self, name: str, full: str) -> None:
        present = names_in(form_of(self._scope, full))
        self._write(full, [other for other in present if other != name])

    def _write(self, full: str, names: list[str]) -> None:
        """The field is replaced as a whole; read back, since another may have written meanwhile."""
        apply(self._scope, {"elid": full, "aliases": " ".join(names)})
        if set(names_in(form_of(self._scope, full))) != set(names):
            raise TemporaryError(f"The aliases of {full} are not what was set.", maybe_applied=True)


def aliases_of(scope: Scope, rows: list[Node]) -> Iterator[tuple[str, list[str]]]:
    """(mailbox, local parts). TemporaryError when there are too many to read in time."""
    for row in rows:
        if is_list(row):
            continue
        if scope.client.link.http.remaining() < _RESERVE:
            raise TemporaryError(f"{len(rows)} mailboxes are too many to read in this time.")
        full = address_of(row)
        yield full, names_in(row if "aliases" in row else form_of(scope, full))


def names_in(form: Node) -> list[str]:
    return [name.partition("@")[0].lower() for name in form.value("aliases").split()]
