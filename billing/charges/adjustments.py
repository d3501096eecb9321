"""Lines that wait for a service's next document, and how they get onto it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from billing.models import Adjustment, Invoice, InvoiceLine
from billing.rating import LineKind, RatedLine
from config.periods import Period

if TYPE_CHECKING:
    from billing.charges.charging import Charged

PREFIX = "adjustment:"


def attach(charged: Sequence[Charged]) -> list[Charged]:
    """Each service's waiting lines behind its first bill; one query for all of them."""
    waiting = _waiting({each.service.pk for each in charged})
    found: list[Charged] = []
    for each in charged:
        rows = waiting.pop(each.service.pk, [])
        found.append(replace(each, lines=(*each.lines, *_fitting(rows, each.total))))
    return found


def take(lines: Iterable[InvoiceLine]) -> None:
    """Of stored lines: what they adjust waits no more."""
    rows = [
        Adjustment(pk=int(line.key.removeprefix(PREFIX)), invoice=line.invoice)
        for line in lines
        if line.kind == LineKind.ADJUSTMENT
    ]
    Adjustment.objects.bulk_update(rows, ["invoice"])


def give_back(draft: Invoice) -> None:
    """Before a draft is rated again."""
    Adjustment.objects.filter(invoice=draft).update(invoice=None)


def _waiting(services: Iterable[int]) -> dict[int, list[Adjustment]]:
    found: dict[int, list[Adjustment]] = defaultdict(list)
    for row in Adjustment.objects.filter(service__in=services, invoice__isnull=True):
        found[row.service_id].append(row)
    return found


def _fitting(rows: Iterable[Adjustment], total: Decimal) -> Iterator[RatedLine]:
    """What is given back waits for a document that is large enough for it: none is below zero."""
    for row in sorted(rows, key=lambda each: (each.amount < 0, each.pk)):
        if total + row.amount >= 0:
            total += row.amount
            yield _line(row)


def _line(row: Adjustment) -> RatedLine:
    return RatedLine(
        kind=LineKind.ADJUSTMENT,
        key=f"{PREFIX}{row.pk}",
        description=row.description,
        quantity=Decimal(1),
        unit_price=row.amount,
        amount=row.amount,
        period=Period(row.period_start, row.period_end),
        evidence=row.evidence,
    )
