"""What the platform says of a service, stored: people are shown this, not what the panel wants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.core.cache import cache
from django.db import transaction
from django.db.models import Max, Q

from config import clock
from provisioning.connection.breaker import ServerUnavailable
from provisioning.connection.links import WEB_BUDGET, account_of, open_module
from provisioning.contract import ModuleError, Observed, State
from provisioning.models import Command, Service

log = structlog.get_logger(__name__)

FIRST_LOOK = timedelta(minutes=1)
# Records in DNS are usually made and seen within two days.
FRESH_FOR, FRESH_LOOK = timedelta(hours=48), timedelta(minutes=15)
LAST_LOOK = timedelta(hours=6)
UNFINISHED = Command.Status.RUNNING


def with_platform(service_id: int) -> Service:
    """The service with all that an `Account` is made of."""
    rows = Service.objects.select_related("product", "server", "customer")
    return rows.prefetch_related("options__option", "options__choice").get(pk=service_id)


def merge(row: Service, data: Mapping[str, Any], secrets: Mapping[str, str]) -> list[str]:
    """The fields to save after adding what a module wants kept."""
    if data:
        row.module_data = {**(row.module_data or {}), **data}
    if secrets:
        row.module_secrets = {**(row.module_secrets or {}), **secrets}
    return ["module_data"] * bool(data) + ["module_secrets"] * bool(secrets)


def apply(row: Service, seen: Observed) -> None:
    """Into a row that the caller has locked."""
    fields = merge(row, seen.data, seen.secrets)
    row.observed, row.observed_detail = str(seen.state), seen.detail
    row.observed_at = clock.now()
    if seen.restricted is not None:
        row.restricted = seen.restricted
        fields.append("restricted")
    if seen.state is State.ACTIVE and row.activated_at is None:
        row.activated_at = row.observed_at
        fields.append("activated_at")
    row.save(update_fields=[*fields, "observed", "observed_detail", "observed_at"])


def refresh(service: Service, *, budget: float = WEB_BUDGET) -> Service:
    """Look now. ModuleError. A command that acts meanwhile knows better and is not overwritten."""
    whole = with_platform(service.pk)
    if whole.server is None:
        return whole
    started = clock.now()
    with open_module(whole.server, service=whole, budget=budget) as module:
        seen = module.observe(account_of(whole))
    with transaction.atomic():
        row = Service.objects.select_for_update().get(pk=service.pk)
        busy = row.commands.filter(Q(status=UNFINISHED) | Q(finished_at__gte=started))
        if not busy.exists():
            apply(row, seen)
    return row


def look_again(service_id: int) -> None:
    """For the sweeper: trouble is only logged, the next look comes by itself."""
    service = Service.objects.filter(pk=service_id, observed=State.WAITING).first()
    if service is None:
        return
    try:
        refresh(service)
    except ServerUnavailable:
        return
    except ModuleError as error:
        log.warning("a waiting service was not observed", service=service_id, error=error.detail)


def waiting_for_a_look() -> Iterator[int]:
    """Services that wait for something outside, such as a DNS record.

    The longer they have waited, the rarer the looks: after a quarter of the time passed since the
    last act, in the first two days after 15 minutes at the latest, then after 6 hours.
    """
    now = clock.now()
    waiting = Service.objects.filter(
        observed=State.WAITING, desired=Service.Desired.ACTIVE, server__enabled=True
    ).annotate(acted_at=Max("commands__finished_at"))
    for service in waiting:
        age = now - (service.acted_at or service.created_at)
        longest = FRESH_LOOK if age < FRESH_FOR else LAST_LOOK
        interval = max(FIRST_LOOK, min(age / 4, longest))
        # A look that fails leaves `observed_at` as it was; the cache keeps us from insisting.
        key = f"look:{service.pk}"
        seen = (service.observed_at or service.created_at).timestamp()
        if now.timestamp() - max(seen, cache.get(key, 0.0)) >= interval.total_seconds():
            cache.set(key, now.timestamp(), 2 * LAST_LOOK.total_seconds())
            yield service.pk
