"""When what was ordered begins."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import User
from billing.models import Order
from config import clock
from products.models import Product
from provisioning import services
from provisioning.models import Service

SetupType = Product.SetupType


def deliver(
    order: Order, setup_types: Collection[str], *, cause: str, by: User | None = None
) -> None:
    """What waits of an order, inside the caller's transaction. Platforms are asked by commands."""
    waiting = Service.objects.filter(
        order_item__order=order,
        desired=Service.Desired.PENDING,
        product__setup_type__in=setup_types,
    )
    for service in waiting.select_related("product").order_by("pk"):
        begin_today(service)
        services.deliver(service, cause=cause, by=by)


def begin_today(service: Service) -> None:
    """What is paid in arrears is paid from the day it begins, not from the day it was ordered."""
    in_arrears = service.product.timing == Product.Timing.ARREARS
    since = service.begins_on or service.anchor
    if not in_arrears or since >= clock.today() or service.next_due is None:
        return
    if service.claims.filter(kind="base").exists():
        return
    services.begin(service, clock.today())
    service.save(update_fields=["anchor", "begins_on", "next_due"])
