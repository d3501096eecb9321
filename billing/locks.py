"""The order in which money rows are locked: the customer, then documents by id, then a number
series.

Whoever follows it cannot meet another in a deadlock, and nobody settles an invoice twice.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts.models import Customer
from billing.models import Invoice


def lock_customer(customer_id: int) -> Customer:
    _require_transaction()
    return Customer.objects.select_for_update(no_key=True).get(pk=customer_id)


def lock_invoices(ids: Iterable[int]) -> dict[int, Invoice]:
    """By id, with their customer. Lock the customer first."""
    _require_transaction()
    rows = (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("customer")
        .filter(pk__in=list(ids))
        .order_by("pk")
    )
    return {row.pk: row for row in rows}


def lock_open(customer_id: int, currency: str) -> list[Invoice]:
    """The customer's open invoices in a currency, oldest due first."""
    _require_transaction()
    rows = (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("customer")
        .filter(
            customer_id=customer_id,
            currency=currency,
            kind=Invoice.Kind.INVOICE,
            status=Invoice.Status.ISSUED,
        )
        .order_by("pk")
    )
    return sorted(rows, key=lambda each: (each.due_on, each.pk))


def _require_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("locks are taken inside a transaction")
