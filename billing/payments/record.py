"""Money that arrived or is announced, whoever tells us: a gateway or a member of staff."""

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
from config import clock
from config.money import quantize

Status = Payment.Status


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

    What is left becomes account credit. A receipt known already is returned as it is; one that was
    announced before has arrived now. ValidationError: amount, external_id (known with other facts),
    invoice (somebody else's), received_on.
    """
    return _once(customer, receipt, Status.RECEIVED, invoice=invoice, by=by)


def announce(customer: Customer, receipt: Receipt, *, invoice: Invoice | None = None) -> Payment:
    """Money that is under way, such as a bank debit: nothing is settled with it yet."""
    return _once(customer, receipt, Status.PENDING, invoice=invoice)


def fail(payment: Payment, reason: str) -> None:
    """An announced payment that does not come."""
    with transaction.atomic():
        lock_customer(payment.customer_id)
        row = Payment.objects.get(pk=payment.pk)
        if row.status == Status.PENDING:
            row.status, row.note = Status.FAILED, reason[:250]
            row.save(update_fields=["status", "note"])
            audit.record("payment.failed", row, after={"reason": reason})


def under_way(invoice: Invoice) -> bool:
    """Whether money for it is announced, so that nobody should be reminded or charged again."""
    return Payment.objects.filter(invoice=invoice, status=Status.PENDING).exists()


def _once(
    customer: Customer,
    receipt: Receipt,
    status: Status,
    *,
    invoice: Invoice | None,
    by: User | None = None,
) -> Payment:
    amount = _checked(customer, receipt, invoice)
    try:
        with transaction.atomic():
            row = lock_customer(customer.pk)
            known = _known(receipt)
            if known is None:
                known = _record(
                    row, receipt, amount, Payment(status=status, created_by=by, invoice=invoice)
                )
                _spread(known, row)
            elif status == Status.RECEIVED and known.status in (Status.PENDING, Status.FAILED):
                _arrive(_same(known, customer, receipt), receipt)
                _spread(known, row)
    except IntegrityError:  # the same receipt at the same moment, for another customer's lock
        known = _known(receipt)
    return _same(known, customer, receipt)


def _checked(customer: Customer, receipt: Receipt, invoice: Invoice | None) -> Decimal:
    amount = quantize(receipt.amount, receipt.currency)
    if amount <= 0:
        raise ValidationError({"amount": "A payment is more than zero."})
    if receipt.received_on > clock.today():
        raise ValidationError({"received_on": "This day has not come yet."})
    if invoice is not None and invoice.customer_id != customer.pk:
        raise ValidationError({"invoice": "This invoice is another customer's."})
    return amount


def _known(receipt: Receipt) -> Payment | None:
    return Payment.objects.filter(gateway=receipt.gateway, external_id=receipt.external_id).first()


def _same(payment: Payment | None, customer: Customer, receipt: Receipt) -> Payment:
    told = (customer.pk, quantize(receipt.amount, receipt.currency), receipt.currency)
    if payment is None or (payment.customer_id, payment.amount, payment.currency) != told:
        raise ValidationError(
            {"external_id": "A payment with this reference exists, with other facts."}
        )
    return payment


def _record(customer: Customer, receipt: Receipt, amount: Decimal, made: Payment) -> Payment:
    made.customer = customer
    made.gateway, made.external_id = receipt.gateway, receipt.external_id
    made.currency, made.amount = receipt.currency, amount
    made.received_on, made.note = receipt.received_on, receipt.note
    made.save()
    audit.record(f"payment.{made.status}", made, after=audit.facts(made))
    return made


def _arrive(payment: Payment, receipt: Receipt) -> None:
    before = audit.facts(payment)
    payment.status, payment.received_on = Status.RECEIVED, receipt.received_on
    payment.save(update_fields=["status", "received_on"])
    audit.record("payment.received", payment, before=before, after=audit.facts(payment))


def _spread(payment: Payment, customer: Customer) -> None:
    if payment.status == Status.RECEIVED:
        use(payment, customer, payment.amount)


def use(payment: Payment, customer: Customer, amount: Decimal) -> None:
    """Settle with money of a payment; the caller has locked the customer."""
    invoices = lock_open(customer.pk, payment.currency)
    invoices.sort(
        key=lambda each: each.pk != payment.invoice_id
    )  # stable: the named one, then by age
    rest = settle_oldest(invoices, amount, payment)
    credit.add(customer, rest, CreditEntry.Kind.OVERPAYMENT, payment.currency, payment=payment)
