"""Numbers of documents: unique, in order, without gaps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.db import transaction

from billing.models import Invoice, NumberSeries, Seller

_PREFIXES: dict[str, Callable[[Seller], str]] = {
    Invoice.Kind.INVOICE: lambda seller: seller.invoice_prefix,
    Invoice.Kind.CREDIT_NOTE: lambda seller: seller.credit_note_prefix,
}


def take(seller: Seller, *, on: date, count: int, kind: str = "invoice") -> list[str]:
    """`count` numbers of the series of a kind of document in the year of `on`.

    The series row stays locked until the caller's transaction ends, and a transaction that is
    rolled back gives its numbers back: that is what keeps the series without gaps. Take them last.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("numbers are taken inside the transaction that uses them")
    code = f"{kind}:{on.year}"
    NumberSeries.objects.bulk_create([NumberSeries(code=code)], ignore_conflicts=True)
    series = NumberSeries.objects.select_for_update().get(code=code)
    first = series.last + 1
    series.last += count
    series.save(update_fields=["last"])
    prefix = f"{_PREFIXES[kind](seller)}{on.year}-"
    return [f"{prefix}{number:05d}" for number in range(first, first + count)]
