"""Numbers of documents: unique, in order, without gaps."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from billing.models import NumberSeries, Seller


def take(seller: Seller, *, on: date, count: int) -> list[str]:
    """`count` numbers of the invoice series of the year of `on`.

    The series row stays locked until the caller's transaction ends, and a transaction that is
    rolled back gives its numbers back: that is what keeps the series without gaps. Take them last.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("numbers are taken inside the transaction that uses them")
    code = f"invoice:{on.year}"
    NumberSeries.objects.bulk_create([NumberSeries(code=code)], ignore_conflicts=True)
    series = NumberSeries.objects.select_for_update().get(code=code)
    first = series.last + 1
    series.last += count
    series.save(update_fields=["last"])
    return [
        f"{seller.invoice_prefix}{on.year}-{number:05d}" for number in range(first, first + count)
    ]
