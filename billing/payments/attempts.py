"""The rows of tries to collect an invoice: written before a gateway is called, closed after."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from billing.gateways.contract import Demand, Payer
from billing.locks import lock_customer, lock_invoices
from billing.models import ChargeAttempt, Invoice, SavedMethod
from billing.payments import record
from config import clock

Status = ChargeAttempt.Status
UNDER_WAY = (Status.OPEN, Status.STARTED, Status.PENDING)
WORDS = 1000


def begin(invoice: Invoice, gateway: str, method: SavedMethod | None) -> ChargeAttempt:
    """A new try for all that is open. ValidationError when there is nothing to collect, or another
    try or an announced payment is under way.
    """
    status = Status.STARTED if method else Status.OPEN
    return _write(invoice, "charge.started", gateway=gateway, method=method, status=status)


def not_made(invoice: Invoice, method: SavedMethod, words: str) -> ChargeAttempt:
    """A try that is known to fail: the gateway is not asked. ValidationError as of `begin`."""
    values = {"status": Status.NOT_MADE, "error": words[:WORDS], "finished_at": clock.now()}
    return _write(invoice, "charge.not_made", gateway=method.gateway, method=method, **values)


def _write(invoice: Invoice, event: str, **values: Any) -> ChargeAttempt:
    with transaction.atomic():
        lock_customer(invoice.customer_id)
        row = lock_invoices([invoice.pk])[invoice.pk]
        _check(row)
        attempt = ChargeAttempt.objects.create(
            invoice=row,
            number=row.charge_attempts.count() + 1,
            amount=row.open_amount,
            **values,
        )
        audit.record(event, attempt, customer=row.customer, after=audit.facts(attempt))
    return attempt


def _check(invoice: Invoice) -> None:
    if invoice.kind != Invoice.Kind.INVOICE or invoice.open_amount <= 0:
        raise ValidationError(_("Nothing is left to pay on this invoice."))
    if record.under_way(invoice):
        raise ValidationError(_("A payment for this invoice is on its way already."))
    if invoice.charge_attempts.filter(status__in=UNDER_WAY).exists():
        raise ValidationError(
            _("This invoice is being paid at this moment. Try again in a minute.")
        )


def close(attempt: ChargeAttempt, status: Status, words: str = "") -> None:
    """What came of it. One that succeeded stays so, whatever is heard later."""
    with transaction.atomic():
        row = ChargeAttempt.objects.select_for_update().get(pk=attempt.pk)
        if row.status in (Status.SUCCEEDED, status):
            return
        row.status, row.error = status, words[:WORDS]
        row.finished_at = None if status in UNDER_WAY else clock.now()
        row.save(update_fields=["status", "error", "finished_at"])
        customer = row.invoice.customer
        audit.record(f"charge.{status}", row, customer=customer, after=audit.facts(row))


def note(attempt: ChargeAttempt, **facts: str) -> None:
    """The page's or payment's external id, or why there is no answer yet."""
    if "error" in facts:
        facts["error"] = facts["error"][:WORDS]
    ChargeAttempt.objects.filter(pk=attempt.pk).update(**facts)


def by_reference(reference: str, gateway: str) -> ChargeAttempt | None:
    public_id, _dash, number = reference.rpartition("-")
    if not public_id or not (number.isascii() and number.isdigit()) or len(number) > 6:
        return None
    rows = ChargeAttempt.objects.select_related("invoice__customer")
    return rows.filter(invoice__public_id=public_id, number=number, gateway=gateway).first()


def demand_of(attempt: ChargeAttempt, payer: Payer) -> Demand:
    invoice = attempt.invoice
    return Demand(
        reference=attempt.reference,
        title=str(invoice),
        amount=attempt.amount,
        currency=invoice.currency,
        payer=payer,
    )
