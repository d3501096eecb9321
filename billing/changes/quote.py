"""What a change in mid-term costs, counted in calendar days. Pure: no database, no clock.

The day of the change belongs to the new plan. Each line is rounded half-up and the amount to pay is
the sum of the rounded lines, so the document always foots.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

from config.money import quantize
from config.periods import Period

ZERO = Decimal(0)


class Role(StrEnum):
    CREDIT = "credit"
    DEBIT = "debit"
    SETUP = "setup"


@dataclass(frozen=True, kw_only=True)
class Term:
    """A period of the old plan and what was billed for its days from `since` on, net and after
    discount. `unpaid`: on an invoice of which nothing is settled.
    """

    period: Period
    billed: Decimal
    since: date
    unpaid: bool = False
    of_days: int | None = None  # of a whole term, where this one is a part of it

    @property
    def billed_days(self) -> int:
        return (self.period.end - self.since).days

    def days_left(self, day: date) -> int:
        return (self.period.end - max(day, self.since)).days


@dataclass(frozen=True, kw_only=True)
class NewPlan:
    """`price` is that of a whole term, after discount; `counted` says of what, where it depends on
    use. `term` is the new plan's first whole period when the change restarts the term; None keeps
    the due dates.
    """

    label: str
    price: Decimal
    counted: str = ""
    setup: Decimal = ZERO
    term: Period | None = None

    @property
    def item(self) -> str:
        return f"{self.label}, {self.counted}" if self.counted else self.label


@dataclass(frozen=True, kw_only=True)
class Part:
    """A line: `amount` is negative for a credit; `base` was prorated to `days` of `of_days`."""

    role: Role
    label: str
    amount: Decimal
    period: Period
    base: Decimal
    days: int
    of_days: int


@dataclass(frozen=True, kw_only=True)
class Quote:
    """`reissued` are unpaid terms that are credited as a whole and billed again as a whole."""

    day: date
    currency: str
    parts: tuple[Part, ...] = ()
    reissued: tuple[Term, ...] = ()

    @property
    def credit(self) -> Decimal:
        return -sum((each.amount for each in self.parts if each.role == Role.CREDIT), ZERO)

    @property
    def debit(self) -> Decimal:
        return sum((each.amount for each in self.parts if each.role != Role.CREDIT), ZERO)

    @property
    def to_pay(self) -> Decimal:
        """Net; below zero it is credit."""
        return self.debit - self.credit

    @property
    def difference(self) -> Decimal:
        """What the change adds to what is owed: above zero it is an increase."""
        return self.to_pay - sum((term.billed for term in self.reissued), ZERO)


def quote(
    terms: Iterable[Term], new: NewPlan, *, day: date, currency: str, old_label: str
) -> Quote:
    """`terms` are those already billed that end after `day`."""
    running = sorted(terms, key=lambda term: term.period)
    reissued = tuple(term for term in running if term.unpaid and term.since >= day)
    parts = [*_credits(running, reissued, day, currency, old_label)]
    if new.term:
        parts.append(part(Role.DEBIT, new.item, new.price, new.term, currency, new.term.days))
    else:
        parts += _debits(running, new, day, currency)
    if new.setup:
        first = new.term or (parts[-1].period if parts else Period(day, running[0].period.end))
        parts.append(
            part(
                Role.SETUP,
                _("Setup fee: %(item)s") % {"item": new.label},
                new.setup,
                first,
                currency,
            )
        )
    return Quote(day=day, currency=currency, parts=tuple(parts), reissued=reissued)


def prorated(amount: Decimal, days: int, of_days: int, currency: str) -> Decimal:
    return quantize(amount * days / of_days, currency)


def _credits(
    running: Iterable[Term], reissued: tuple[Term, ...], day: date, currency: str, label: str
) -> Iterator[Part]:
    for term in running:
        if term not in reissued and term.billed:
            span = Period(max(day, term.since), term.period.end)
            yield part(Role.CREDIT, label, term.billed, span, currency, term.billed_days)


def _debits(running: Iterable[Term], new: NewPlan, day: date, currency: str) -> Iterator[Part]:
    for term in running:
        span = Period(max(day, term.period.start), term.period.end)
        yield part(
            Role.DEBIT, new.item, new.price, span, currency, term.of_days or term.period.days
        )


def part(  # noqa: PLR0913, PLR0917 - a line has that many facts
    role: Role, label: str, base: Decimal, span: Period, currency: str, of_days: int | None = None
) -> Part:
    whole = of_days or span.days
    amount = prorated(base, span.days, whole, currency)
    return Part(
        role=role,
        label=label,
        amount=-amount if role == Role.CREDIT else amount,
        period=span,
        base=base,
        days=span.days,
        of_days=whole,
    )
