"""Readings that arrived, or were accepted, after their month was billed: the difference waits for
the service's next document. Periods that ended longer ago stay as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from billing.charging import CannotRate, charge
from billing.facts import Terms, gather
from billing.models import Adjustment, Claim, Invoice, InvoiceLine
from billing.rating import LineKind, RatedLine
from billing.schedule import Bill
from config.periods import Period
from config.sums import ExactSum
from provisioning.models import Service

BATCH = 500
LOOK_BACK = timedelta(days=62)  # the last two months of use
ZERO = Decimal(0)
Billed = dict[str, InvoiceLine]


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
    billed, before = _billed(claims), _adjusted(claims)
    made: list[Adjustment] = []
    for service in services:
        try:
            charged = charge(service, bills[service.pk], facts[service.pk])
        except CannotRate:
            continue
        if not charged.hold:
            made += _differences(service, charged.lines, billed[service.pk], before)
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


def _adjusted(claims: Mapping[int, Claim]) -> dict[tuple[int, str], Decimal]:
    rows = Adjustment.objects.filter(service__in=claims, key__startswith="late:")
    sums: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for service, key, amount in rows.values_list("service_id", "key").annotate(
        sum=ExactSum("amount")
    ):
        sums[service, key.removeprefix("late:").rpartition("@")[0]] += amount
    return sums


def _differences(
    service: Service,
    lines: tuple[RatedLine, ...],
    billed: Billed,
    before: Mapping[tuple[int, str], Decimal],
) -> Iterator[Adjustment]:
    """Only where the measured value changed: new prices are not for what has passed."""
    for line in lines:
        if line.kind != LineKind.USAGE:
            continue
        old = billed.get(line.key)
        value = _value(line.evidence)
        if old is not None and _value(old.evidence) == value:
            continue
        paid = (old.amount if old else ZERO) + before.get((service.pk, line.key), ZERO)
        if line.amount != paid:
            yield _adjustment(service, line, line.amount - paid, value)


def _value(evidence: Mapping[str, Any]) -> str:
    return str(evidence.get("used", ""))


def _adjustment(service: Service, line: RatedLine, amount: Decimal, value: str) -> Adjustment:
    return Adjustment(
        service=service,
        key=f"late:{line.key}@{value}",
        description=f"Measured later: {line.description}",
        amount=amount,
        period_start=line.period.start,
        period_end=line.period.end,
        evidence=dict(line.evidence)
        | {"rule": "late", "of": line.evidence["rule"], "whole": str(line.amount)}
        | {"amount": str(amount), "unit_price": str(amount), "quantity": 1},
    )
