"""One service, one due date: from facts to rated lines, and whether a person must look first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings

from billing.charges import discounts, minimums
from billing.charges.facts import Facts, as_of
from billing.charges.metered import FRESH
from billing.charges.schedule import Bill, Plan, cycle_of, share
from billing.models import CancellationRequest
from billing.rating import (
    Agreement,
    LineKind,
    LiveFeatures,
    Observed,
    RatedLine,
    rate,
)
from config import clock
from config.language import speaking
from config.money import quantize
from config.periods import Period, Window
from products.models import Product
from provisioning.models import Service

SETUP = (LineKind.SETUP,)
RECURRING = (LineKind.BASE, LineKind.OPTION)


class CannotRate(Exception):
    """The service cannot be billed as it is set up; the text tells staff why."""


@dataclass(frozen=True, kw_only=True)
class Charged:
    """What a service owes on one due date. `hold` is why a person must look before it is issued."""

    service: Service
    bill: Bill
    lines: tuple[RatedLine, ...]
    notices: tuple[str, ...]
    metered: bool = False  # whether there is anything to pay for the used period itself
    hold: str = ""

    @property
    def total(self) -> Decimal:
        """Before tax."""
        return sum((line.amount for line in self.lines), Decimal(0))


def plan_of(service: Service) -> Plan:
    begins = service.begins_on
    if begins is not None and begins <= service.anchor:
        begins = None  # the terms have been counted anew since
    return Plan(
        anchor=service.anchor,
        cycle=cycle_of(service.cycle),
        in_advance=service.product.timing == Product.Timing.ADVANCE,
        ended_on=_ended_on(service),
        begins=begins,
        next_too=begins is not None and _pays_next_too(service.product, begins),
        usage_monthly=service.product.usage_monthly,
    )


def _pays_next_too(product: Product, begins: date) -> bool:
    """Not where seats are charged in advance: how many there will be is not known yet."""
    ahead = any(rule["timing"] == "advance" for rule in product.metering)
    return bool(product.align_from and begins.day >= product.align_from and not ahead)


def _ended_on(service: Service) -> date | None:
    """The day it was terminated, or else the day for which the customer has cancelled it."""
    if service.terminated_at:
        return service.terminated_at.astimezone(clock.business_zone()).date()
    cancellation: CancellationRequest | None = getattr(service, "cancellation", None)
    return cancellation.due_on if cancellation else None


def charge(service: Service, bill: Bill, facts: Facts, *, until: datetime | None = None) -> Charged:
    """`until` cuts the metered time short, for an estimate of a period that still runs. Lines are
    written in the customer's language. CannotRate.
    """
    with speaking(service.customer.language):
        return _charge(service, bill, facts, until)


def _charge(service: Service, bill: Bill, facts: Facts, until: datetime | None) -> Charged:
    period = bill.base or bill.used or bill.setup
    if period is None:
        return Charged(service=service, bill=bill, lines=(), notices=())
    observed = _observed(service, bill, facts, until=until)
    agreement = _agreement(service, facts, period)
    rating = rate(agreement, observed)
    lines = _of_kinds(rating.lines, SETUP if bill.setup else minimums.PAST)
    if bill.base:
        lowered = tuple(discounts.lines(facts.discounts, rating.lines, agreement))
        lines = (*rating.lines, *lowered, *_later(service, bill, facts, lowered))
    least = _minimum(service, bill, facts, observed=observed, lines=lines)
    lines = (*lines, least) if least else lines
    return Charged(
        service=service,
        bill=bill,
        lines=lines,
        notices=tuple(notice.text for notice in rating.notices),
        metered=facts.terms.arrears or least is not None,
        hold=" ".join(_holds(service, facts)) if lines else "",
    )


def _later(
    service: Service, bill: Bill, facts: Facts, given: tuple[RatedLine, ...]
) -> tuple[RatedLine, ...]:
    """What is agreed for the period after a short first one, on the same bill."""
    if bill.also is None:
        return ()
    agreement = _agreement(service, facts, bill.also)
    found = rate(agreement, Observed(reading=facts.reading))
    lines = _of_kinds(found.lines, RECURRING)
    left = discounts.left_over(facts.discounts, given)
    return (*lines, *discounts.also(discounts.lines(left, lines, agreement)))


def _minimum(
    service: Service,
    bill: Bill,
    facts: Facts,
    *,
    observed: Observed,
    lines: tuple[RatedLine, ...],
) -> RatedLine | None:
    least = minimums.minimum_of(service.product, service.cycle, service.currency)
    if not least or bill.used is None or observed.window is None:
        return None
    plan = plan_of(service)
    measured = _of_kinds(lines, minimums.PAST)
    owed = sum((line.amount for line in measured), Decimal(0))
    for whole, part in minimums.pieces(plan, bill.used):
        found = rate(_agreement(service, facts, part), Observed(reading=facts.reading))
        agreed = sum((line.amount for line in _of_kinds(found.lines, RECURRING)), Decimal(0))
        if plan.usage_monthly and part.start != plan.begins:
            agreed = quantize(agreed * part.days / whole.days, service.currency)
        owed += agreed
    lived = minimums.pieces(plan, observed.window.dates(clock.business_zone()))
    return minimums.shortfall(
        least,
        _agreement(service, facts, bill.used),
        lived=lived,
        owed=owed,
        seen=minimums.measured(lines),
    )


def own_price(service: Service, *, on: date) -> Decimal | None:
    """The price of this service alone, for periods that begin until it ends."""
    until = service.price_override_until
    return None if until is not None and on > until else service.price_override


def _agreement(service: Service, facts: Facts, period: Period) -> Agreement:
    price = own_price(service, on=period.start)
    if price is None:
        price = facts.price.amount if facts.price else None
    if price is None:
        raise CannotRate(
            f"{service.product} has no {cycle_of(service.cycle).code} price in {service.currency}."
        )
    return Agreement(
        title=f"{service.product} – {service.domain}",
        currency=service.currency,
        cycle=cycle_of(service.cycle),
        price=price,
        period=period,
        zone=clock.business_zone(),
        terms=facts.terms,
        options=facts.options,
        share=share(plan_of(service), period) if period.start == service.begins_on else None,
        usage_months=1 if service.product.usage_monthly else None,
        setup_fee=facts.price.setup_fee if facts.price and service.charge_setup else Decimal(0),
    )


def _observed(service: Service, bill: Bill, facts: Facts, *, until: datetime | None) -> Observed:
    window = _window(service, bill, until)
    return Observed(
        window=window,
        reading=facts.reading,
        months=facts.months,
        intervals=facts.intervals,
        deletions=facts.deletions,
        live=_live(service, bill, facts) if window else None,
    )


def _window(service: Service, bill: Bill, until: datetime | None) -> Window | None:
    """The metered time, cut at the moment the service ended."""
    if bill.used is None:
        return None
    whole = bill.used.window(clock.business_zone())
    ends = [end for end in (whole.end, until, service.terminated_at) if end and end > whole.start]
    return Window(whole.start, min(ends))


def _live(service: Service, bill: Bill, facts: Facts) -> LiveFeatures | None:
    """What is on at the moment of invoicing, as the last poll and the panel's own changes say."""
    seen = service.server.usage_synced_at if service.server else None
    if seen is None:
        return None
    moment = as_of(bill.due)
    on = frozenset(
        (span.address, span.feature)
        for span in facts.intervals
        if span.start <= moment and (span.end is None or span.end > moment)
    )
    return LiveFeatures(at=moment, on=on, stale=moment - seen > FRESH)


def _of_kinds(lines: tuple[RatedLine, ...], kinds: tuple[LineKind, ...]) -> tuple[RatedLine, ...]:
    return tuple(line for line in lines if line.kind in kinds)


def _holds(service: Service, facts: Facts) -> Iterator[str]:
    if facts.parked:
        yield f"{service.domain}: usage needs a decision ({facts.parked})."
    too_old = facts.age is not None and facts.age > timedelta(days=settings.USAGE_STALE_DAYS)
    if too_old and settings.USAGE_STALE_POLICY == "hold":
        assert facts.age is not None
        yield f"{service.domain}: usage was last measured {facts.age.days} days ago."
