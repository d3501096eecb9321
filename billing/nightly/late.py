"""Readings that arrived, or were accepted, after their month was billed: the difference waits for
the service's next document. Periods that ended longer ago stay as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.charges import minimums
from billing.charges.charging import CannotRate, Charged, charge
from billing.charges.facts import Facts, Terms, gather
from billing.charges.schedule import Bill
from billing.models import Adjustment, Claim, Invoice, InvoiceLine
from billing.rating import LineKind, MonthOfUse, RatedLine
from billing.rating.meters import used_units
from billing.rating.units import units_used
from config import clock
from config.language import speaking
from config.periods import Period
from provisioning.models import Command, Service

BATCH = 500
LOOK_BACK = timedelta(days=62)  # the last two months of use
ZERO = Decimal(0)
Billed = dict[str, InvoiceLine]
Before = dict[tuple[int, str], list[Decimal]]  # amounts, by service and key of the line


@dataclass(frozen=True, kw_only=True)
class Line:
    """What is owed for a line as it is measured now: `whole`, which may be nothing."""

    key: str
    description: str
    period: Period
    evidence: Mapping[str, Any]
    whole: Decimal

    @property
    def value(self) -> str:
        return _value(self.evidence)


def adjust(business_date: date) -> int:
    """How many lines were found. Doing it again finds none of them again."""
    claims = Claim.objects.filter(
        kind="usage",
        period_end__gt=business_date - LOOK_BACK,
        period_end__lte=business_date,
        invoice__status__in=(Invoice.Status.ISSUED, Invoice.Status.PAID),
    )
    terms, found, last = Terms(), 0, 0
    while True:
        rows = list(claims.filter(pk__gt=last).order_by("pk")[:BATCH])
        if not rows:
            return found
        last = rows[-1].pk
        # A service may have two of the periods in a batch, and is rated for one at a time.
        while rows:
            one_each = {claim.service_id: claim for claim in reversed(rows)}
            found += _adjust_batch(one_each, terms)
            taken = {claim.pk for claim in one_each.values()}
            rows = [claim for claim in rows if claim.pk not in taken]


def _adjust_batch(claims: Mapping[int, Claim], terms: Terms) -> int:
    services = list(
        Service.objects.filter(pk__in=claims).select_related(
            "product", "customer", "server", "cancellation"
        )
    )
    bills = {each.pk: _bill(claims[each.pk]) for each in services}
    facts = gather(services, bills, terms=terms)
    billed, before, changed = _billed(claims), _adjusted(claims), _changed(claims)
    made: list[Adjustment] = []
    for service in services:
        try:
            charged = charge(service, bills[service.pk], facts[service.pk])
        except CannotRate:
            continue
        if not charged.hold:
            owed = [*_owed(charged.lines)]
            if service.pk not in changed:
                owed += _gone(charged, facts[service.pk], billed[service.pk])
            with speaking(service.customer.language):
                made += _differences(service, owed, billed[service.pk], before)
    with transaction.atomic():
        Adjustment.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def _bill(claim: Claim) -> Bill:
    used = Period(claim.period_start, claim.period_end)
    return Bill(due=claim.period_end, base=None, used=used, next_due=None)


def _billed(claims: Mapping[int, Claim]) -> dict[int, Billed]:
    rows = InvoiceLine.objects.filter(
        invoice__in={claim.invoice_id for claim in claims.values()}, kind=LineKind.USAGE
    )
    found: dict[int, Billed] = defaultdict(dict)
    for line in rows:
        if line.service_id is not None:
            found[line.service_id][line.key] = line
    return found


def _changed(claims: Mapping[int, Claim]) -> set[int]:
    """Services of another product since: what is not charged now may have been right before."""
    first = min(claim.period_start for claim in claims.values())
    rows = Command.objects.filter(
        service__in=claims,
        action=Command.Action.CHANGE_PACKAGE,
        status=Command.Status.DONE,
        finished_at__gte=clock.start_of_day(first),
    )
    return set(rows.values_list("service_id", flat=True))


def _adjusted(claims: Mapping[int, Claim]) -> Before:
    rows = Adjustment.objects.filter(service__in=claims, key__startswith="late:")
    found: Before = defaultdict(list)
    for service, key, amount in rows.values_list("service_id", "key", "amount"):
        found[service, key.removeprefix("late:").rpartition("@")[0]].append(amount)
    return found


def _differences(
    service: Service, lines: Iterable[Line], billed: Billed, before: Before
) -> Iterator[Adjustment]:
    """Only where the measured value changed: new prices are not for what has passed."""
    for line in lines:
        old, found = billed.get(line.key), before.get((service.pk, line.key), [])
        as_billed = old is not None and _value(old.evidence) == line.value
        if as_billed and not found:
            continue
        whole = old.amount if old is not None and as_billed else line.whole
        amount = whole - (old.amount if old else ZERO) - sum(found, ZERO)
        if amount:
            yield _adjustment(service, replace(line, whole=whole), amount, len(found))


def _owed(lines: Iterable[RatedLine]) -> Iterator[Line]:
    for line in lines:
        if line.kind == LineKind.USAGE:
            yield Line(
                key=line.key,
                description=line.description,
                period=line.period,
                evidence=line.evidence,
                whole=line.amount,
            )


def _gone(charged: Charged, facts: Facts, billed: Billed) -> Iterator[Line]:
    """Billed lines that would not be there, because of what is measured now: use that turns out to
    be included, and what was missing up to a minimum.
    """
    kept = {line.key for line in charged.lines}
    for line in billed.values():
        seen = _seen_now(line, charged, facts) if line.key not in kept else None
        if seen is not None and line.period_start and line.period_end:
            yield Line(
                key=line.key,
                description=line.description,
                period=Period(line.period_start, line.period_end),
                evidence=line.evidence | seen,
                whole=ZERO,
            )


def _seen_now(line: InvoiceLine, charged: Charged, facts: Facts) -> dict[str, Any] | None:
    """None where nothing is known of it, or it is of another period."""
    if line.evidence["rule"] == minimums.RULE:
        of_this = charged.bill.used and line.period_start == charged.bill.used.start
        return {"used": minimums.measured(charged.lines)} if of_this else None
    _usage, metric, start = line.key.split(":")[:3]
    months = (each for each in facts.months if each.metric == metric and each.reading)
    month = next((each for each in months if each.period.start.isoformat() == start), None)
    used = _used(month, facts) if month else None
    if month is None or month.reading is None or used is None:
        return None
    at = month.reading.at.astimezone(clock.business_zone()).isoformat()
    reading = {**line.evidence["reading"], "at": at, "source": month.reading.source}
    return {"used": str(used), "reading": reading}


def _used(month: MonthOfUse, facts: Facts) -> Decimal | None:
    """As the lines say it; None for what has no price any more."""
    for meter in facts.terms.meters:
        if meter.metric.code == month.metric:
            return used_units(meter, month)
    for unit in facts.terms.units:
        if unit.metric.code == month.metric and month.reading:
            return units_used(unit, month.reading)
    return None


def _value(evidence: Mapping[str, Any]) -> str:
    return str(evidence.get("used", ""))


def _adjustment(service: Service, line: Line, amount: Decimal, number: int) -> Adjustment:
    again = f"#{number}" if number else ""
    return Adjustment(
        service=service,
        key=f"late:{line.key}@{line.value}{again}",
        description=_("Measured later: %(line)s") % {"line": line.description},
        amount=amount,
        period_start=line.period.start,
        period_end=line.period.end,
        evidence=dict(line.evidence)
        | {"rule": "late", "of": line.evidence["rule"], "whole": str(line.whole)}
        | {"amount": str(amount), "unit_price": str(amount), "quantity": 1},
    )
