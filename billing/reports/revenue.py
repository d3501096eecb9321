from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import TruncMonth

from billing.models import Invoice, InvoiceLine
from billing.reports.net import net_of_line
from billing.reports.table import Column, Kind, Months, Report, Table
from config.sums import ExactSum

COLUMNS = (
    Column("month", "Month"),
    Column("product", "Product"),
    Column("currency", "Currency"),
    Column("invoiced", "Invoiced", Kind.MONEY),
    Column("credited", "Credited", Kind.MONEY),
    Column("net", "Net", Kind.MONEY),
)


def _make(months: Months) -> Table:
    credit = Q(invoice__kind=Invoice.Kind.CREDIT_NOTE)
    found = (
        InvoiceLine.objects.filter(
            invoice__issued_on__gte=months.first, invoice__issued_on__lt=months.end
        )
        .annotate(month=TruncMonth("invoice__issued_on"))
        .values("month", "service__product__name", "invoice__currency")
        .annotate(
            invoiced=ExactSum(net_of_line(), filter=~credit),
            credited=ExactSum(net_of_line(), filter=credit),
        )
        .order_by("month", "service__product__name", "invoice__currency")
    )
    rows = [
        {
            "month": f"{row['month']:%Y-%m}",
            "product": row["service__product__name"] or "Other",
            "currency": row["invoice__currency"],
            "invoiced": row["invoiced"],
            "credited": row["credited"],
            "net": row["invoiced"] - row["credited"],
        }
        for row in found
    ]
    currency = settings.CURRENCIES[0]
    return Table(
        columns=COLUMNS,
        rows=rows,
        bars=_bars(rows, months, currency),
        bars_label=f"Net revenue in {currency}",
    )


def _bars(
    rows: list[dict[str, object]], months: Months, currency: str
) -> list[tuple[str, Decimal]]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["currency"] == currency:
            net = row["net"]
            assert isinstance(net, Decimal)
            sums[str(row["month"])] += net
    labels = [f"{month.start:%Y-%m}" for month in months]
    return [(label, sums[label]) for label in labels]


REPORT = Report(
    code="revenue",
    title="Revenue",
    about="What was invoiced and credited by month and product, before tax.",
    make=_make,
)
