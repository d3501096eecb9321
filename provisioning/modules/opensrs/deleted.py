"""What was deleted stays with the platform for 30 days and can be brought back under its name."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from provisioning.contract import (
    ConflictError,
    DeletedMailbox,
    DeletedStore,
    NotFound,
    PermanentError,
    unless_done,
)
from provisioning.modules.opensrs.scope import Scope
from provisioning.modules.opensrs.stores import check_room
from provisioning.modules.opensrs.wire import FORWARD, MAILBOX

_TAKEN = _("This name was given out again. Delete or rename what has it now, then restore.")


class OpenSrsDeleted(DeletedStore):
    def __init__(self, scope: Scope) -> None:
        scope.require_claim()
        self._scope = scope
        self._wire = scope.wire

    def all(self) -> tuple[DeletedMailbox, ...]:
        rows = self._wire.deleted(self._scope.domain)
        own = f"@{self._scope.domain}"
        return tuple(row for row in rows if row.address.endswith(own))

    def restore(self, id: str) -> str:
        with self._scope.lock():
            row = next((one for one in self.all() if one.id == id), None)
            if row is None:
                raise NotFound("This can no longer be restored.")
            if row.kind in (MAILBOX, FORWARD):
                check_room(self._scope, row.kind)
            if self._wire.find(row.address) is not None:
                raise ConflictError(f"{row.address} exists again.", message=_TAKEN)
            unless_done(
                lambda: self._wire.restore(row), lambda: self._wire.find(row.address) is not None
            )
            if self._wire.find(row.address) is None:
                raise PermanentError(f"The platform accepted it, yet {row.address} is not there.")
            if self._scope.restricted and row.kind == MAILBOX:
                self._wire.stop_sending_of(row.address)
        return row.address
