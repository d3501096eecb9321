"""A change takes effect: credit is given, claims are moved, the platform is asked.

Called when the change is paid, when it is asked for and costs nothing now, or by the daily run.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import audit
from accounts.models import User
from billing.changes import closing
from billing.changes.ending import expire
from billing.changes.plan import agreed_lines, last_change, restarts
from billing.documents import credit_notes
from billing.locks import lock_customer
from billing.models import (
    Adjustment,
    Claim,
    CreditEntry,
    Invoice,
    InvoiceLine,
    ServiceChange,
)
from billing.payments import credit as account_credit
from config import clock
from config.language import day as day_of
from config.language import speaking
from config.periods import CYCLES, Period, due_date
from provisioning import services
from provisioning.models import Service

Status = ServiceChange.Status
PENDING = (Status.WAITING, Status.SCHEDULED)
ZERO = Decimal(0)
REASON = gettext_noop("Change of plan on %(day)s.")


def paid(invoice: Invoice) -> None:
    """The change that an invoice was for, inside the payment's transaction.

    What cannot be carried out any more waits for staff; the payment stands.
    """
    change = ServiceChange.objects.filter(invoice=invoice, status__in=PENDING).first()
    if change is None:
        return
    if invoice.status != Invoice.Status.PAID:
        ServiceChange.objects.filter(pk=change.pk).update(status=Status.CANCELLED)
        return
    _attempt(change)


def carry_out(business_date: date) -> int:
    """What is due by a day: changes at the end of a term, and changes nobody paid for. Their
    number is returned.
    """
    due = ServiceChange.objects.filter(status=Status.SCHEDULED, apply_on__lte=business_date)
    late = ServiceChange.objects.filter(status=Status.WAITING, expires_on__lt=business_date)
    done = sum(_one(pk, business_date) for pk in due.values_list("pk", flat=True))
    return done + sum(_one(pk, business_date) for pk in late.values_list("pk", flat=True))


def apply(change: ServiceChange, *, by: User | None = None) -> None:
    """Inside the caller's transaction, customer locked. ValidationError when it cannot be done."""
    service = Service.objects.select_related("product", "server", "customer").get(
        pk=change.service_id
    )
    with transaction.atomic():
        _give_back(change, service)
        _later_lines(change, service)
        if restarts(service, change.product, change.cycle):
            _restart(change, service)
        _drop_own_price(change, service)
        cause = f"change:{change.pk}"
        services.change_package(
            service, product=change.product, options=change.options, cause=cause, by=by
        )
        change.status = Status.APPLIED
        change.save(update_fields=["status"])
        audit.record("change.applied", change, after=audit.facts(change), customer=service.customer)


def _one(pk: int, business_date: date) -> bool:
    with transaction.atomic():
        change = ServiceChange.objects.select_related("service__product").get(pk=pk)
        lock_customer(change.service.customer_id)
        change = (
            ServiceChange.objects.select_for_update(of=("self",))
            .select_related("service__product", "service__customer", "product", "invoice")
            .get(pk=pk)
        )
        if change.status == Status.WAITING:
            expire(change)
            return True
        if change.status != Status.SCHEDULED or not closing.is_billed(change, business_date):
            return False
        return _attempt(change)


def _attempt(change: ServiceChange) -> bool:
    try:
        apply(change)
    except ValidationError as error:
        text = " ".join(error.messages)
        change.evidence = {**change.evidence, "problem": text}
        change.expires_on = None
        change.save(update_fields=["evidence", "expires_on"])
        owner = change.service.customer
        audit.record("change.failed", change, after={"problem": text}, customer=owner)
        return False
    return True


def _give_back(change: ServiceChange, service: Service) -> None:
    """Unpaid terms that are billed again, and what a change to something cheaper leaves over."""
    facts = change.evidence
    with speaking(service.customer.language):
        reason = _(REASON) % {"day": day_of(date.fromisoformat(facts["day"]))}
    for start in () if facts["free"] else facts["reissued"]:
        claim = Claim.objects.get(service=service, kind="base", period_start=start)
        span = Period(claim.period_start, claim.period_end)
        _credit_lines(claim.invoice, agreed_lines(claim.invoice, service, span), reason)
        if change.invoice is not None:
            Claim.objects.filter(pk=claim.pk).update(invoice=change.invoice)
    rest = change.credit - change.debit
    if rest > 0 and not facts["on_next"] and not facts["free"] and change.invoice is None:
        _credit(service, rest, reason, day=date.fromisoformat(facts["day"]))


def _credit_lines(invoice: Invoice, lines: Iterable[InvoiceLine], reason: str) -> None:
    left = credit_notes.remaining(invoice)
    amounts = {line.pk: left[line.pk] for line in lines if left[line.pk]}
    if sum(amounts.values(), ZERO) > 0:
        credit_notes.credit(invoice, amounts, reason=reason)


def _credit(service: Service, rest: Decimal, reason: str, *, day: date) -> None:
    """Credit notes against what billed the running terms, the latest first. What no document of
    ours billed becomes account credit without one.
    """
    for invoice, lines in _billing_lines(service, day):
        left = credit_notes.remaining(invoice)
        amounts: dict[int, Decimal] = {}
        for line in lines:
            part = min(rest, left[line.pk])
            if part > 0:
                amounts[line.pk] = part
                rest -= part
        if amounts:
            credit_notes.credit(invoice, amounts, reason=reason)
    if rest > 0:
        account_credit.add(
            service.customer, rest, CreditEntry.Kind.STAFF, service.currency, note=reason
        )


def _billing_lines(service: Service, day: date) -> list[tuple[Invoice, list[InvoiceLine]]]:
    found: list[tuple[Invoice, list[InvoiceLine]]] = []
    claims = Claim.objects.filter(service=service, kind="base", period_end__gt=day)
    before = last_change(service)
    invoices = [each.invoice for each in claims.select_related("invoice").order_by("-period_start")]
    if before and before.invoice and before.invoice not in invoices:
        invoices.insert(0, before.invoice)
    for invoice in invoices:
        rows = invoice.lines.filter(service=service, period_end__gt=day, amount__gt=0)
        agreed = rows.filter(kind__in=("base", "option", "change"))
        found.append((invoice, list(agreed.order_by("-amount", "pk"))))
    return found


def _later_lines(change: ServiceChange, service: Service) -> None:
    """Of a service charged in arrears: they wait for its next document."""
    if not change.evidence["on_next"] or change.evidence["free"]:
        return
    with speaking(service.customer.language):
        _write_later(change, service)


def _write_later(change: ServiceChange, service: Service) -> None:
    Adjustment.objects.bulk_create(
        Adjustment(
            service=service,
            key=f"change:{change.pk}:{number}",
            description=_said(part),
            amount=Decimal(part["amount"]),
            period_start=date.fromisoformat(part["period"][0]),
            period_end=date.fromisoformat(part["period"][1]),
            evidence=part,
        )
        for number, part in enumerate(change.evidence["parts"])
    )


def _said(part: dict[str, Any]) -> str:
    told = _("%(item)s (%(days)s of %(whole)s days)")
    if part["role"] == "credit":
        told = _("Not charged: %(item)s (%(days)s of %(whole)s days)")
    return told % {"item": part["item"], "days": part["days"], "whole": part["of_days"]}


def _restart(change: ServiceChange, service: Service) -> None:
    """The new cycle is counted from the day of the change, and its first term is claimed."""
    day = change.apply_on or date.fromisoformat(change.evidence["day"])
    cycle = CYCLES[change.cycle]
    closing.close_usage(service, day)
    if change.apply_on is None and change.product.timing == service.product.timing:
        _claim_from(change, service, Period(day, due_date(day, cycle, number=1)))
    service.cycle, service.anchor = change.cycle, day
    billed_next = change.apply_on is not None and closing.in_advance(change.product)
    service.next_due = day if billed_next else due_date(day, cycle, number=1)
    service.save(update_fields=["cycle", "anchor", "next_due"])
    service.refresh_from_db()


def _claim_from(change: ServiceChange, service: Service, term: Period) -> None:
    """Claims of the days that were given back end here; the new term has its own."""
    base = Claim.objects.filter(service=service, kind="base")
    old = base.filter(period_end__gt=term.start).order_by("period_start")
    invoice = change.invoice or next((each.invoice for each in old), None)
    base.filter(period_start__gte=term.start).delete()
    base.filter(period_end__gt=term.start).update(period_end=term.start)
    if invoice is not None:
        Claim.objects.create(
            service=service,
            kind="base",
            period_start=term.start,
            period_end=term.end,
            invoice=invoice,
        )


def _drop_own_price(change: ServiceChange, service: Service) -> None:
    """It was agreed for the old plan."""
    if service.product_id == change.product_id and service.cycle == change.cycle:
        return
    if service.price_override is not None:
        service.price_override, service.price_override_until = None, None
        service.price_override_reason = f"Own price ended on {clock.today()} with a change of plan"
        service.save(
            update_fields=["price_override", "price_override_until", "price_override_reason"]
        )
