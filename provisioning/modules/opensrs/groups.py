"""Workgroups: labels inside a domain. Every account is in one of them; mail is not sent to them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    ConflictError,
    Group,
    GroupStore,
    InvalidInput,
    ModuleError,
    NotFound,
    PermanentError,
    TemporaryError,
    Written,
    unless_done,
)
from provisioning.modules.opensrs.scope import Scope
from provisioning.modules.opensrs.settings import GROUP_NAME

_TAKEN = _("There is a workgroup of this name already.")


class OpenSrsGroups(GroupStore):
    def __init__(self, scope: Scope) -> None:
        scope.require_claim()
        self._scope = scope
        self._wire = scope.wire

    def all(self) -> tuple[Group, ...]:
        return tuple(self._wire.groups(self._scope.domain))

    def create(self, name: str) -> None:
        label = _checked(name)
        with self._scope.lock():
            if self._find(label) is not None:
                raise ConflictError(f"The workgroup {label} exists already.", message=_TAKEN)
            unless_done(
                lambda: self._wire.create_group(self._scope.domain, label),
                lambda: self._find(label) is not None,
            )

    def delete(self, name: str) -> None:
        with self._scope.lock():
            found = self._find(name)
            if found is None:
                return
            _check_removable(found)
            self._delete(found.name)

    def move(self, addresses: Iterable[str], name: str) -> Written:
        whole = [self._scope.address(address) for address in addresses]
        with self._scope.lock():
            found = self._find(name)
            if found is None:
                raise NotFound(f"There is no workgroup {name}.")
            incomplete = [self._moved(address, found.name) for address in whole]
        return Written(incomplete=tuple(sentence for sentence in incomplete if sentence))

    def _find(self, name: str) -> Group | None:
        wanted = name.strip().lower()
        return next((group for group in self.all() if group.name.lower() == wanted), None)

    def _delete(self, name: str) -> None:
        try:
            unless_done(
                lambda: self._wire.delete_group(self._scope.domain, name),
                lambda: self._find(name) is None,
            )
        except NotFound:
            return

    def _moved(self, address: str, name: str) -> str:
        """A sentence when it could not be moved; a platform that is away ends the whole act."""
        try:
            self._wire.move(address, name)
        except TemporaryError:
            raise
        except ModuleError as error:
            return gettext("%(address)s could not be moved: %(detail)s") % {
                "address": address,
                "detail": error.detail,
            }
        return ""


def _checked(name: str) -> str:
    label = name.strip()
    if not GROUP_NAME.fullmatch(label):
        raise InvalidInput(
            "name", gettext("Use letters, digits, hyphens and underscores, 30 at most.")
        )
    return label


def _check_removable(group: Group) -> None:
    if group.is_default:
        raise PermanentError(
            f"{group.name} is the default workgroup.",
            message=gettext("The default workgroup cannot be deleted."),
        )
    if group.members:
        raise PermanentError(
            f"{group.name} has {group.members} members.",
            message=gettext("This workgroup has %(members)s members. Move them first.")
            % {"members": group.members},
        )
