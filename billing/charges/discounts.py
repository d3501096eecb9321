"""Discounts of services: what a bill is lowered by, and how often that is still to happen.

A discount lowers what was agreed and is charged for a period: base price, options, and a setup fee
on the same bill. What is measured is never discounted, nor is a setup fee that is billed alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from decimal import Decimal

from django.db.models import F, Q

from billing.models import Invoice, Promotion, ServiceDiscount
from billing.rating import Agreement, LineKind, RatedLine
from billing.rating.lines import Charge, priced
from config.money import quantize
from provisioning.models import Service

AGREED = (LineKind.BASE, LineKind.OPTION, LineKind.SETUP)
PREFIX = "discount:"
ALSO = ":also"
ZERO = Decimal(0)


def of_services(services: Iterable[Service]) -> dict[int, tuple[ServiceDiscount, ...]]:
    """Those that are not used up, by service id, oldest first."""
    rows = ServiceDiscount.objects.filter(
        Q(remaining__isnull=True) | Q(remaining__gt=0), service__in=services
    ).order_by("pk")
    found: dict[int, list[ServiceDiscount]] = defaultdict(list)
    for row in rows:
        found[row.service_id].append(row)
    return {service: tuple(each) for service, each in found.items()}


def lines(
    discounts: Sequence[ServiceDiscount], rated: Sequence[RatedLine], agreement: Agreement
) -> Iterator[RatedLine]:
    """A negative line for each discount; together at most what they lower."""
    whole = sum((line.amount for line in rated if line.kind in AGREED), ZERO)
    left = whole
    for each in discounts:
        amount = min(reduction(each.type, each.value, whole, agreement.currency), left)
        if amount > 0:
            left -= amount
            yield _line(each, whole, amount, agreement)


def left_over(
    discounts: Iterable[ServiceDiscount], given: Iterable[RatedLine]
) -> list[ServiceDiscount]:
    """What discounts are still worth to a second period on the same bill; not to be saved."""
    used = {line.key: -line.amount for line in given}
    found = [copy(each) for each in discounts]
    for each in found:
        if each.type == Promotion.Type.FIXED:
            each.value -= used.get(f"{PREFIX}{each.pk}", ZERO)
    return found


def also(lowered: Iterable[RatedLine]) -> Iterator[RatedLine]:
    """Lines of a second period on the same bill, which does not count twice."""
    return (replace(line, key=line.key + ALSO) for line in lowered)


def reduction(kind: str, value: Decimal, whole: Decimal, currency: str) -> Decimal:
    part = whole * value / 100 if kind == Promotion.Type.PERCENT else value
    return quantize(part, currency)


def count_down(rated: Iterable[tuple[RatedLine, ...]]) -> None:
    """One bill less to go for every discount that stands on one, in the caller's transaction."""
    _move([key for each in rated for key in _keys(each)], -1)


def give_back(invoice: Invoice) -> None:
    """Of a draft that is thrown away or rated again."""
    kept = invoice.lines.filter(kind=LineKind.DISCOUNT).values_list("key", flat=True)
    _move([int(key.removeprefix(PREFIX)) for key in kept if not key.endswith(ALSO)], 1)


def _line(
    discount: ServiceDiscount, whole: Decimal, amount: Decimal, agreement: Agreement
) -> RatedLine:
    charge = Charge(
        kind=LineKind.DISCOUNT,
        key=f"{PREFIX}{discount.pk}",
        description=discount.name,
        quantity=1,
        unit_price=-amount,
        facts={
            "rule": "discount",
            "item": discount.name,
            "promotion": discount.promotion_id,
            "type": str(discount.type),
            "value": str(discount.value),
            "of": str(whole),
            "bills_left": discount.remaining,
        },
    )
    return priced(charge, agreement, agreement.period)


def _keys(rated: Iterable[RatedLine]) -> Iterator[int]:
    for line in rated:
        if line.kind == LineKind.DISCOUNT and not line.key.endswith(ALSO):
            yield int(line.key.removeprefix(PREFIX))


def _move(keys: Sequence[int], by: int) -> None:
    """A discount that stands on several bills at once moves by as many."""
    times: dict[int, list[int]] = defaultdict(list)
    for key in set(keys):
        times[keys.count(key)].append(key)
    for number, ids in times.items():
        limited = ServiceDiscount.objects.filter(pk__in=ids, remaining__isnull=False)
        limited.update(remaining=F("remaining") + by * number)
