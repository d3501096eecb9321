"""When the example is made, and when it is only told where the simulated servers listen now."""

from __future__ import annotations

from collections.abc import Mapping

from accounts import audit
from accounts.models import AuditEvent, User
from billing.models import Seller
from demo.nameserver import Zones
from demo.seed import catalogue, moment, platforms
from demo.seed.remote import Remote
from demo.seed.story import Story

COMPLETE = "demo.seeded"


class HalfDone(Exception):
    """The database holds something else, or an example that was not finished."""


def is_complete() -> bool:
    return AuditEvent.objects.filter(action=COMPLETE).exists()


def connect(addresses: Mapping[str, str]) -> None:
    catalogue.connect(addresses)
    platforms.connect(addresses)


def plant(addresses: Mapping[str, str]) -> Zones:
    """Takes an empty database, gives what stands in the customers' DNS. HalfDone."""
    if User.objects.exists() or Seller.objects.exists():
        raise HalfDone
    remote = Remote(addresses[catalogue.MODULE])
    try:
        with moment.past():
            zones = Story(addresses, remote).tell()
    finally:
        remote.close()
    audit.record(COMPLETE, Seller.objects.get())
    return zones
