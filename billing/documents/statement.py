"""The statement of account: everything that moved what a customer owes, with a running balance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import Customer
from billing.gateways.registry import label_of, labels_of
from billing.models import CreditEntry, Invoice, Payment, Refund
from billing.payments.credit import balance as credit_balance
from config import clock

ZERO = Decimal(0)
# Adjustments that are no document, payment or refund; all other credit entries mirror one of those.
OWN_ENTRIES = (CreditEntry.Kind.STAFF, CreditEntry.Kind.TOP_UP)


@dataclass(frozen=True, kw_only=True)
class Movement:
    """`amount` is positive where it raises what the customer owes."""

    on: date
    text: str
    amount: Decimal
    document: Invoice | None = None
    payment: Payment | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    movement: Movement
    balance: Decimal


def statement(customer: Customer, currency: str) -> list[Row]:
    """Oldest first; the last balance is what is owed, less account credit."""
    balance, rows = ZERO, []
    for movement in sorted(_movements(customer, currency), key=lambda each: each.on):
        balance += movement.amount
        rows.append(Row(movement=movement, balance=balance))
    return rows


def owed(customer: Customer, currency: str) -> Decimal:
    """Open invoices less account credit: the same figure, from the other side of the books."""
    issued = Invoice.objects.filter(
        customer=customer,
        currency=currency,
        kind=Invoice.Kind.INVOICE,
        status__in=(Invoice.Status.ISSUED, Invoice.Status.WRITTEN_OFF),
    )
    still = sum((each.total - each.settled for each in issued), ZERO)
    return still - credit_balance(customer, currency)


def _movements(customer: Customer, currency: str) -> Iterator[Movement]:
    yield from _documents(customer, currency)
    yield from _payments(customer, currency)
    entries = CreditEntry.objects.filter(customer=customer, currency=currency, kind__in=OWN_ENTRIES)
    for entry in entries:
        on = entry.created_at.astimezone(clock.business_zone()).date()
        text = (
            f"{entry.get_kind_display()}: {entry.note}" if entry.note else entry.get_kind_display()
        )
        yield Movement(on=on, text=text, amount=-entry.amount)


def _documents(customer: Customer, currency: str) -> Iterator[Movement]:
    documents = Invoice.objects.filter(customer=customer, currency=currency).exclude(
        status=Invoice.Status.DRAFT
    )
    for each in documents:
        sign = 1 if each.kind == Invoice.Kind.INVOICE else -1
        yield Movement(
            on=each.issued_on or each.created_at.date(),
            text=f"{each.get_kind_display()} {each.number}",
            amount=sign * each.total,
            document=each,
        )


def _payments(customer: Customer, currency: str) -> Iterator[Movement]:
    counted = (Payment.Status.RECEIVED, Payment.Status.REVERSED)
    payments = Payment.objects.filter(customer=customer, currency=currency, status__in=counted)
    labels = labels_of()
    for payment in payments.prefetch_related("refunds", "charge_backs"):
        way = labels.get(payment.gateway) or label_of(payment.gateway)
        for on, text, amount in _moved(payment):
            yield Movement(on=on, text=text.format(way), amount=amount, payment=payment)


def _moved(payment: Payment) -> Iterator[tuple[date, str, Decimal]]:
    """Money on its way out is no longer the customer's credit."""
    yield payment.received_on, _("Payment: {}"), -payment.amount
    for each in payment.charge_backs.all():
        yield each.taken_on, _("Charged back: {}"), each.amount
        if each.returned_on:
            yield each.returned_on, _("Charge-back won: {}"), -each.amount
    for refund in payment.refunds.all():
        if refund.status != Refund.Status.FAILED:
            on = refund.created_at.astimezone(clock.business_zone()).date()
            yield on, _("Sent back: {}"), refund.amount
