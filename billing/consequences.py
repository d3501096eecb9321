"""What follows when an invoice is closed: deliveries, releases and changes, in the same
transaction.

Platforms are only asked through commands, so one that is down never holds up a payment.
"""

from __future__ import annotations

from billing.dunning import terminations
from billing.mail import facts
from billing.mail.queue import queue
from billing.models import DunningStep, Invoice, Order
from billing.orders import delivery
from products.models import Product
from provisioning import restrictions, services
from provisioning.models import Service

DUNNING = "dunning"  # the reason code of suspensions for non-payment
ENDED = (Service.Desired.TERMINATED, Service.Desired.CANCELLED)


def invoice_closed(invoice: Invoice) -> None:
    """Of an invoice that was just settled in full, whether paid or credited."""
    # Changes are carried out by what settles invoices in turn.
    from billing.changes import apply  # noqa: PLC0415

    if invoice.status == Invoice.Status.PAID:
        _deliver_ordered(invoice)
    apply.paid(invoice)
    _release(invoice)
    terminations.withdraw(invoice)


def _deliver_ordered(invoice: Invoice) -> None:
    order = _order_of(invoice)
    if order is not None and order.status == Order.Status.ACCEPTED:
        cause = f"invoice:{invoice.pk}"
        delivery.deliver(order, {Product.SetupType.ON_PAYMENT}, cause=cause)


def _order_of(invoice: Invoice) -> Order | None:
    """An invoice that corrects another one bills the same order."""
    first: Invoice | None = invoice
    while first is not None:
        order = Order.objects.filter(invoice=first).first()
        if order is not None:
            return order
        first = first.corrects
    return None


def _release(invoice: Invoice) -> None:
    """Lift suspensions and restrictions for non-payment, unless another overdue invoice of the
    service caused one.
    """
    cause = f"invoice:{invoice.pk}"
    theirs = Service.objects.filter(customer_id=invoice.customer_id).exclude(desired__in=ENDED)
    for service in theirs.filter(restrict_reasons__has_key=DUNNING):
        if not _still_owed(service, DunningStep.Action.RESTRICT, DunningStep.Action.SUSPEND):
            restrictions.unrestrict(service, reason_code=DUNNING, cause=cause)
            _tell(service, cause)
    for service in theirs.filter(suspend_reasons__has_key=DUNNING):
        if not _still_owed(service, DunningStep.Action.SUSPEND):
            services.unsuspend(service, reason_code=DUNNING, cause=cause)
            _tell(service, cause)


def _tell(service: Service, cause: str) -> None:
    free = service.desired == Service.Desired.ACTIVE and not service.restrict_reasons
    if free:  # no other reason holds it
        key = f"released:{service.pk}:{cause}"
        queue("service_released", key, service.customer, facts.of_service(service))


def _still_owed(service: Service, *steps: str) -> bool:
    return Invoice.objects.filter(
        lines__service=service,
        status=Invoice.Status.ISSUED,
        dunning_events__step__action__in=steps,
    ).exists()
