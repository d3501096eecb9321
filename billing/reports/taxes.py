from __future__ import annotations

from django.db.models import Q
from django.db.models.functions import TruncMonth

from billing.models import Invoice, InvoiceTax
from billing.reports.table import Column, Kind, Months, Report, Table
from config.sums import ExactSum

COLUMNS = (
    Column("month", "Month"),
    Column("tax", "Tax"),
    Column("rate", "Rate in %", Kind.NUMBER),
    Column("currency", "Currency"),
    Column("net", "Net", Kind.MONEY),
    Column("amount", "Tax", Kind.MONEY),
)


def _make(months: Months) -> Table:
    """Credit notes are taken off in the month they were issued."""
    credit = Q(invoice__kind=Invoice.Kind.CREDIT_NOTE)
    found = (
        InvoiceTax.objects.filter(
            invoice__issued_on__gte=months.first, invoice__issued_on__lt=months.end
        )
        .annotate(month=TruncMonth("invoice__issued_on"))
        .values("month", "name", "rate", "invoice__currency")
        .annotate(
            net_sum=ExactSum("net", filter=~credit),
            net_back=ExactSum("net", filter=credit),
            tax_sum=ExactSum("tax", filter=~credit),
            tax_back=ExactSum("tax", filter=credit),
        )
        .order_by("month", "name", "rate", "invoice__currency")
    )
    rows = [
        {
            "month": f"{row['month']:%Y-%m}",
            "tax": row["name"],
            "rate": row["rate"],
            "currency": row["invoice__currency"],
            "net": row["net_sum"] - row["net_back"],
            "amount": row["tax_sum"] - row["tax_back"],
        }
        for row in found
    ]
    return Table(columns=COLUMNS, rows=rows)


REPORT = Report(
    code="tax",
    title="Tax",
    about="Tax by rate and month of the document, with credit notes taken off.",
    make=_make,
)
