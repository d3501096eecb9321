"""Money sent back. It comes out of account credit, which a credit note or an overpayment made."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from billing.gateways.contract import Ability, RefundOrder, RefundState, State
from billing.gateways.errors import GatewayError, GatewayUnavailable
from billing.gateways.registry import kind_of, open_gateway
from billing.locks import lock_customer
from billing.models import CreditEntry, Invoice, Payment, Refund
from billing.payments import credit
from billing.payments.collect import LOST_AFTER
from billing.payments.reconcile import Mismatch
from billing.payments.takeback import take_back
from config import clock
from config.money import format_money, quantize
from config.sums import ExactSum

Status = Refund.Status
ZERO = Decimal(0)
AT_THE_GATEWAY = "Made at the gateway itself"
STATES = {
    State.SUCCEEDED: Status.DONE,
    State.FAILED: Status.FAILED,
    State.PENDING: Status.STARTED,
    State.ACTION: Status.STARTED,
    State.OPEN: Status.STARTED,
}


@dataclass(frozen=True, kw_only=True)
class Wish:
    """`key` names the wish: asking twice with the same one sends the money once."""

    amount: Decimal
    reason: str
    key: str
    credit_note: Invoice | None = None


def refundable(payment: Payment) -> Decimal:
    """What of a payment can be sent back: what came of it, and is credit now."""
    if payment.status != Payment.Status.RECEIVED:
        return ZERO
    return min(kept_of(payment), credit.balance(payment.customer_id, payment.currency))


def kept_of(payment: Payment) -> Decimal:
    """What of the money has not left again."""
    sent = payment.refunds.exclude(status=Status.FAILED).aggregate(sum=ExactSum("amount"))
    taken = payment.charge_backs.filter(returned_on__isnull=True)
    left: Decimal = payment.amount - sent["sum"] - taken.aggregate(sum=ExactSum("amount"))["sum"]
    return left


def is_by_hand(payment: Payment) -> bool:
    """Whether a person sends the money, because no gateway does."""
    kind = kind_of(payment.gateway)
    return kind is None or not kind.can(Ability.REFUNDS)


def refund(payment: Payment, wish: Wish, *, by: User | None = None) -> Refund:
    """The row and the ledger stand before the gateway is asked; what it refuses is credit again.

    ValidationError: amount, reason.
    """
    row, made = _begin(payment, wish, by)
    if made and row.status == Status.STARTED:
        carry_out(row)
    return row


def _begin(payment: Payment, wish: Wish, by: User | None) -> tuple[Refund, bool]:
    with transaction.atomic():
        lock_customer(payment.customer_id)
        known = Refund.objects.filter(key=wish.key).first()
        if known:
            return known, False
        row = Payment.objects.select_related("customer").get(pk=payment.pk)
        amount = _checked(row, wish)
        made = Refund.objects.create(
            payment=row,
            key=wish.key,
            amount=amount,
            reason=wish.reason.strip(),
            credit_note=wish.credit_note,
            status=Status.DONE if is_by_hand(row) else Status.STARTED,
            created_by=by,
        )
        _ledger(made, -amount, CreditEntry.Kind.REFUNDED)
        audit.record("refund.started", made, customer=row.customer, after=audit.facts(made))
    return made, True


def _checked(payment: Payment, wish: Wish) -> Decimal:
    amount = quantize(wish.amount, payment.currency)
    most = refundable(payment)
    if not wish.reason.strip():
        raise ValidationError({"reason": "Say why, for the books."})
    if not 0 < amount <= most:
        told = format_money(most, payment.currency)
        raise ValidationError(
            {
                "amount": f"At most {told} of it is account credit that can be sent back. To give"
                " back more, write a credit note first."
            }
        )
    return amount


def _ledger(refund: Refund, amount: Decimal, kind: CreditEntry.Kind) -> None:
    payment = refund.payment
    credit.add(payment.customer, amount, kind, payment.currency, payment=payment, refund=refund)


def carry_out(row: Refund, *, again: bool = False) -> None:
    """Ask the gateway; `again`: look first what an earlier call came to."""
    order = _order(row)
    try:
        gateway = open_gateway(row.payment.gateway)
        found = gateway.find_refund(order) if again else None
        _settle(row, found or gateway.refund(order))
    except GatewayUnavailable as error:
        Refund.objects.filter(pk=row.pk).update(error=str(error))
    except GatewayError as error:
        _finish(row, Status.FAILED, error=str(error))
    row.refresh_from_db()


def _order(row: Refund) -> RefundOrder:
    payment = row.payment
    return RefundOrder(
        reference=reference(row),
        payment_id=payment.external_id,
        amount=row.amount,
        currency=payment.currency,
    )


def reference(row: Refund) -> str:
    return f"{row.payment.public_id}-r{row.pk}"


def _settle(row: Refund, found: RefundState) -> None:
    Refund.objects.filter(pk=row.pk).update(external_id=found.external_id)
    status = STATES[found.state]
    if status != Status.STARTED:
        _finish(row, status, error=found.words)


def _finish(row: Refund, status: Refund.Status, *, error: str = "") -> None:
    with transaction.atomic():
        lock_customer(row.payment.customer_id)
        fresh = Refund.objects.select_related("payment__customer").get(pk=row.pk)
        if fresh.status in (status, Status.FAILED):
            return
        fresh.status, fresh.error = status, error
        fresh.save(update_fields=["status", "error"])
        if status == Status.FAILED:
            _ledger(fresh, fresh.amount, CreditEntry.Kind.RETURNED)
        customer = fresh.payment.customer
        audit.record(f"refund.{status}", fresh, customer=customer, after=audit.facts(fresh))


def take(code: str, found: RefundState) -> str:
    """What the gateway tells of a refund, ours or one made on its own pages. Mismatch."""
    payment = Payment.objects.filter(gateway=code, external_id=found.payment_id).first()
    if payment is None:
        return "Not a refund of ours."
    if found.currency != payment.currency:
        raise Mismatch(f"{payment} is in {payment.currency}, its refund in {found.currency}.")
    row = _ours(payment, found) or _made_elsewhere(payment, found)
    if row is None:
        return "Nothing was sent."
    if row.amount != found.amount:
        raise Mismatch(f"{row} is of {row.amount}, and {found.amount} is told.")
    _settle(row, found)
    return f"{row}: {found.state}."


def _ours(payment: Payment, found: RefundState) -> Refund | None:
    rows = payment.refunds.select_related("payment")
    known = rows.filter(external_id=found.external_id).first()
    return known or next((row for row in rows if reference(row) == found.reference), None)


def _made_elsewhere(payment: Payment, found: RefundState) -> Refund | None:
    """The money is gone already: credit first, then what it had settled is open again."""
    if found.state is State.FAILED:
        return None
    with transaction.atomic():
        customer = lock_customer(payment.customer_id)
        row, made = Refund.objects.get_or_create(
            key=f"{payment.gateway}:{found.external_id}",
            defaults={
                "payment": payment,
                "amount": found.amount,
                "status": Status.DONE,
                "external_id": found.external_id,
                "reason": AT_THE_GATEWAY,
            },
        )
        if made:
            _take_from_account(payment, found.amount, row)
            audit.record("refund.told", row, customer=customer, after=audit.facts(row))
    return row


def _take_from_account(payment: Payment, amount: Decimal, row: Refund) -> None:
    try:
        take_back(payment, amount, CreditEntry.Kind.REFUNDED, refund=row)
    except ValidationError as error:
        raise Mismatch(" ".join(error.messages)) from error


def lost() -> list[Refund]:
    """Those whose answer never came."""
    since = clock.now() - LOST_AFTER
    rows = Refund.objects.filter(status=Status.STARTED, external_id="", created_at__lt=since)
    return list(rows.select_related("payment").order_by("pk"))
