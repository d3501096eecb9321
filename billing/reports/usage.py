from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Subquery

from billing.models import Invoice, InvoiceLine
from billing.reports.table import Column, Kind, Months, Report, Table
from config.clock import business_zone
from provisioning.models import Service, UsageReading

GB = Decimal(1024**3)
COLUMNS = (
    Column("service", "Service"),
    Column("customer", "Customer"),
    Column("measured", "Measured on"),
    Column("used_gb", "GB used", Kind.NUMBER),
    Column("billed_gb", "GB last billed", Kind.NUMBER),
    Column("difference", "Used above billed", Kind.NUMBER),
)


def _make(months: Months) -> Table:
    rows = [_row(service) for service in _metered().iterator(chunk_size=1000)]
    return Table(columns=COLUMNS, rows=sorted(rows, key=lambda row: -row["difference"]))


def _metered() -> Any:
    """Delivered services with a disk reading, and the evidence of their last base line."""
    newest = UsageReading.objects.filter(
        service=OuterRef("pk"), metric="disk", state=UsageReading.State.GOOD
    ).order_by("-at", "-id")
    billed = InvoiceLine.objects.filter(
        service=OuterRef("pk"),
        kind="base",
        invoice__kind=Invoice.Kind.INVOICE,
        invoice__status__in=(Invoice.Status.ISSUED, Invoice.Status.PAID),
    ).order_by("-period_end", "-id")
    delivered = (Service.Desired.ACTIVE, Service.Desired.SUSPENDED)
    return (
        Service.objects.filter(desired__in=delivered)
        .annotate(
            used=Subquery(newest.values("value")[:1]),
            measured=Subquery(newest.values("at")[:1]),
            billed=Subquery(billed.values("evidence")[:1]),
        )
        .filter(used__isnull=False)
        .select_related("customer")
    )


def _row(service: Any) -> dict[str, Any]:
    used = (service.used / GB).quantize(Decimal("0.01"))
    billed = Decimal((service.billed or {}).get("billed_gb") or 0)
    return {
        "service": service.domain,
        "customer": str(service.customer),
        "measured": f"{service.measured.astimezone(business_zone()):%Y-%m-%d}",
        "used_gb": used,
        "billed_gb": billed,
        "difference": max(Decimal(0), used - billed),
    }


REPORT = Report(
    code="usage",
    title="Usage against billed",
    about="Disk space in use now beside what the last invoice billed.",
    make=_make,
    dated=False,
)
