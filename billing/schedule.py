"""What a service's due date asks for. Pure: no database, no clock.

A service's `next_due` is the next day on which something falls due: charged in advance, the period
that begins that day; in arrears, the one that ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from config.periods import CYCLES, DAY, Cycle, Period, due_date, period_containing


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The terms that decide due dates. `ended_on`: the first day on which the service was gone."""

    anchor: date
    cycle: Cycle
    in_advance: bool
    ended_on: date | None = None
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


def first_due(anchor: date, cycle: Cycle, *, in_advance: bool) -> date | None:
    if not cycle.charged:
        return None
    return anchor if in_advance or not cycle.recurs else due_date(anchor, cycle, number=1)


def bill_at(plan: Plan, due: date) -> Bill:
    """The bill of the due date `due`, which lies on the plan's series or was set by staff."""
    if not plan.cycle.recurs:
        return Bill(due=due, base=Period(due, due + DAY), used=None, next_due=None)
    if plan.usage_monthly and plan.cycle.months > 1:
        return _monthly_bill(plan, due)
    ahead = Period(due, period_containing(plan.anchor, plan.cycle, day=due).end)
    behind = _behind(plan, due)
    ended = plan.ended_on is not None and plan.ended_on <= due
    return Bill(
        due=due,
        base=(None if ended else ahead) if plan.in_advance else behind,
        used=behind,
        next_due=None if ended else ahead.end,
    )


def _monthly_bill(plan: Plan, due: date) -> Bill:
    """The base price only where its own cycle begins, or in arrears ends."""
    monthly = replace(plan, cycle=CYCLES["monthly"])
    month = bill_at(monthly, due)
    ended = month.next_due is None
    if plan.in_advance:
        begins = period_containing(plan.anchor, plan.cycle, day=due)
        base = begins if begins.start == due and not ended else None
    else:
        passed = period_containing(plan.anchor, plan.cycle, day=due - DAY)
        over = due > plan.anchor and (passed.end == due or ended)
        base = Period(passed.start, due) if over else None
    return replace(month, base=base)


def _behind(plan: Plan, due: date) -> Period | None:
    """The period that ends at `due`; None at the anchor, or when the service was gone before it."""
    if due <= plan.anchor:
        return None
    start = period_containing(plan.anchor, plan.cycle, day=due - DAY).start
    gone = plan.ended_on is not None and plan.ended_on <= start
    return None if gone else Period(start, due)


def cycle_of(code: str) -> Cycle:
    return CYCLES[code]
