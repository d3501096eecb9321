"""What follows when an invoice is closed: deliveries, releases and changes, in the same
transaction.

Platforms are only asked through commands, so one that is down never holds up a payment.
"""

from __future__ import annotations

from billing.dunning import terminations
from billing.mail import facts
from billing.mail.queue import queue
from billing.models import Invoice, Order
from billing.orders import delivery
from products.models import Product
from provisioning import services
from provisioning.models import Service

DUNNING = "dunning"  # the reason code of suspensions for non-payment


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
    """Lift suspensions for non-payment, unless another overdue invoice of the service caused
    one.
    """
    held = Service.objects.filter(
        customer_id=invoice.customer_id, suspend_reasons__has_key=DUNNING
    ).exclude(desired__in=(Service.Desired.TERMINATED, Service.Desired.CANCELLED))
    for service in held:
        if not _still_owed(service):
            cause = f"invoice:{invoice.pk}"
            services.unsuspend(service, reason_code=DUNNING, cause=cause)
            _tell(service, cause)


def _tell(service: Service, cause: str) -> None:
    if service.desired == Service.Desired.ACTIVE:  # no other reason holds it
        key = f"released:{service.pk}:{cause}"
        queue("service_released", key, service.customer, facts.of_service(service))


def _still_owed(service: Service) -> bool:
    return Invoice.objects.filter(
        lines__service=service,
        status=Invoice.Status.ISSUED,
        dunning_events__step__action="suspend",
    ).exists()
