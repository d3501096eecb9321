"""Aliases: each leads to one mailbox of the domain, and is changed by being made anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from django.utils.translation import gettext as _

from provisioning.contract import (
    Alias,
    AliasStore,
    InvalidInput,
    ModuleError,
    NotFound,
    PermanentError,
)
from provisioning.modules.polarismail import reading
from provisioning.modules.polarismail.answers import Refusal
from provisioning.modules.polarismail.names import Names, require_room
from provisioning.modules.polarismail.scope import Scope
from provisioning.modules.polarismail.transport import unless_done


class PolarisMailAliases(AliasStore):
    def __init__(self, scope: Scope) -> None:
        scope.require_ready()
        self._scope = scope

    def save(self, alias: Alias, *, create: bool) -> None:
        scope = self._scope
        local = scope.new_local(alias.address)
        target = self._target(alias.targets)
        with scope.alone():
            names = Names.read(scope)
            if create:
                self._make(local, target, names)
            elif local not in names.aliases:
                raise NotFound(_("The alias %(local)s is not on the platform.") % {"local": local})
            elif names.aliases[local] != target:
                self._require_mailbox(target, names)
                self._replace(local, names.aliases[local], target)

    def delete(self, address: str) -> None:
        local = self._scope.local(address)
        if local in self.all():
            self._remove(local)

    def all(self) -> dict[str, str]:
        return reading.aliases(self._scope.client, self._scope.domain)

    def set_for_mailbox(self, address: str, wanted: Iterable[str]) -> tuple[str, ...]:
        """Makes exactly these lead to the mailbox. Sentences on what failed."""
        scope = self._scope
        locals_ = {scope.new_local(alias, field="aliases") for alias in wanted}
        trouble: list[str] = []
        with scope.alone():
            now = {local for local, target in self.all().items() if target == address}
            for local in sorted(now - locals_):
                trouble += self._attempt(local, self._remove)
            for local in sorted(locals_ - now):
                trouble += self._attempt(local, partial(self._make_now, address))
        return tuple(trouble)

    def drop_for(self, address: str) -> None:
        for local, target in self.all().items():
            if target == address:
                self._remove(local)

    def _target(self, targets: tuple[str, ...]) -> str:
        found = self._scope.addresses(targets, field="targets")
        if len(found) != 1:
            raise InvalidInput("targets", _("An alias leads to exactly one mailbox here."))
        self._scope.local(found[0], field="targets")
        return found[0]

    def _require_mailbox(self, target: str, names: Names) -> None:
        if self._scope.local(target, field="targets") not in names.mailboxes:
            raise InvalidInput("targets", _("There is no mailbox %(target)s.") % {"target": target})

    def _make_now(self, target: str, local: str) -> None:
        self._make(local, target, Names.read(self._scope))

    def _make(self, local: str, target: str, names: Names) -> None:
        names.require_free(local)
        require_room(len(names.aliases), self._scope.plan.aliases, _("aliases"), field="address")
        self._require_mailbox(target, names)
        self._add(local, target)

    def _replace(self, local: str, before: str, target: str) -> None:
        """There is no change but remove and add; what cannot be added is put back as it was."""
        self._remove(local)
        try:
            self._add(local, target)
        except ModuleError as error:
            self._put_back(local, before, error)
            raise

    def _put_back(self, local: str, before: str, error: ModuleError) -> None:
        try:
            if local not in self.all():
                self._add(local, before)
        except ModuleError as second:
            raise PermanentError(
                _(
                    "The alias %(local)s to %(before)s was removed, the new one failed "
                    "(%(detail)s), and it could not be put back: %(second)s"
                )
                % {
                    "local": local,
                    "before": before,
                    "detail": error.detail,
                    "second": second.detail,
                },
                message=_("%(address)s was lost while it was being changed. Please add it again.")
                % {"address": self._scope.address(local)},
            ) from None

    def _add(self, local: str, target: str) -> None:
        scope = self._scope
        unless_done(
            lambda: scope.client.call("add_alias", local=local, domain=scope.domain, target=target),
            lambda: self.all().get(local) == target,
        )

    def _remove(self, local: str) -> None:
        scope = self._scope
        try:
            unless_done(
                lambda: scope.client.call("remove_alias", local=local, domain=scope.domain),
                lambda: local not in self.all(),
            )
        except Refusal:
            if local in self.all():
                raise

    def _attempt(self, local: str, act: Callable[[str], None]) -> list[str]:
        try:
            act(local)
        except ModuleError as error:
            return [
                _("The alias %(local)s could not be changed: %(detail)s")
                % {"local": local, "detail": error.detail}
            ]
        return []
