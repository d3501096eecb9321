"""Further domains whose mail arrives in this one."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from provisioning.contract import ConflictError, DomainAliasStore, InvalidInput, unless_done
from provisioning.modules.opensrs.scope import Scope, ascii_domain, our_domain

_TAKEN = _("This domain is already in use on the mail platform.")


class OpenSrsDomainAliases(DomainAliasStore):
    def __init__(self, scope: Scope) -> None:
        scope.require_claim()
        self._scope = scope
        self._wire = scope.wire

    def all(self) -> tuple[str, ...] | None:
        return our_domain(self._scope).aliases

    def add(self, name: str) -> None:
        alias = ascii_domain(name, field="name")
        if alias == self._scope.domain:
            raise InvalidInput("name", gettext("This is the domain itself."))
        with self._scope.lock():
            if alias in (self.all() or ()) or self._wire.domain(alias) is not None:
                raise ConflictError(f"{alias} exists on the platform already.", message=_TAKEN)
            self._change(add=[alias])

    def delete(self, name: str) -> None:
        alias = ascii_domain(name, field="name")
        with self._scope.lock():
            if alias in (self.all() or (alias,)):
                self._change(remove=[alias])

    def _change(self, *, add: list[str] | None = None, remove: list[str] | None = None) -> None:
        more, fewer = add or [], remove or []

        def done() -> bool:
            now = set(self.all() or ())
            return set(more) <= now and not set(fewer) & now

        unless_done(
            lambda: self._wire.change_domain_aliases(self._scope.domain, add=more, remove=fewer),
            done,
        )
