"""What the panel remembers of a service, and how old that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from provisioning.models import DirectorySync, Service


@dataclass(frozen=True)
class Synced:
    """`at` None: never read. `troubles` are sentences on what could not be read."""

    at: datetime | None = None
    troubles: tuple[str, ...] = field(default=())


def synced(service: Service) -> Synced:
    row = DirectorySync.objects.filter(service=service).first()
    if row is None:
        return Synced()
    return Synced(row.synced_at, tuple(row.unreadable))


def aliases_of(service: Service, address: str) -> tuple[str, ...]:
    """The aliases that deliver to a mailbox, among others perhaps."""
    wanted = address.lower()
    near = service.aliases.filter(search__contains=wanted).values_list("address", "targets")
    return tuple(
        alias for alias, targets in near if wanted in {target.lower() for target in targets}
    )


def aliases_lost_with(service: Service, address: str) -> tuple[str, ...]:
    """The aliases whose only target is this mailbox: they go when it goes."""
    wanted = address.lower()
    near = service.aliases.filter(search__contains=wanted).values_list("address", "targets")
    return tuple(
        alias for alias, targets in near if {target.lower() for target in targets} == {wanted}
    )


def redirect_keys(service: Service) -> list[int]:
    """Keys of the aliases none of whose targets is a mailbox of the service."""
    local = {address.lower() for address in service.mailboxes.values_list("address", flat=True)}
    return [
        key
        for key, targets in service.aliases.values_list("pk", "targets")
        if local.isdisjoint(target.lower() for target in targets)
    ]
