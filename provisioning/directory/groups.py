"""Groups of mailboxes. Nothing is mirrored: they are few, and the platform counts their members."""

from __future__ import annotations

from collections.abc import Iterable

from accounts import audit
from provisioning.contract import Group, Written
from provisioning.directory.opening import reading, writing
from provisioning.engine.dispatch import send_on_commit
from provisioning.models import Service


def list_groups(service: Service) -> tuple[Group, ...]:
    """Fresh from the platform, the default one first."""
    with reading(service) as opened:
        found = opened.module.groups(opened.account).all()
    return tuple(sorted(found, key=lambda group: (not group.is_default, group.name.lower())))


def create_group(service: Service, name: str) -> None:
    """InvalidInput("name"), ConflictError."""
    with writing(service) as opened:
        opened.module.groups(opened.account).create(name.strip())
    audit.record("group.created", service, after={"name": name.strip()})


def delete_group(service: Service, name: str) -> None:
    """PermanentError while it has members, or for the default one."""
    with writing(service) as opened:
        opened.module.groups(opened.account).delete(name)
    audit.record("group.deleted", service, before={"name": name})


def move_mailboxes(service: Service, addresses: Iterable[str], name: str) -> Written:
    """Into this group. What a mailbox tells of its group is read again by a worker."""
    wanted = [address.strip().lower() for address in addresses]
    with writing(service) as opened:
        written = opened.module.groups(opened.account).move(wanted, name)
    send_on_commit("refresh_directory", service.pk)
    after = {"name": name, "mailboxes": wanted, "incomplete": list(written.incomplete)}
    audit.record("group.mailboxes_moved", service, after=after)
    return written
