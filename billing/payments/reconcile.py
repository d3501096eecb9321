"""What a gateway says of a payment, read from it just now, against what we asked for."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import transaction

from billing.gateways.contract import Charge, State
from billing.locks import lock_customer
from billing.models import ChargeAttempt, Payment
from billing.payments import attempts, methods, record
from billing.payments.payers import customer_of
from billing.payments.record import Receipt
from config import clock
from config.money import format_money

Status = ChargeAttempt.Status


class Mismatch(Exception):
    """It contradicts our rows: nothing is booked. The text is for staff."""


def take(code: str, charge: Charge) -> str:
    """Book it, as often as it is told; a sentence on what was done. Mismatch."""
    attempt = attempts.by_reference(charge.reference, code) if charge.reference else None
    if attempt is None:
        return "Not a payment of ours."
    _check(attempt, charge)
    try:
        return HANDLERS[charge.state](attempt, charge)
    except ValidationError as error:
        raise Mismatch(" ".join(error.messages)) from error


def _check(attempt: ChargeAttempt, charge: Charge) -> None:
    invoice = attempt.invoice
    if charge.currency != invoice.currency:
        raise Mismatch(f"{invoice} is in {invoice.currency}, this payment in {charge.currency}.")
    if charge.amount != attempt.amount:
        asked, got = (
            format_money(amount, charge.currency) for amount in (attempt.amount, charge.amount)
        )
        raise Mismatch(f"{asked} was asked for {invoice}, and {got} is told.")
    if customer_of(attempt.gateway, charge.payer_id) != invoice.customer:
        raise Mismatch(f"The payer is not the customer of {invoice}.")


def _succeeded(attempt: ChargeAttempt, charge: Charge) -> str:
    invoice = attempt.invoice
    with transaction.atomic():
        lock_customer(invoice.customer_id)
        attempts.close(attempt, Status.SUCCEEDED)
        payment = record.receive(invoice.customer, _receipt(attempt, charge), invoice=invoice)
    if charge.method:
        methods.keep(attempt.gateway, charge.method)
    return f"{format_money(payment.amount, payment.currency)} received for {invoice}."


def _pending(attempt: ChargeAttempt, charge: Charge) -> str:
    invoice = attempt.invoice
    with transaction.atomic():
        lock_customer(invoice.customer_id)
        others = invoice.charge_attempts.exclude(pk=attempt.pk)
        if not others.filter(status__in=(Status.STARTED, Status.PENDING)).exists():
            attempts.close(attempt, Status.PENDING)
        record.announce(invoice.customer, _receipt(attempt, charge), invoice=invoice)
    return f"A payment for {invoice} is on its way."


def _failed(attempt: ChargeAttempt, charge: Charge) -> str:
    """On a payment page another card can be tried, so the page stays open."""
    words = charge.words or "The payment was not made."
    announced = Payment.objects.filter(
        gateway=attempt.gateway, external_id=charge.external_id, status=Payment.Status.PENDING
    ).first()
    if announced:
        record.fail(announced, words)
    if attempt.status == Status.OPEN and not announced:
        attempts.note(attempt, error=words)
    else:
        attempts.close(attempt, Status.FAILED, words)
    return f"Not paid: {words}"


def _action(attempt: ChargeAttempt, charge: Charge) -> str:
    words = charge.words or "The bank wants the customer to confirm."
    if attempt.status != Status.OPEN:
        attempts.close(attempt, Status.ACTION, words)
    return words


def _open(attempt: ChargeAttempt, charge: Charge) -> str:
    return "Nobody has paid yet."


HANDLERS: dict[State, Callable[[ChargeAttempt, Charge], str]] = {
    State.SUCCEEDED: _succeeded,
    State.PENDING: _pending,
    State.FAILED: _failed,
    State.ACTION: _action,
    State.OPEN: _open,
}


def _receipt(attempt: ChargeAttempt, charge: Charge) -> Receipt:
    return Receipt(
        gateway=attempt.gateway,
        external_id=charge.external_id,
        amount=charge.amount,
        currency=charge.currency,
        received_on=clock.today(),
    )
