"""Money that arrived, whoever tells us: a gateway or a member of staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import Customer, User
from billing.locks import lock_customer, lock_open
from billing.models import CreditEntry, Invoice, Payment
from billing.payments import credit
from billing.settlement import settle_oldest
from config.money import quantize


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """`external_id` is the gateway's or the bank's own reference: the same one is the same
    money.
    """

    gateway: str
    external_id: str
    amount: Decimal
    currency: str
    received_on: date
    note: str = ""


def receive(
    customer: Customer, receipt: Receipt, *, invoice: Invoice | None = None, by: User | None = None
) -> Payment:
    """Record a payment once and settle with it: the named invoice first, then the oldest open ones.

    What is left becomes account credit. A receipt known already is returned as it is.
    ValidationError: amount, external_id (known with other facts).
    """
    amount = quantize(receipt.amount, receipt.currency)
    if amount <= 0:
        raise ValidationError({"amount": "A payment is more than zero."})
    try:
        with transaction.atomic():
            row = lock_customer(customer.pk)
            known = _known(receipt)
            if known is None:
                known = _record(row, receipt, amount, by)
                _spread(known, row, invoice)
    except IntegrityError:  # the same receipt at the same moment, for another customer's lock
        known = _known(receipt)
    return _same(known, customer, amount)


def _known(receipt: Receipt) -> Payment | None:
    return Payment.objects.filter(gateway=receipt.gateway, external_id=receipt.external_id).first()


def _same(payment: Payment | None, customer: Customer, amount: Decimal) -> Payment:
    if payment is None or (payment.customer_id, payment.amount) != (customer.pk, amount):
        raise ValidationError(
            {"external_id": "A payment with this reference exists, with other facts."}
        )
    return payment


def _record(customer: Customer, receipt: Receipt, amount: Decimal, by: User | None) -> Payment:
    payment = Payment.objects.create(
        customer=customer,
        gateway=receipt.gateway,
        external_id=receipt.external_id,
        currency=receipt.currency,
        amount=amount,
        received_on=receipt.received_on,
        note=receipt.note,
        created_by=by,
    )
    audit.record("payment.received", payment, after=audit.facts(payment))
    return payment


def _spread(payment: Payment, customer: Customer, first: Invoice | None) -> None:
    invoices = lock_open(customer.pk, payment.currency)
    if first is not None:
        invoices.sort(key=lambda each: each.pk != first.pk)  # stable: the named one, then by age
    rest = settle_oldest(invoices, payment.amount, payment)
    credit.add(customer, rest, CreditEntry.Kind.OVERPAYMENT, payment.currency, payment=payment)
