"""A change that is given up: by a person, or because nobody paid for it."""

from __future__ import annotations

from accounts import audit
from accounts.models import User
from billing import credit_notes
from billing.models import Invoice, ServiceChange


def expire(change: ServiceChange) -> None:
    end(change, ServiceChange.Status.EXPIRED, reason="The change of plan was not paid in time.")


def end(change: ServiceChange, status: str, *, reason: str, by: User | None = None) -> None:
    """The caller has locked customer and change. Its invoice is credited; what was paid of it
    becomes account credit.
    """
    change.status = status
    change.save(update_fields=["status"])
    owner = change.service.customer
    audit.record(f"change.{status}", change, after={"reason": reason}, customer=owner)
    invoice = change.invoice
    if invoice and invoice.status == Invoice.Status.ISSUED:
        credit_notes.credit_rest(invoice, reason=reason, by=by)
