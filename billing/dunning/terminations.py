"""Staff decide whether a service that was not paid for is terminated."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from billing.locks import lock_customer
from billing.models import Invoice, TerminationRequest
from config import clock

Status = TerminationRequest.Status


def approve(request: TerminationRequest, *, by: User | None = None) -> None:
    """ValidationError before the hold is over, when it is paid, or decided already."""
    # Changes are given up with credit notes, whose consequences withdraw requests in turn.
    from billing.changes import ending  # noqa: PLC0415

    with transaction.atomic():
        lock_customer(request.service.customer_id)
        row = _waiting(request)
        if clock.today() < row.not_before:
            raise ValidationError(f"It may not be terminated before {row.not_before}.")
        if row.invoice.status != Invoice.Status.ISSUED:
            raise ValidationError(f"{row.invoice} is not open any more.")
        _decide(row, Status.APPROVED, "")
        ending.terminate(row.service, cause=f"dunning:{row.pk}", by=by)


def dismiss(request: TerminationRequest, *, note: str) -> None:
    with transaction.atomic():
        _decide(_waiting(request), Status.DISMISSED, note)


def withdraw(invoice: Invoice) -> None:
    """What was asked because of an invoice that is closed now."""
    for row in invoice.terminations.filter(status=Status.WAITING):
        dismiss(row, note=f"{invoice} was closed.")


def _waiting(request: TerminationRequest) -> TerminationRequest:
    rows = TerminationRequest.objects.select_for_update(of=("self",))
    row = rows.select_related("service__customer", "invoice").get(pk=request.pk)
    if row.status != Status.WAITING:
        raise ValidationError("This request was decided already.")
    return row


def _decide(row: TerminationRequest, status: str, note: str) -> None:
    row.status, row.note, row.decided_at = status, note[:250], clock.now()
    row.save(update_fields=["status", "note", "decided_at"])
    audit.record(f"termination.{status}", row, after={"note": note}, customer=row.service.customer)
