"""Aliases: further addresses of exactly one account. They cost nothing and are not counted.

The platform keeps them as a list of their owner and replaces the whole list, so every change reads
it, merges, writes and reads back, one at a time per domain.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    Alias,
    AliasStore,
    ConflictError,
    InvalidInput,
    ModuleError,
    NotFound,
    PermanentError,
    unless_done,
)
from provisioning.modules.opensrs.scope import Scope
from provisioning.modules.opensrs.settings import setting
from provisioning.modules.opensrs.wire import ALIAS, FORWARD, MAILBOX, Row

_TAKEN = _("This name is already in use.")
_ONE_OWNER = _(
    "An alias is a further address of one mailbox or forward of this domain. "
    "For several targets, or addresses elsewhere, create a forward."
)


class OpenSrsAliases(AliasStore):
    def __init__(self, scope: Scope) -> None:
        scope.require_claim()
        self._scope = scope
        self._wire = scope.wire

    def save(self, alias: Alias, *, create: bool) -> None:
        name = self._scope.new_address(alias.address)
        owner = self._owner(name, alias.targets)
        with self._scope.lock():
            if create:
                self._create(name, owner)
            else:
                self._hand_over(name, owner)

    def delete(self, address: str) -> None:
        """By the owner's list: deleting it as an account would do nothing, or the wrong thing."""
        name = self._scope.address(address)
        with self._scope.lock():
            row = self._row(name)
            if row is not None:
                self._take_from(row)

    def set_for(self, owner: str, wanted: Iterable[str]) -> None:
        """Exactly these in this domain; those in other domains stay. The caller holds the lock."""
        found = self._wire.find(owner)
        if found is None:
            raise NotFound(f"{owner} is not on the platform.")
        now = {alias for alias in found.aliases if alias.endswith(f"@{self._scope.domain}")}
        names = set(wanted)
        self._check_room(len(names - now) - len(now - names))
        self._change(owner, add=names - now, remove=now - names)

    def _create(self, name: str, owner: str) -> None:
        if self._wire.find(name) is not None:
            raise ConflictError(f"{name} exists already.", message=_TAKEN)
        self._check_room(1)
        self._change(owner, add=[name])

    def _hand_over(self, name: str, owner: str) -> None:
        """A name belongs to one account, so it leaves the old one first, and returns on failure."""
        row = self._row(name)
        if row is None:
            raise NotFound(f"{name} is no alias on the platform.")
        if row.target == owner:
            return
        if not row.target:
            raise PermanentError(
                f"The platform does not tell whose alias {name} is.",
                message=gettext("This alias cannot be changed. Delete it and create it anew."),
            )
        self._change(row.target, remove=[name])
        try:
            self._change(owner, add=[name])
        except ModuleError:
            self._change(row.target, add=[name])
            raise

    def _take_from(self, row: Row) -> None:
        if row.target:
            self._change(row.target, remove=[row.address])
        else:
            self._wire.change_aliases(row.address, add=(), remove=[row.address])

    def _change(self, owner: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        more, fewer = list(add), list(remove)

        def done() -> bool:
            found = self._wire.find(owner)
            return found is not None and (
                set(more) <= set(found.aliases) and not set(fewer) & set(found.aliases)
            )

        unless_done(lambda: self._wire.change_aliases(owner, add=more, remove=fewer), done)

    def _owner(self, name: str, targets: tuple[str, ...]) -> str:
        given = self._scope.recipients(targets, field="targets")
        if len(given) != 1 or given[0].rpartition("@")[2] != self._scope.domain:
            raise InvalidInput("targets", _ONE_OWNER)
        if given[0] == name:
            raise InvalidInput("targets", gettext("An alias cannot deliver to itself."))
        found = self._wire.find(given[0])
        if found is None:
            raise InvalidInput(
                "targets", gettext("%(address)s does not exist.") % {"address": given[0]}
            )
        if found.kind not in (MAILBOX, FORWARD):
            raise InvalidInput("targets", gettext("An alias cannot point to another alias."))
        return given[0]

    def _row(self, name: str) -> Row | None:
        rows = self._wire.rows(self._scope.domain)
        return next((row for row in rows if row.kind == ALIAS and row.address == name), None)

    def _check_room(self, more: int) -> None:
        most = int(setting(self._scope.account.settings, "alias_limit"))
        if not most or more <= 0:
            return
        exist = sum(row.kind == ALIAS for row in self._wire.rows(self._scope.domain))
        if exist + more > most:
            raise PermanentError(
                f"{exist} of {most} aliases are in use.",
                message=gettext("Your package has %(most)s aliases, and %(exist)s exist.")
                % {"most": most, "exist": exist},
            )
