"""The first bill of a service: what is asked for on the day it is ordered.

In advance, and for what is sold once: the first period, with its setup fees; where it is short,
because periods begin on a day of the month, perhaps the next one too. In arrears:
the setup fees alone, for nothing has been used yet; the period is billed when it has ended.
"""

from __future__ import annotations

from decimal import Decimal

from billing.charges.charging import Charged, charge, plan_of
from billing.charges.facts import Facts
from billing.charges.schedule import Bill, Plan, bill_at
from billing.rating import LineKind
from config.periods import Period, period_containing
from provisioning.models import Service

RECURRING = (LineKind.BASE, LineKind.OPTION)
ZERO = Decimal(0)


def first_bill(service: Service) -> Bill | None:
    """None for what never costs anything."""
    plan = plan_of(service)
    if not plan.cycle.charged:
        return None
    begins = plan.begins or plan.anchor
    if plan.in_advance or not plan.cycle.recurs:
        return bill_at(plan, begins)
    first = Period(begins, period_containing(plan.anchor, plan.cycle, day=begins).end)
    return Bill(due=begins, base=None, used=None, next_due=first.end, setup=first)


def first_charge(service: Service, facts: Facts) -> Charged | None:
    """None when nothing is asked for on the day of the order. CannotRate."""
    bill = first_bill(service)
    charged = charge(service, bill, facts) if bill else None
    return charged if charged and charged.lines else None


def price_of(service: Service, facts: Facts) -> tuple[Decimal, Decimal]:
    """(recurring, setup) of a whole period, before discount and tax. CannotRate."""
    plan = plan_of(service)
    if not plan.cycle.charged:
        return ZERO, ZERO
    lines = charge(service, _whole(plan), facts).lines
    recurring = sum((line.amount for line in lines if line.kind in RECURRING), ZERO)
    setup = sum((line.amount for line in lines if line.kind is LineKind.SETUP), ZERO)
    return recurring, setup


def _whole(plan: Plan) -> Bill:
    if not plan.cycle.recurs:
        return bill_at(plan, plan.anchor)
    first = period_containing(plan.anchor, plan.cycle, day=plan.anchor)
    return Bill(due=plan.anchor, base=first, used=None, next_due=None)
