"""What a service's due date asks for. Pure: no database, no clock.

A service's `next_due` is the next day on which something falls due: charged in advance, the period
that begins that day; in arrears, the one that ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from config.periods import CYCLES, DAY, Cycle, Period, period_containing


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The terms that decide due dates. `ended_on`: the first day on which the service was gone."""

    anchor: date
    cycle: Cycle
    in_advance: bool
    ended_on: date | None = None
    begins: date | None = None  # after the anchor, where the first period is a part of one
    next_too: bool = False  # in advance: the short first period is billed with the one after it
    usage_monthly: bool = False  # usage falls due every month, the base price with its own cycle


@dataclass(frozen=True, kw_only=True)
class Bill:
    """`base` is paid by the base line, `used` is the time that is metered; either may be absent.

    `setup`: the first period, when its setup fee is billed alone, ahead of a bill in arrears.
    """

    due: date
    base: Period | None
    used: Period | None
    next_due: date | None
    setup: Period | None = None
    also: Period | None = None  # one more period that the base price pays for


def bill_at(plan: Plan, due: date) -> Bill:
    """The bill of the due date `due`, which lies on the plan's series or was set by staff."""
    if not plan.cycle.recurs:
        return Bill(due=due, base=Period(due, due + DAY), used=None, next_due=None)
    if plan.usage_monthly and plan.cycle.months > 1:
        return _monthly_bill(plan, due)
    ahead = Period(due, period_containing(plan.anchor, plan.cycle, day=due).end)
    behind = _behind(plan, due)
    ended = plan.ended_on is not None and plan.ended_on <= due
    if plan.in_advance and plan.next_too and due == plan.begins and not ended:
        later = period_containing(plan.anchor, plan.cycle, day=ahead.end)
        return Bill(due=due, base=ahead, used=None, next_due=later.end, also=later)
    return Bill(
        due=due,
        base=(None if ended else ahead) if plan.in_advance else behind,
        used=behind,
        next_due=None if ended else ahead.end,
    )


def _monthly_bill(plan: Plan, due: date) -> Bill:
    """The base price only where its own cycle begins, or in arrears ends."""
    monthly = replace(plan, cycle=CYCLES["monthly"], next_too=False)
    month = bill_at(monthly, due)
    ended = month.next_due is None
    if plan.in_advance:
        begins = period_containing(plan.anchor, plan.cycle, day=due)
        first = due in (begins.start, plan.begins)
        base = Period(due, begins.end) if first and not ended else None
    else:
        passed = period_containing(plan.anchor, plan.cycle, day=due - DAY)
        start = max(passed.start, plan.begins or plan.anchor)
        over = due > start and (passed.end == due or ended)
        base = Period(start, due) if over else None
    return replace(month, base=base)


def _behind(plan: Plan, due: date) -> Period | None:
    """The period that ends at `due`; None at the anchor, or when the service was gone before it."""
    first = plan.begins or plan.anchor
    if due <= first:
        return None
    start = used_from(plan, period_containing(plan.anchor, plan.cycle, day=due - DAY).start)
    gone = plan.ended_on is not None and plan.ended_on <= start
    return None if gone else Period(start, due)


def share(plan: Plan, period: Period) -> tuple[int, int] | None:
    """(days, days of the whole) of the short first period, None for any other."""
    if period.start != plan.begins:
        return None
    whole = period_containing(plan.anchor, plan.cycle, day=period.start)
    return (whole.end - period.start).days, whole.days


def used_from(plan: Plan, start: date) -> date:
    """A short first period that is billed with the one after it is metered with it, too."""
    if plan.begins is None:
        return start
    if plan.in_advance and plan.next_too:
        short = period_containing(plan.anchor, plan.cycle, day=plan.begins)
        if start == short.end:
            return plan.begins
    return max(start, plan.begins)


def cycle_of(code: str) -> Cycle:
    return CYCLES[code]
