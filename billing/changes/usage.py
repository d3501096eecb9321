"""How much a base price that counts tranches is changed for: what was measured for the term."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from billing.charges.facts import metering_terms
from billing.charges.metered import FRESH, reading_of
from billing.models import Invoice, InvoiceLine
from billing.rating import LineKind, Reading
from config import clock
from products.models import Product
from provisioning.contract.metering import MeteringTerms
from provisioning.metering import usage
from provisioning.models import Service


def tranches(product: Product, currency: str) -> MeteringTerms:
    """The part of what is metered that decides the base price."""
    return MeteringTerms(tranche=metering_terms(product, currency).tranche)


def reading(service: Service, terms: MeteringTerms, day: date) -> Reading | None:
    """The one the running term was billed on: a term that is paid in advance costs what it was
    counted at when it began, before and after a change. Without such a term, the last good one.
    """
    if terms.tranche is None:
        return None
    billed = _billed(service, day)
    return _of(billed["reading"]) if billed else _last(service, terms.tranche.metric.code)


def _billed(service: Service, day: date) -> dict[str, Any] | None:
    lines = InvoiceLine.objects.filter(
        service=service,
        kind=LineKind.BASE,
        period_start__lte=day,
        period_end__gt=day,
        evidence__rule="tranche",
        invoice__kind=Invoice.Kind.INVOICE,
    ).exclude(invoice__status=Invoice.Status.DRAFT)
    return lines.order_by("-pk").values_list("evidence", flat=True).first()


def _of(facts: dict[str, Any] | None) -> Reading | None:
    if facts is None:
        return None
    at = datetime.fromisoformat(facts["at"])
    return Reading(value=facts["bytes"], at=at, source=facts["source"], stale=facts["stale"])


def _last(service: Service, metric: str) -> Reading | None:
    row = usage.latest(service, metric)
    return reading_of(row, stale=row is not None and clock.now() - row.at > FRESH)
