"""Billing cycles, due dates and half-open periods: pure arithmetic, nothing here knows today."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import count, takewhile
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Cycle:
    """`months` is 0 for a cycle that never renews; `charged` is False when nothing is ever owed."""

    code: str
    label: str | _StrPromise
    months: int
    charged: bool = True

    @property
    def recurs(self) -> bool:
        return self.months > 0


CYCLES = {
    cycle.code: cycle
    for cycle in (
        Cycle("onetime", _("One time"), 0),
        Cycle("free", _("Free"), 0, charged=False),
        Cycle("monthly", _("Monthly"), 1),
        Cycle("quarterly", _("Quarterly"), 3),
        Cycle("semiannually", _("Semi-annually"), 6),
        Cycle("annually", _("Annually"), 12),
        Cycle("biennially", _("Biennially"), 24),
        Cycle("triennially", _("Triennially"), 36),
    )
}

CYCLE_CHOICES = [(cycle.code, cycle.label) for cycle in CYCLES.values()]


@dataclass(frozen=True, order=True)
class Window:
    """Half-open stretch of time between two aware instants, kept in UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        # Two instants of one zone compare by wall clock, which is wrong when the clocks change.
        for name, moment in (("start", self.start), ("end", self.end)):
            if moment.tzinfo is not UTC:
                object.__setattr__(self, name, _in_utc(moment))
        if self.end <= self.start:
            raise ValueError(f"a window ends after it starts, not {self.start} to {self.end}")

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def overlap(self, other: Window) -> Window | None:
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Window(start, end) if start < end else None

    def dates(self, zone: tzinfo) -> Period:
        """Every business date the window touches."""
        last = (self.end - MOMENT).astimezone(zone).date()
        return Period(self.start.astimezone(zone).date(), last + DAY)


@dataclass(frozen=True, order=True)
class Period:
    """Half-open stretch of business dates: `end` is the first day that is no longer in it."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a period ends after it starts, not {self.start} to {self.end}")

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __iter__(self) -> Iterator[date]:
        return (self.start + timedelta(days=number) for number in range(self.days))

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """Inclusive end, as printed on a document."""
        return self.end - DAY

    def window(self, zone: tzinfo) -> Window:
        """From midnight to midnight in the zone, as UTC instants."""
        return Window(_midnight(self.start, zone), _midnight(self.end, zone))


def _in_utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("a window is made of aware instants")
    return moment.astimezone(UTC)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day of the month, or the month's last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def due_date(anchor: date, cycle: Cycle, *, number: int) -> date:
    """Always counted from the anchor, so that a clamped February never shortens later months."""
    if not cycle.recurs:
        raise ValueError(f"the cycle {cycle.code!r} never comes due again")
    return add_months(anchor, number * cycle.months)


def period(anchor: date, cycle: Cycle, *, number: int) -> Period:
    return Period(
        due_date(anchor, cycle, number=number), due_date(anchor, cycle, number=number + 1)
    )


def periods(anchor: date, cycle: Cycle) -> Iterator[Period]:
    """All periods from the anchor on, without end."""
    return (period(anchor, cycle, number=number) for number in count())


def periods_due(anchor: date, cycle: Cycle, *, until: date) -> list[Period]:
    """The periods from the anchor on that start on or before `until`."""
    return list(takewhile(lambda each: each.start <= until, periods(anchor, cycle)))


def aligned_start(day: date, day_of_month: int) -> date:
    """The latest date with this day of the month that is not after `day`."""
    this_month = day.replace(day=day_of_month)
    return this_month if this_month <= day else add_months(this_month, -1)


def period_containing(anchor: date, cycle: Cycle, *, day: date) -> Period:
    if not cycle.recurs:
        raise ValueError(f"the cycle {cycle.code!r} has no periods")
    number = ((day.year - anchor.year) * 12 + day.month - anchor.month) // cycle.months
    if due_date(anchor, cycle, number=number) > day:
        number -= 1
    return period(anchor, cycle, number=number)
