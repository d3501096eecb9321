"""Money that the payer's bank took back, and money that came in again because we were right."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit
from billing.gateways.contract import Dispute
from billing.locks import lock_customer
from billing.models import ChargeBack, CreditEntry, Payment
from billing.payments.reconcile import Mismatch
from billing.payments.record import use
from billing.payments.refunds import kept_of
from billing.payments.takeback import take_back
from config import clock
from config.money import format_money, quantize

BY_HAND = "by-hand"


@dataclass(frozen=True, kw_only=True)
class Loss:
    """`external_id` is the gateway's own: the same one is the same loss."""

    amount: Decimal
    reason: str = ""
    external_id: str = BY_HAND


def reverse(payment: Payment, loss: Loss) -> ChargeBack:
    """Take it out of the customer's account; invoices that it had paid are open again.

    ValidationError: amount.
    """
    with transaction.atomic():
        customer = lock_customer(payment.customer_id)
        known = payment.charge_backs.filter(external_id=loss.external_id).first()
        if known:
            return known
        row = Payment.objects.select_related("customer").get(pk=payment.pk)
        amount = _checked(row, loss)
        made = ChargeBack.objects.create(
            payment=row,
            external_id=loss.external_id,
            amount=amount,
            reason=loss.reason[:250],
            taken_on=clock.today(),
        )
        take_back(row, amount, CreditEntry.Kind.REVERSED)
        _mark(row)
        audit.record("payment.charged_back", row, customer=customer, after=audit.facts(made))
    return made


def _checked(payment: Payment, loss: Loss) -> Decimal:
    amount, most = quantize(loss.amount, payment.currency), kept_of(payment)
    arrived = payment.status in (Payment.Status.RECEIVED, Payment.Status.REVERSED)
    if not arrived or not 0 < amount <= most:
        told = format_money(most if arrived else Decimal(0), payment.currency)
        raise ValidationError({"amount": f"At most {told} of this payment is still here."})
    return amount


def reinstate(made: ChargeBack) -> None:
    """The bank gave the money back to us."""
    with transaction.atomic():
        customer = lock_customer(made.payment.customer_id)
        row = ChargeBack.objects.select_related("payment__customer").get(pk=made.pk)
        if row.returned_on:
            return
        row.returned_on = clock.today()
        row.save(update_fields=["returned_on"])
        _mark(row.payment)
        use(row.payment, customer, row.amount)
        audit.record("payment.reinstated", row.payment, after=audit.facts(row))


def _mark(payment: Payment) -> None:
    """Charged back is what nothing is left of."""
    empty = not kept_of(payment)
    payment.status = Payment.Status.REVERSED if empty else Payment.Status.RECEIVED
    payment.save(update_fields=["status"])


def take(code: str, dispute: Dispute) -> str:
    """What the gateway tells of a dispute. Mismatch."""
    payment = Payment.objects.filter(gateway=code, external_id=dispute.payment_id).first()
    if payment is None:
        return "Not a payment of ours."
    if dispute.currency != payment.currency:
        raise Mismatch(f"{payment} is in {payment.currency}, the dispute in {dispute.currency}.")
    known = payment.charge_backs.filter(external_id=dispute.external_id).first()
    if dispute.taken:
        return _taken(payment, dispute)
    if known:
        reinstate(known)
        return f"{known}: the money came back."
    return "A question of the payer's bank; no money moved."


def _taken(payment: Payment, dispute: Dispute) -> str:
    loss = Loss(amount=dispute.amount, reason=dispute.reason, external_id=dispute.external_id)
    try:
        return f"{reverse(payment, loss)}: {format_money(dispute.amount, dispute.currency)}."
    except ValidationError as error:
        raise Mismatch(" ".join(error.messages)) from error
