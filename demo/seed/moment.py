"""Living through the past: the shared clock is put back and walks up to today again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from config import clock
from config.periods import add_months

MONTHS = 4
MORNING = time(5, 30)


def first_day() -> date:
    return add_months(clock.today().replace(day=1), -MONTHS)


def days() -> list[date]:
    """From the first day of the history to today."""
    first = first_day()
    return [first + timedelta(days=number) for number in range((clock.today() - first).days + 1)]


@contextmanager
def past() -> Iterator[None]:
    """Whatever happens inside, afterwards it is now again."""
    try:
        yield
    finally:
        come_back()


def come_back() -> None:
    clock.move(-clock.offset())


def go_to(day: date, at: time = MORNING) -> None:
    """Never into the future: on the last day it stays now."""
    wanted = datetime.combine(day, at, tzinfo=clock.business_zone())
    present = clock.now() - clock.offset()
    clock.move(min(wanted, present) - clock.now())
