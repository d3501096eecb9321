from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from billing.models import Invoice
from billing.reports.table import Column, Kind, Months, Report, Table
from config import clock

# The most days overdue of each column; the last takes the rest.
AGES: tuple[tuple[str, str, int | None], ...] = (
    ("not_due", "Not due yet", 0),
    ("to_30", "1–30 days", 30),
    ("to_60", "31–60 days", 60),
    ("to_90", "61–90 days", 90),
    ("older", "Older", None),
)
COLUMNS = (
    Column("customer", "Customer"),
    Column("currency", "Currency"),
    *(Column(code, label, Kind.MONEY) for code, label, _most in AGES),
    Column("total", "Total", Kind.MONEY),
)


def _make(months: Months) -> Table:
    today = clock.today()
    rows: dict[tuple[str, str], dict[str, Any]] = defaultdict(lambda: defaultdict(Decimal))
    for invoice in _open().iterator(chunk_size=2000):
        row = rows[str(invoice.customer), invoice.currency]
        row["customer"], row["currency"] = str(invoice.customer), invoice.currency
        row[_age(invoice.due_on or today, today)] += invoice.open_amount
        row["total"] += invoice.open_amount
    codes = [column.code for column in COLUMNS]
    ordered = sorted(rows.values(), key=lambda row: (-row["total"], row["customer"]))
    return Table(columns=COLUMNS, rows=[{code: row[code] for code in codes} for row in ordered])


def _open() -> Any:
    return Invoice.objects.filter(
        kind=Invoice.Kind.INVOICE, status=Invoice.Status.ISSUED
    ).select_related("customer")


def _age(due: date, today: date) -> str:
    overdue = (today - due).days
    return next(code for code, _label, most in AGES if most is None or overdue <= most)


REPORT = Report(
    code="receivables",
    title="Receivables",
    about="What customers owe today, by how long it has been due.",
    make=_make,
    dated=False,
)
