from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q

from billing.models import Invoice, InvoiceLine
from billing.reports.net import net_of_line
from billing.reports.table import Column, Kind, Months, Report, Table
from config import clock
from config.money import quantize
from config.periods import CYCLES, Period, add_months
from provisioning.models import Service

COLUMNS = (
    Column("month", "Month"),
    Column("currency", "Currency"),
    Column("mrr", "Monthly recurring revenue", Kind.MONEY),
    Column("started", "Started", Kind.NUMBER),
    Column("ended", "Ended", Kind.NUMBER),
    Column("active", "Active at the start", Kind.NUMBER),
    Column("churn", "Churn", Kind.PERCENT),
)
ONE_OFF = ("setup", "late_fee")


def _make(months: Months) -> Table:
    revenue = _recurring(months)
    rows: list[dict[str, Any]] = []
    for month in months:
        for currency, moves in _moves(month).items():
            rows.append(
                {
                    "month": f"{month.start:%Y-%m}",
                    "currency": currency,
                    "mrr": quantize(revenue[month.start, currency], currency),
                    **moves,
                }
            )
    main = settings.CURRENCIES[0]
    return Table(
        columns=COLUMNS,
        rows=rows,
        bars=[(row["month"], row["mrr"]) for row in rows if row["currency"] == main],
        bars_label=f"Monthly recurring revenue in {main}",
    )


def _recurring(months: Months) -> dict[tuple[date, str], Decimal]:
    """A line counts once in each month of its cycle, from the month in which its period begins."""
    sums: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    lines = (
        InvoiceLine.objects.filter(
            invoice__kind=Invoice.Kind.INVOICE,
            invoice__status__in=(Invoice.Status.ISSUED, Invoice.Status.PAID),
            period_start__isnull=False,
            period_start__lt=months.end,
            period_end__gt=months.first,
        )
        .exclude(kind__in=ONE_OFF)
        .annotate(net=net_of_line())
        .values_list("period_start", "net", "evidence__cycle", "invoice__currency")
    )
    for start, amount, cycle, currency in lines.iterator(chunk_size=5000):
        length = max(1, CYCLES[cycle].months) if cycle in CYCLES else 1
        assert start is not None  # filtered above
        for number in range(length):
            month = add_months(start, number).replace(day=1)
            sums[month, currency] += amount / length
    return sums


def _moves(month: Period) -> dict[str, dict[str, int | Decimal]]:
    """Services by currency: active as the month began, started and ended within it."""
    first, after = clock.start_of_day(month.start), clock.start_of_day(month.end)
    alive = Q(activated_at__lt=first) & (
        Q(terminated_at__isnull=True) | Q(terminated_at__gte=first)
    )
    found: dict[str, dict[str, int | Decimal]] = {}
    for currency in settings.CURRENCIES:
        mine = Service.objects.filter(currency=currency)
        active = mine.filter(alive).count()
        ended = mine.filter(alive, terminated_at__lt=after).count()
        started = mine.filter(activated_at__gte=first, activated_at__lt=after).count()
        if active or started:
            churn = Decimal(100 * ended) / active if active else Decimal(0)
            found[currency] = {
                "started": started,
                "ended": ended,
                "active": active,
                "churn": churn.quantize(Decimal("0.1")),
            }
    return found


REPORT = Report(
    code="recurring",
    title="Recurring revenue and churn",
    about="Monthly share of what was invoiced, with services that started and ended.",
    make=_make,
)
