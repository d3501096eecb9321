"""Account credit: a ledger whose balance is its sum and is never below zero."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Customer, User
from billing.locks import lock_customer, lock_invoices
from billing.models import CreditEntry, Invoice
from billing.settlement import settle
from config.money import format_money, quantize
from config.sums import ExactSum

Kind = CreditEntry.Kind


def balance(customer: Customer | int, currency: str) -> Decimal:
    found = CreditEntry.objects.filter(customer=customer, currency=currency)
    total: Decimal = found.aggregate(sum=ExactSum("amount"))["sum"]
    return total


def apply_credit(invoice: Invoice, amount: Decimal | None = None) -> Decimal:
    """Use credit for an invoice: `amount`, or as much as there is. What was used is returned."""
    with transaction.atomic():
        lock_customer(invoice.customer_id)
        row = lock_invoices([invoice.pk])[invoice.pk]
        available = min(balance(row.customer_id, row.currency), row.open_amount)
        used = available if amount is None else quantize(amount, row.currency)
        if not 0 <= used <= available:
            raise ValidationError(
                {
                    "amount": _("At most %(amount)s can be used.")
                    % {"amount": format_money(available, row.currency)}
                }
            )
        if used:
            used_up = entry(row.customer, -used, Kind.APPLIED, row.currency, document=row)
            settle(row, used, used_up)
    return used


def adjust(
    customer: Customer, amount: Decimal, currency: str, *, note: str, by: User | None = None
) -> CreditEntry:
    """A correction by staff, up or down. ValidationError when the balance would fall below zero."""
    with transaction.atomic():
        lock_customer(customer.pk)
        exact = quantize(amount, currency)
        if not exact:
            raise ValidationError({"amount": "Enter an amount other than zero."})
        if balance(customer, currency) + exact < 0:
            raise ValidationError({"amount": "The balance cannot fall below zero."})
        if not note.strip():
            raise ValidationError({"note": "Say why, for the statement of account."})
        return entry(customer, exact, Kind.STAFF, currency, note=note.strip(), created_by=by)


def add(customer: Customer, amount: Decimal, kind: Kind, currency: str, **source: object) -> None:
    """Credit that comes from a document or payment, inside the caller's transaction."""
    if amount:
        entry(customer, amount, kind, currency, **source)


def entry(
    customer: Customer, amount: Decimal, kind: Kind, currency: str, **source: object
) -> CreditEntry:
    """Like `add`, for an amount that is not zero."""
    made = CreditEntry(customer=customer, currency=currency, amount=amount, kind=kind, **source)
    made.save()
    audit.record("credit.added" if amount > 0 else "credit.used", made, after=audit.facts(made))
    return made
