"""What was deleted and can still be brought back."""

from __future__ import annotations

from accounts import audit
from provisioning.contract import DeletedMailbox, ModuleError
from provisioning.directory import refreshing
from provisioning.directory.opening import reading, writing
from provisioning.engine.dispatch import send_on_commit
from provisioning.models import Service


def list_deleted(service: Service) -> tuple[DeletedMailbox, ...]:
    """Fresh from the platform, by address."""
    with reading(service) as opened:
        found = opened.module.deleted(opened.account).all()
    return tuple(sorted(found, key=lambda row: (row.address, row.id)))


def restore(service: Service, key: str) -> str:
    """The address it has again. NotFound, ConflictError, PermanentError when there is no room."""
    with writing(service) as opened:
        address = opened.module.deleted(opened.account).restore(key)
    audit.record("mailbox.restored", service, after={"address": address})
    try:
        refreshing.refresh(service)
    except ModuleError:
        send_on_commit("refresh_directory", service.pk)
    return address
