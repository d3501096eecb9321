"""A customer wants out of a service: at once, or when the term that runs has ended.

Unpaid invoices lose the lines of time that will not be used: at once, every line whose period has
not ended; at the end of the term, the lines of later terms. What was used stays owed. Renewals
stop by themselves: a bill at or after the day of the cancellation has no base
(billing.charges.charging).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from billing.changes import ending
from billing.charges.charging import plan_of
from billing.documents import credit_notes
from billing.locks import lock_customer
from billing.models import CancellationRequest, Claim, Invoice, InvoiceLine
from config import clock
from config.periods import period_containing
from provisioning.models import Service

When = CancellationRequest.When
ENDED = (Service.Desired.TERMINATED, Service.Desired.CANCELLED)


def request(
    service: Service, *, when: str, reason: str = "", by: User | None = None
) -> CancellationRequest:
    """ValidationError keyed "when", or of a service that has ended or is cancelled already."""
    with transaction.atomic():
        lock_customer(service.customer_id)
        row = _fresh(service)
        if when not in When.values:
            raise ValidationError({"when": _("Choose when the service ends.")})
        if row.desired in ENDED:
            raise ValidationError(_("%(row)s has ended already.") % {"row": row})
        if CancellationRequest.objects.filter(service=row).exists():
            raise ValidationError(_("%(row)s is cancelled already.") % {"row": row})
        made = CancellationRequest.objects.create(
            service=row, when=when, reason=reason.strip(), due_on=_due_on(row, when), created_by=by
        )
        audit.record("service.cancelled", row, after=audit.facts(made))
        ending.give_up(row, by=by)
        unused = _unused(made)
        if made.due_on <= clock.today():
            _finish(made, by)  # first, or a credit that settles an order would deliver it
        _credit_unused(made, unused, by)
    return made


def withdraw(cancellation: CancellationRequest, *, by: User | None = None) -> None:
    """Before its day: the service goes on and is billed from where it was."""
    with transaction.atomic():
        lock_customer(cancellation.service.customer_id)
        row = _open().filter(pk=cancellation.pk).first()
        if row is None:
            raise ValidationError(_("This service has ended already."))
        service = row.service
        audit.record("service.cancellation_withdrawn", service, before=audit.facts(row))
        _bill_again(row)
        row.delete()


def carry_out(business_date: date) -> int:
    """End what was cancelled for this day or before; how many services that were."""
    due = _open().filter(due_on__lte=business_date)
    return sum(_carry_out(pk) for pk in due.order_by("pk").values_list("pk", flat=True))


def last_day_choices(service: Service) -> dict[str, date]:
    """The first day on which the service would be gone, by choice."""
    return {str(when): _due_on(service, when) for when in When.values}


def _carry_out(pk: int) -> bool:
    with transaction.atomic():
        found = _open().filter(pk=pk).first()
        if found is None:
            return False
        lock_customer(found.service.customer_id)
        row = _open().select_for_update(of=("self",)).filter(pk=pk).first()
        if row is not None:
            _finish(row, None)
    return row is not None


def _open() -> QuerySet[CancellationRequest]:
    return CancellationRequest.objects.filter(done_at__isnull=True).select_related(
        "service__product", "service__customer"
    )


def _fresh(service: Service) -> Service:
    return Service.objects.select_related("product", "customer").get(pk=service.pk)


def _finish(cancellation: CancellationRequest, by: User | None) -> None:
    ending.terminate(cancellation.service, cause=f"cancellation:{cancellation.pk}", by=by)
    cancellation.done_at = clock.now()
    cancellation.save(update_fields=["done_at"])


def _due_on(service: Service, when: str) -> date:
    """The end of the period that runs, or of the last one that is paid for."""
    today, plan = clock.today(), plan_of(service)
    waits = service.desired == Service.Desired.PENDING
    if when == When.AT_ONCE or waits or not plan.cycle.recurs:
        return today
    running = period_containing(plan.anchor, plan.cycle, day=max(today, plan.anchor)).end
    paid = Claim.objects.filter(
        service=service, kind="base", invoice__status=Invoice.Status.PAID
    ).aggregate(end=Max("period_end"))["end"]
    return max(running, paid or running)


def _credit_unused(cancellation: CancellationRequest, unused: Q, by: User | None) -> None:
    lines = InvoiceLine.objects.filter(
        unused,
        service=cancellation.service,
        invoice__kind=Invoice.Kind.INVOICE,
        invoice__status=Invoice.Status.ISSUED,
    ).select_related("invoice__customer")
    by_invoice: dict[int, list[InvoiceLine]] = {}
    for line in lines.order_by("invoice_id", "position"):
        by_invoice.setdefault(line.invoice_id, []).append(line)
    for found in by_invoice.values():
        _credit(found, by)


def _unused(cancellation: CancellationRequest) -> Q:
    if cancellation.service.desired == Service.Desired.PENDING:
        return Q()
    if cancellation.when == When.AT_ONCE:
        return Q(period_end__gt=cancellation.due_on)
    return Q(period_start__gte=cancellation.due_on)


def _credit(lines: Iterable[InvoiceLine], by: User | None) -> None:
    mine = list(lines)
    invoice = mine[0].invoice
    left = credit_notes.remaining(invoice)
    amounts = {line.pk: left[line.pk] for line in mine if left[line.pk]}
    if sum(amounts.values()) > 0:
        reason = f"{mine[0].service} was cancelled."
        credit_notes.credit(invoice, amounts, reason=reason, by=by)


def _bill_again(cancellation: CancellationRequest) -> None:
    """The run may have passed the last day already and stopped there, or the next term may have
    been invoiced and credited: it falls due once more.
    """
    service, day = cancellation.service, cancellation.due_on
    plan = plan_of(service)
    if not plan.cycle.recurs:
        return
    later = Claim.objects.filter(service=service, kind="base", period_start__gte=day)
    later.exclude(invoice__status=Invoice.Status.PAID).delete()
    resumed = day if plan.in_advance else period_containing(plan.anchor, plan.cycle, day=day).end
    if service.next_due is None or service.next_due > resumed:
        service.next_due = resumed
        service.save(update_fields=["next_due"])
