"""What staff decide about an order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from billing.documents import credit_notes, issue, sellers
from billing.locks import lock_customer
from billing.models import Invoice, Order, Payment
from billing.orders import delivery, promotions
from config import clock
from config.language import speaking
from products.models import Product
from provisioning import services
from provisioning.models import Service

Status, SetupType = Order.Status, Product.SetupType
FRAUD = "fraud"  # the reason code of suspensions
OPEN = (Status.PENDING, Status.ACCEPTED)
NOT_BEGUN = (Service.Desired.PENDING, Service.Desired.CANCELLED)


def accept(order: Order, *, by: User | None = None) -> Order:
    """What waits for approval begins; what waits for a payment too, if that has come or none is
    due.
    """
    with transaction.atomic():
        row = _locked(order, (Status.PENDING,), "accepted")
        _move(row, Status.ACCEPTED, by)
        now = {SetupType.ON_APPROVAL, SetupType.ON_ORDER}
        if row.invoice is None or row.invoice.status == Invoice.Status.PAID:
            now.add(SetupType.ON_PAYMENT)
        delivery.deliver(row, now, cause=f"order:{row.pk}", by=by)
    return row


def cancel(order: Order, *, reason: str, by: User | None = None) -> Order:
    """Of an order of which nothing was delivered. What was invoiced is credited; money that came
    for it becomes account credit.
    """
    with transaction.atomic():
        return _give_up(order, reason, by)


def expire(business_date: date) -> int:
    """Orders that nobody paid for in the seller's days are cancelled; their number is returned.
    One with any money on it, or on its way, waits for a person.
    """
    late = _unpaid(business_date)
    return sum(_expire(order, business_date) for order in late.order_by("pk"))


def mark_fraud(order: Order, *, reason: str, by: User | None = None) -> Order:
    """Whatever runs is suspended, the rest is dropped, and what is still owed is credited. Money
    that came in stays where it is until a person has looked.
    """
    with transaction.atomic():
        row = _locked(order, OPEN, "marked as fraud")
        _end(row, Status.FRAUD, reason, by)
        ordered = _services(row)
        _drop([each for each in ordered if each.desired == Service.Desired.PENDING], row, by)
        for service in ordered:
            if service.desired in services.DELIVERED:
                services.suspend(
                    service, reason_code=FRAUD, reason=reason, cause=f"order:{row.pk}", by=by
                )
        for invoice in _bills(row):
            if invoice.status != Invoice.Status.PAID:
                _undo(invoice, reason, by)
    return row


def _give_up(order: Order, reason: str, by: User | None) -> Order:
    row = _locked(order, OPEN, "cancelled")
    ordered = _services(row)
    if any(service.desired not in NOT_BEGUN for service in ordered):
        raise ValidationError(
            "Part of this order is delivered already: terminate its services instead."
        )
    _end(row, Status.CANCELLED, reason, by)
    _drop([each for each in ordered if each.desired == Service.Desired.PENDING], row, by)
    for invoice in _bills(row):
        _undo(invoice, reason, by)
    return row


def _unpaid(business_date: date) -> QuerySet[Order]:
    days = sellers.seller().order_days
    if not days:
        return Order.objects.none()
    before = clock.start_of_day(business_date - timedelta(days=days))
    began = Service.objects.exclude(desired__in=NOT_BEGUN).filter(order_item__order=OuterRef("pk"))
    coming = Payment.objects.filter(
        invoice=OuterRef("invoice"), status__in=(Payment.Status.PENDING, Payment.Status.RECEIVED)
    )
    return Order.objects.filter(
        ~Exists(began),
        ~Exists(coming),
        status__in=OPEN,
        created_at__lt=before,
        invoice__status=Invoice.Status.ISSUED,
        invoice__settled=0,
    )


def _expire(order: Order, business_date: date) -> bool:
    with transaction.atomic():
        lock_customer(order.customer_id)
        row = _unpaid(business_date).filter(pk=order.pk).first()
        if row is None:  # paid or delivered just now
            return False
        with speaking(row.customer.language):
            reason = _("The order was not paid in time.")
        _give_up(row, reason, None)
    return True


def _locked(order: Order, allowed: Sequence[str], participle: str) -> Order:
    lock_customer(order.customer_id)
    rows = Order.objects.select_for_update(of=("self",)).select_related("invoice", "promotion")
    row = rows.get(pk=order.pk)
    if row.status not in allowed:
        label = Status(row.status).label.lower()
        raise ValidationError(f"{row} is {label} and cannot be {participle}.")
    return row


def _end(row: Order, status: str, reason: str, by: User | None) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why.")})
    row.notes = f"{row.notes}\n{reason}".strip()
    _move(row, status, by)
    if row.promotion:
        promotions.give_back(row.promotion)


def _move(row: Order, status: str, by: User | None) -> None:
    before = audit.facts(row) | {"notes": ""}
    before["status"], row.status = row.status, Status(status)
    row.save(update_fields=["status", "notes"])
    after = audit.facts(row) | {"by": str(by or "")}
    audit.record(f"order.{status}", row, before=before, after=after)


def _services(row: Order) -> list[Service]:
    found = Service.objects.filter(order_item__order=row).select_related("product")
    return list(found.order_by("pk"))


def _bills(row: Order) -> list[Invoice]:
    """The invoice of an order, and those that have taken its place since."""
    found = [row.invoice] if row.invoice else []
    for invoice in found:
        found.extend(invoice.corrections.filter(kind=Invoice.Kind.INVOICE))
    return found


def _undo(invoice: Invoice, reason: str, by: User | None) -> None:
    if invoice.status == Invoice.Status.DRAFT:
        issue.discard(invoice)
    else:
        credit_notes.credit_if_any(invoice, reason=reason, by=by)


def _drop(pending: Sequence[Service], row: Order, by: User | None) -> None:
    for service in pending:
        services.terminate(service, cause=f"order:{row.pk}", by=by)
