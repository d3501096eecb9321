"""Reading a whole directory into the mirror."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Q

from config import clock
from provisioning import features
from provisioning.breaker import ServerUnavailable
from provisioning.contract import Capability, ModuleError
from provisioning.directory import mirror
from provisioning.directory.opening import reading
from provisioning.models import DirectorySync, Service
from provisioning.registry import installed

log = structlog.get_logger(__name__)

BUDGET = 60.0
# A little under the hour between two rounds.
FRESH_FOR = timedelta(minutes=50)


def refresh(service: Service) -> DirectorySync:
    """ModuleError, after noting it beside the mirror, which stays as it was."""
    try:
        with reading(service, budget=BUDGET) as opened:
            snapshot = opened.module.snapshot(opened.account)
    except ServerUnavailable:
        raise
    except ModuleError as error:
        DirectorySync.objects.update_or_create(service=service, defaults={"error": error.detail})
        raise
    with transaction.atomic():
        features.note_deleted(service, mirror.fill(service, snapshot))
        state, _new = DirectorySync.objects.update_or_create(
            service=service,
            defaults={
                "synced_at": clock.now(),
                "error": "",
                "unreadable": list(snapshot.unreadable),
            },
        )
    return state


def refresh_quietly(service: Service) -> float | None:
    """For workers: trouble is noted. Seconds after which to come back when the server was busy."""
    try:
        refresh(service)
    except ServerUnavailable as error:
        return error.retry_after
    except ModuleError as error:
        log.warning("directory not refreshed", service=service.pk, error=error.detail)
    return None


def services_to_refresh() -> list[int]:
    """Ids of delivered services whose mirror has aged, those never read first."""
    kinds = installed().items()
    codes = [code for code, kind in kinds if Capability.MAILBOXES in kind.capabilities]
    aged = Q(directory_sync=None) | Q(directory_sync__synced_at=None)
    aged |= Q(directory_sync__synced_at__lt=clock.now() - FRESH_FOR)
    rows = Service.objects.filter(
        aged,
        desired__in=(Service.Desired.ACTIVE, Service.Desired.SUSPENDED),
        observed__in=(Service.Observed.ACTIVE, Service.Observed.SUSPENDED),
        server__enabled=True,
        server__module__in=codes,
    )
    return list(rows.order_by("directory_sync__synced_at", "pk").values_list("pk", flat=True))
