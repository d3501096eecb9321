"""What is priced per unit: the one reading that counts for each metric and month of use.

The database picks the readings, with one query for all services of the same month and metric.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count

from django.db.models import OuterRef, Subquery

from billing.charges.schedule import Bill
from billing.rating import MonthOfUse, Reading
from config import clock
from config.periods import DAY, Period, add_months
from provisioning.contract.metering import Aggregation, Metric
from provisioning.models import Service, UsageReading

# Readings come several times a day; one this old means that at least a day of them failed.
FRESH = timedelta(hours=36)

State = UsageReading.State
LAST = ("-at", "-id")
ORDERS = {Aggregation.HIGHEST: ("-value", "at", "id")}  # all others: the last one
# The reading that counts, the newest good one, the newest that waits for a person.
Picked = tuple[int | None, int | None, int | None]


@dataclass(frozen=True)
class Counted:
    """A metric and when it is charged: ahead, what is there at the due date counts."""

    metric: Metric
    in_advance: bool = False


@dataclass(frozen=True, kw_only=True)
class Metered:
    """`age` is that of the oldest among the last readings, at the end of its month of use."""

    months: tuple[MonthOfUse, ...] = ()
    age: timedelta | None = None
    parked: str = ""

    def plus(self, month: MonthOfUse, age: timedelta | None, parked: str) -> Metered:
        ages = [each for each in (self.age, age) if each is not None]
        return replace(
            self,
            months=(*self.months, month),
            age=max(ages, default=None),
            parked=self.parked or parked,
        )


@dataclass(frozen=True)
class _Question:
    """`end` is the end of the month, or now while it still runs."""

    metric: Metric
    month: Period
    end: datetime

    @property
    def start(self) -> datetime:
        return clock.start_of_day(self.month.start)


def months_of_use(
    services: Sequence[Service], bills: Mapping[int, Bill], metrics: Mapping[int, Sequence[Counted]]
) -> dict[int, Metered]:
    """By service id; `metrics` are those that have prices of their own."""
    asked: dict[_Question, list[int]] = defaultdict(list)
    for service in services:
        for counted in metrics[service.pk]:
            ask = _ahead if counted.in_advance else _questions
            for question in ask(service, bills[service.pk], counted.metric):
                asked[question].append(service.pk)
    found: dict[int, Metered] = defaultdict(Metered)
    for question, ids in asked.items():
        for pk, month, age, parked in _answers(question, ids):
            found[pk] = found[pk].plus(month, age, parked)
    return found


def calendar(used: Period) -> Iterator[Period]:
    """The months of a period, counted from its first day; the last one may be short."""
    for number in count():
        start = add_months(used.start, number)
        if start >= used.end:
            return
        yield Period(start, min(add_months(used.start, number + 1), used.end))


def _ahead(_service: Service, bill: Bill, metric: Metric) -> Iterator[_Question]:
    """Each month of the base period costs what is there as it begins."""
    end = min(clock.start_of_day(bill.due + DAY), clock.now())
    for month in calendar(bill.base) if bill.base and bill.base.start == bill.due else ():
        yield _Question(metric, month, end)


def _questions(service: Service, bill: Bill, metric: Metric) -> Iterator[_Question]:
    """Not of months that are yet to come, or that the service did not live to see."""
    used = bill.used
    over = min(clock.now(), service.terminated_at or clock.now())
    for month in calendar(used) if used else ():
        if clock.start_of_day(month.start) < over:
            yield _Question(metric, month, min(clock.start_of_day(month.end), over))


def _answers(
    question: _Question, ids: Sequence[int]
) -> Iterator[tuple[int, MonthOfUse, timedelta | None, str]]:
    picked = _picked(question, ids)
    readings = UsageReading.objects.in_bulk({pk for row in picked.values() for pk in row if pk})
    daily = _daily(question, ids) if question.metric.aggregation.is_daily else {}
    for service in ids:
        chosen, newest, parked = (readings.get(pk) if pk else None for pk in picked[service])
        waiting = parked and (newest is None or parked.at > newest.at)
        age = question.end - newest.at if newest else None
        yield (
            service,
            MonthOfUse(
                metric=question.metric.code,
                period=question.month,
                # A month without readings is billed as it was seen last, and said to be.
                reading=reading_of(chosen or newest, stale=age is not None and age > FRESH),
                days=daily.get(service, ()),
            ),
            age,
            parked.reason if parked and waiting else "",
        )


def _daily(question: _Question, ids: Sequence[int]) -> dict[int, tuple[tuple[date, int], ...]]:
    """The last good value of each day of the month, by service."""
    rows = UsageReading.objects.filter(
        service__in=ids,
        metric=question.metric.code,
        state=State.GOOD,
        value__isnull=False,
        at__gte=question.start,
        at__lt=question.end,
    ).order_by("at", "id")
    zone = clock.business_zone()
    found: dict[int, dict[date, int]] = defaultdict(dict)
    for service, at, value in rows.values_list("service_id", "at", "value").iterator():
        found[service][at.astimezone(zone).date()] = int(value or 0)
    return {service: tuple(sorted(days.items())) for service, days in found.items()}


def _picked(question: _Question, ids: Sequence[int]) -> dict[int, Picked]:
    until = UsageReading.objects.filter(
        service=OuterRef("pk"), metric=question.metric.code, at__lt=question.end
    )
    newest = until.order_by("-at", "-id")
    good = until.filter(state=State.GOOD, value__isnull=False, at__gte=question.start)
    rows = Service.objects.filter(pk__in=ids).values_list(
        "pk",
        Subquery(good.order_by(*ORDERS.get(question.metric.aggregation, LAST)).values("pk")[:1]),
        Subquery(newest.filter(state=State.GOOD, value__isnull=False).values("pk")[:1]),
        Subquery(newest.filter(state=State.PARKED).values("pk")[:1]),
    )
    return {pk: (chosen, last, parked) for pk, chosen, last, parked in rows}


def reading_of(row: UsageReading | None, *, stale: bool) -> Reading | None:
    """What is believed of it; None where there is nothing."""
    if row is None or row.value is None:
        return None
    return Reading(value=int(row.value), at=row.at, source=row.source, stale=stale)
