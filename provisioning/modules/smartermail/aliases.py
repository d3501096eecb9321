"""Aliases and redirects, and the aliases of one mailbox by difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    Alias,
    AliasStore,
    ConflictError,
    Field,
    InvalidInput,
    Kind,
    ModuleError,
    NotFound,
    unless_done,
)
from provisioning.modules.smartermail.scope import Scope, local_part

ALIAS_FLAGS = (
    Field(
        code="allow_sending",
        label=_("May be used as sender"),
        kind=Kind.BOOLEAN,
        default=False,
    ),
    Field(
        code="hide_from_gal",
        label=_("Hidden from the global address list"),
        kind=Kind.BOOLEAN,
        default=False,
    ),
    Field(
        code="internal_only",
        label=_("Internal senders only"),
        kind=Kind.BOOLEAN,
        default=False,
    ),
)
IN_USE = gettext_noop("This name is already in use.")
WIRE_FLAGS = {
    "allow_sending": "allowSending",
    "hide_from_gal": "hideFromGAL",
    "internal_only": "internalOnly",
}


class SmarterMailAliases(AliasStore):
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._way = scope.way

    def save(self, alias: Alias, *, create: bool) -> None:
        name = self._scope.new_local(alias.address)
        targets = self._scope.targets(alias.targets, field="targets")
        if not targets:
            raise InvalidInput("targets", gettext("Enter at least one target."))
        if self._scope.address(name) in targets:
            raise InvalidInput("targets", gettext("An alias cannot deliver to itself."))
        wire = {**_wire_flags(alias.flags), "aliasTargetList": targets}
        if alias.display_name:
            wire["displayName"] = alias.display_name.strip()
        if create:
            self._create(name, wire)
        else:
            self._replace(name, wire)

    def delete(self, address: str) -> None:
        name = self._scope.local(address)
        try:
            unless_done(
                lambda: self._way.post("alias-delete", name), lambda: self.find(name) is None
            )
        except NotFound:
            return

    def all(self) -> dict[str, list[str]]:
        """Full target addresses by local name: one call, and `alias/{name}` where it lacks them."""
        found: dict[str, list[str]] = {}
        for row in self._grid():
            name = local_part(str(row.get("name") or ""))
            targets = row.get("targets")
            if name and not isinstance(targets, list):
                targets = (self.find(name) or {}).get("aliasTargetList")
            if name:
                found[name] = self._full(targets)
        return found

    def find(self, name: str) -> dict[str, Any] | None:
        try:
            alias = self._way.get("alias", name).get("alias")
        except NotFound:
            return None
        return dict(alias) if isinstance(alias, Mapping) and alias.get("name") else None

    def set_for_mailbox(self, address: str, wanted: Iterable[str]) -> tuple[str, ...]:
        """Makes exactly these addresses deliver to the mailbox. Sentences on what failed."""
        names = {self._scope.new_local(alias, field="aliases") for alias in wanted}
        present = self.all()
        now = {name for name, targets in present.items() if address in targets}
        trouble = []
        for name in sorted(names - now):
            trouble += _attempt(self._add_target, name, address)
        for name in sorted(now - names):
            rest = [target for target in present[name] if target != address]
            trouble += _attempt(self._keep_targets, name, rest)
        return tuple(trouble)

    def drop_only_for(self, address: str) -> None:
        """Deletes the aliases that deliver to this mailbox and nowhere else."""
        for name, targets in self.all().items():
            if targets == [address]:
                self.delete(self._scope.address(name))

    def _grid(self) -> list[Mapping[str, Any]]:
        rows = self._way.get("aliases").get("gridInfo")
        return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []

    def _full(self, targets: Any) -> list[str]:
        values = targets if isinstance(targets, list) else []
        return list(dict.fromkeys(self._scope.full(str(target)) for target in values))

    def _create(self, name: str, wire: Mapping[str, Any]) -> None:
        if self.find(name):
            raise ConflictError(f"{name} is an alias already.", message=IN_USE)
        body = {
            "alias": {
                "name": name,
                "displayName": name,
                **dict.fromkeys(WIRE_FLAGS.values(), False),
                **wire,
            },
            "oldName": "",
        }
        unless_done(
            lambda: self._way.post("alias-put", json=body), lambda: self.find(name) is not None
        )

    def _replace(self, name: str, wire: Mapping[str, Any]) -> None:
        """The other properties of the alias go back as they came."""
        present = self.find(name)
        if present is None:
            raise NotFound(gettext("The alias %(name)s is not on the server.") % {"name": name})
        self._way.post("alias", json={"oldName": name, "alias": {**present, **wire}})

    def _add_target(self, name: str, address: str) -> None:
        present = self.find(name)
        if present is None:
            self._create(name, {"aliasTargetList": [address]})
            return
        targets = self._full(present.get("aliasTargetList"))
        if address not in targets:
            self._replace(name, {"aliasTargetList": [*targets, address]})

    def _keep_targets(self, name: str, targets: list[str]) -> None:
        if targets:
            self._replace(name, {"aliasTargetList": targets})
        else:
            self.delete(self._scope.address(name))


def _wire_flags(flags: Mapping[str, bool]) -> dict[str, Any]:
    strange = set(flags) - set(WIRE_FLAGS)
    if strange:
        raise InvalidInput(
            "flags", gettext("Unknown option: %(names)s.") % {"names": ", ".join(sorted(strange))}
        )
    return {WIRE_FLAGS[code]: bool(value) for code, value in flags.items()}


def _attempt(act: Callable[..., None], name: str, value: Any) -> list[str]:
    try:
        act(name, value)
    except ModuleError as error:
        return [
            gettext("The alias %(name)s could not be changed: %(detail)s")
            % {"name": name, "detail": error.detail}
        ]
    return []
