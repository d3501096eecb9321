"""A fee for an overdue invoice: a document of its own, one per invoice and rule, never on a fee."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts import audit
from billing.documents.drafts import Terms, mark_issued, total_up
from billing.documents.sellers import seller
from billing.models import DunningStep, Invoice, InvoiceLine, LateFee
from config.language import speaking
from config.money import quantize


def amount_of(step: DunningStep, open_amount: Decimal, currency: str) -> Decimal:
    """A percentage of what is open, at least the minimum."""
    share = quantize(open_amount * step.fee_percent / 100, currency)
    return max(share, quantize(step.fee_minimum, currency))


def charge(invoice: Invoice, step: DunningStep, *, on: date) -> Invoice | None:
    """The issued fee, inside the caller's transaction; None when it comes to nothing. A fee is
    compensation and carries no tax.
    """
    amount = amount_of(step, invoice.open_amount, invoice.currency)
    if amount <= 0 or LateFee.objects.filter(document=invoice).exists():
        return None
    us = seller()
    document = Invoice(
        customer=invoice.customer,
        currency=invoice.currency,
        due_on=on + timedelta(days=us.payment_days),
        tax_evidence={"rule": "late_fee", "reason": ""},
    )
    line = InvoiceLine(
        invoice=document,
        position=1,
        kind="late_fee",
        description=_described(invoice),
        quantity=Decimal(1),
        unit_price=amount,
        amount=amount,
        evidence=_evidence(invoice, step, amount),
    )
    total_up(document, [line])
    mark_issued([document], Terms(seller=us, rates=[], issued_on=on))
    document.save()
    line.save()
    LateFee.objects.create(invoice=invoice, step=step, document=document)
    audit.record("late_fee.charged", document, after=audit.facts(document))
    return document


def _described(invoice: Invoice) -> str:
    with speaking(invoice.customer.language):
        return _("Late fee for invoice %(invoice)s") % {"invoice": invoice}


def _evidence(invoice: Invoice, step: DunningStep, amount: Decimal) -> dict[str, str]:
    return {
        "rule": "late_fee",
        "of": str(invoice),
        "open": str(invoice.open_amount),
        "percent": str(step.fee_percent),
        "minimum": str(step.fee_minimum),
        "amount": str(amount),
    }
