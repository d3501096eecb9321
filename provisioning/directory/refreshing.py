"""Reading a whole directory into the mirror."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from config import clock
from provisioning.connection.breaker import ServerUnavailable
from provisioning.connection.links import WEB_BUDGET
from provisioning.contract import Capability, ModuleError
from provisioning.directory import mirror
from provisioning.directory.opening import reading
from provisioning.engine.dispatch import send_on_commit
from provisioning.metering import features
from provisioning.models import DirectorySync, Service
from provisioning.registry import installed

log = structlog.get_logger(__name__)

# Seconds until a snapshot is taken anew that a write has overtaken.
SOON = 5.0
# A little under the hour between two rounds.
FRESH_FOR = timedelta(minutes=50)


def refresh(service: Service, *, budget: float = WEB_BUDGET) -> DirectorySync:
    """ModuleError, after noting it beside the mirror, which stays as it was."""
    started = clock.now()
    try:
        with reading(service, budget=budget) as opened:
            snapshot = opened.module.snapshot(opened.account)
    except ServerUnavailable:
        raise
    except ModuleError as error:
        DirectorySync.objects.update_or_create(service=service, defaults={"error": error.detail})
        raise
    with transaction.atomic():
        if Service.objects.select_for_update().get(pk=service.pk).terminated_at:
            return DirectorySync(service=service)  # ended while the platform was answering
        state = mirror.lock(service)
        if state.changed_at and state.changed_at > started:
            send_on_commit("refresh_directory", service.pk, countdown=SOON)
            return state
        features.note_deleted(service, mirror.fill(service, snapshot))
        state.synced_at, state.error = clock.now(), ""
        state.unreadable = list(snapshot.unreadable)
        state.save()
    return state


def refresh_quietly(service: Service) -> float | None:
    """For workers: trouble is noted. Seconds after which to come back when the server was busy."""
    try:
        refresh(service, budget=settings.HTTP_DEADLINE)
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
