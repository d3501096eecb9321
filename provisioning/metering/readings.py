"""Usage readings: append-only rows, the last good one, and a person's verdict on doubtful ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from accounts import audit
from accounts.models import User
from config import clock
from provisioning.contract import UsageReport
from provisioning.contract.metering import Metric
from provisioning.engine.commands import on_behalf_of
from provisioning.metering.plausibility import doubt
from provisioning.models import Service, UsageReading

State = UsageReading.State
LONGEST_RAW = 200
# What the column holds: 26 digits before the point.
LARGEST = Decimal(10) ** 26


@dataclass(frozen=True, kw_only=True)
class Stored:
    good: int = 0
    parked: int = 0


def latest(service: Service, metric: str) -> UsageReading | None:
    """The last good reading."""
    rows = UsageReading.objects.filter(service=service, metric=metric, state=State.GOOD)
    return rows.order_by("-at", "-id").first()


def latest_many(services: Iterable[Service], metric: str) -> dict[int, UsageReading]:
    """The last good reading of each, by service id, in one query."""
    ids = [service.pk for service in services]
    return _latest(Service.objects.filter(pk__in=ids), metric)


def history(service: Service, metric: str, days: int) -> list[UsageReading]:
    """Good readings of the last `days` days, oldest first."""
    since = clock.now() - timedelta(days=days)
    rows = UsageReading.objects.filter(
        service=service, metric=metric, state=State.GOOD, at__gte=since
    )
    return list(rows.order_by("at", "id"))


def accept(reading: UsageReading, by: User | None = None) -> None:
    """A parked reading is true after all. ValidationError when it is no number or was decided."""
    numbers = UsageReading.objects.filter(pk=reading.pk, value__isnull=False)
    if not numbers.exists():  # as it is stored, whatever the caller holds
        raise ValidationError("This reading is no number and can only be rejected.")
    _decide(reading, State.GOOD, "usage.accepted", by)


def reject(reading: UsageReading, by: User | None = None) -> None:
    _decide(reading, State.REJECTED, "usage.rejected", by)


def store(
    services: Mapping[str, Service], metrics: Iterable[Metric], report: UsageReport
) -> Stored:
    """`services` by account key. One insert for all; what is unknown leaves no trace."""
    at, known = clock.now(), {metric.code: metric for metric in metrics}
    rows: list[UsageReading] = []
    for metric in known.values():
        previous = _latest(Service.objects.filter(pk__in=_ids(services)), metric.code)
        rows += _judged(services, metric, report, previous)
    rows += _absurd(services, report)
    for row in rows:
        row.at, row.source = at, report.source[:80]
    fresh = _without_repetition(rows, services)
    UsageReading.objects.bulk_create(fresh)
    parked = sum(row.state == State.PARKED for row in rows)
    return Stored(good=len(rows) - parked, parked=parked)


def _ids(services: Mapping[str, Service]) -> list[int]:
    return [service.pk for service in services.values()]


def _latest(services: QuerySet[Service], metric: str) -> dict[int, UsageReading]:
    newest = UsageReading.objects.filter(
        service=OuterRef("pk"), metric=metric, state=State.GOOD
    ).order_by("-at", "-id")
    ids = services.annotate(newest=Subquery(newest.values("pk")[:1])).values("newest")
    return {row.service_id: row for row in UsageReading.objects.filter(pk__in=ids)}


def _judged(
    services: Mapping[str, Service],
    metric: Metric,
    report: UsageReport,
    previous: Mapping[int, UsageReading],
) -> list[UsageReading]:
    found: list[UsageReading] = []
    for key in report.readings.keys() & services.keys():
        last = previous.get(services[key].pk)
        for reading in report.readings[key]:
            if reading.metric == metric.code:
                why = doubt(reading.value, last.value if last else None, metric.unit)
                found.append(_row(services[key], metric.code, reading.value, why))
    return found


def _absurd(services: Mapping[str, Service], report: UsageReport) -> list[UsageReading]:
    return [
        UsageReading(
            service=services[key],
            metric=metric,
            raw=raw[:LONGEST_RAW].replace("\x00", ""),
            state=State.PARKED,
            reason="Not a plausible number.",
        )
        for key in report.absurd.keys() & services.keys()
        for metric, raw in report.absurd[key].items()
    ]


def _row(service: Service, metric: str, value: Decimal, why: str) -> UsageReading:
    fits = value.is_finite() and abs(value) < LARGEST
    return UsageReading(
        service=service,
        metric=metric,
        value=value if fits else None,
        raw=str(value)[:LONGEST_RAW] if why else "",
        state=State.PARKED if why else State.GOOD,
        reason=why,
    )


def _without_repetition(
    rows: list[UsageReading], services: Mapping[str, Service]
) -> list[UsageReading]:
    """One open question per service and metric: the same doubt again is not asked twice, and a
    newer reading, good or doubtful, settles the older one.
    """
    parked = UsageReading.objects.filter(service__in=_ids(services), state=State.PARKED)
    open_ones = {(row.service_id, row.metric): row for row in parked}
    fresh, settled = [], []
    for row in rows:
        asked = open_ones.get((row.service_id, row.metric))
        if asked and row.state == State.PARKED and (asked.raw, asked.value) == (row.raw, row.value):
            continue
        fresh.append(row)
        if asked:
            settled.append(asked.pk)
    UsageReading.objects.filter(pk__in=settled, state=State.PARKED).update(
        state=State.REJECTED, reason="Settled by a later reading."
    )
    return fresh


def _decide(reading: UsageReading, state: str, action: str, by: User | None) -> None:
    with transaction.atomic(), on_behalf_of(by):
        parked = UsageReading.objects.filter(pk=reading.pk, state=State.PARKED)
        if not parked.update(state=state):
            raise ValidationError("This reading has been decided already.")
        audit.record(
            action,
            reading,
            before={"state": State.PARKED},
            after={"state": state, "metric": reading.metric, "value": reading.value},
            customer=reading.service.customer,
        )
    reading.refresh_from_db()
