"""The billing run, and what storing the same rows by hand would take."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, models, transaction

from bench import data
from bench.meter import metered, peak_mib
from billing.models import Claim, Invoice, InvoiceLine, InvoiceTax, Seller, TaxRate
from billing.nightly import run as billing_run
from provisioning.models import FeatureInterval, Service, UsageReading

GB = 1024**3
MAILBOXES = 3
READINGS = 8
TABLES = (Invoice, Claim, InvoiceLine, InvoiceTax)


def build(size: int) -> None:
    """Each service: eight readings and three mailboxes, one with EAS, one MAPI, one with both."""
    Seller.objects.create(name="Northlight Mail", country="DE")
    TaxRate.objects.create(name="VAT", country="DE", rate=Decimal(19), valid_from=date(2020, 1, 1))
    services = data.services(data.product(), data.server(), size)
    UsageReading.objects.bulk_create(_readings(services), batch_size=1000)
    FeatureInterval.objects.bulk_create(_intervals(services), batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measure(size: int) -> dict[str, Any]:
    with metered() as run:
        report = billing_run.run(data.due())
    if report.billed_services != size or report.held:
        raise SystemExit(f"billed {report.billed_services} of {size}, held {report.held}")
    peak = peak_mib()
    plain = _plain_inserts()
    return {
        "time": f"{run.seconds:.2f} s, {size / run.seconds:,.0f} services/s",
        "queries": f"{run.statements}, {run.statements / size:.3f} per service",
        "peak": peak,
        "note": f"plain bulk_create of the same rows: {plain:.2f} s, so ×{run.seconds / plain:.1f}",
    }


def _readings(services: Sequence[Service]) -> Iterator[UsageReading]:
    last = data.due() - timedelta(days=1)
    for service in services:
        for number in range(READINGS):
            yield UsageReading(
                service=service,
                metric="disk",
                value=(21 - number) * GB,
                at=data.noon(last - timedelta(days=number)),
                source="sync",
            )


def _intervals(services: Sequence[Service]) -> Iterator[FeatureInterval]:
    start = data.noon(data.anchor())
    for service in services:
        for number in range(MAILBOXES):
            for feature in (("eas",), ("mapi",), ("eas", "mapi"))[number]:
                yield FeatureInterval(
                    service=service,
                    address=f"user{number}@{service.domain}",
                    feature=feature,
                    started_at=start,
                    source="poll",
                )


def _plain_inserts() -> float:
    """Seconds to store the run's own rows again, in batches as large, with nothing worked out."""
    rows: list[tuple[type[models.Model], list[Any]]] = [
        (table, list(table._default_manager.order_by("pk"))) for table in TABLES
    ]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE billing_invoice CASCADE")
    started = time.perf_counter()
    for table, found in rows:
        for start in range(0, len(found), billing_run.BATCH):
            with transaction.atomic():
                table._default_manager.bulk_create(found[start : start + billing_run.BATCH])
    return time.perf_counter() - started
