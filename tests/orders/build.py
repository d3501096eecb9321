"""A small shop for the tests of orders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from typing import Any

from accounts.models import AuditEvent, Customer
from billing.models import (
    CancellationRequest,
    Claim,
    Invoice,
    Order,
    OrderItem,
    Promotion,
    ServiceDiscount,
)
from billing.orders.items import Wanted
from billing.orders.place import Checkout, place
from products.models import Option, OptionPrice, Product
from provisioning.models import Command, Server, Service
from provisioning.registry import module_class
from tests.factories import (
    OptionFactory,
    OptionGroupFactory,
    PlacementFactory,
    PriceFactory,
    ProductFactory,
    ServerGroupFactory,
)

PASSWORD = "Planted-Sys4dmin-Secret"
WRITTEN = (
    Order, OrderItem, Service, Invoice, Claim, ServiceDiscount, Command, CancellationRequest,
    AuditEvent,
)  # fmt: skip
_serial = count(1)


def product(price: str = "5.00", setup: str = "0", **values: Any) -> Product:
    """In advance, without a platform, unless told otherwise."""
    cycle = values.pop("cycle", "monthly")
    made: Product = ProductFactory(
        price=False, **{"module": "", "timing": Product.Timing.ADVANCE} | values
    )
    PriceFactory(product=made, amount=Decimal(price), setup_fee=Decimal(setup), cycle=cycle)
    return made


def option(sold: Product, code: str, price: str, **values: Any) -> Option:
    setup, cycle = values.pop("setup", "0"), values.pop("cycle", "monthly")
    if not sold.option_groups.exists():
        sold.option_groups.add(OptionGroupFactory())
    made: Option = OptionFactory(group=sold.option_groups.get(), code=code, **values)
    OptionPrice.objects.create(
        option=made, cycle=cycle, currency="EUR", amount=Decimal(price), setup_fee=Decimal(setup)
    )
    return made


def mail_product(server: Server, price: str = "6.00", **values: Any) -> Product:
    fields = module_class("smartermail").product_fields
    made = product(
        price, module="smartermail", module_settings=fields.dump(fields.defaults()), **values
    )
    PlacementFactory(product=made, group=ServerGroupFactory(module="smartermail", servers=[server]))
    return made


def wanted(sold: Product, **values: Any) -> Wanted:
    defaults: dict[str, Any] = {
        "product": sold.pk,
        "cycle": "monthly",
        "currency": "EUR",
        "domain": f"shop{next(_serial)}.example",
    }
    return Wanted(**defaults | values)


def promotion(**values: Any) -> Promotion:
    return Promotion.objects.create(
        **{
            "code": f"CODE{next(_serial)}",
            "name": "Welcome",
            "type": "percent",
            "value": Decimal(10),
        }
        | values
    )


def checkout(customer: Customer, *items: Wanted, **values: Any) -> Checkout:
    defaults: dict[str, Any] = {"token": f"token-{next(_serial)}", "accepted": True}
    return Checkout(customer=customer, items=items, **defaults | values)


def order(customer: Customer, *items: Wanted, **values: Any) -> Order:
    return place(checkout(customer, *items, **values))


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in WRITTEN}


@contextmanager
def nothing_written() -> Iterator[None]:
    before = counts()
    uses = list(Promotion.objects.values_list("pk", "uses"))
    yield
    assert counts() == before
    assert list(Promotion.objects.values_list("pk", "uses")) == uses


def service_of(placed: Order) -> Service:
    """Of an order for one thing."""
    return Service.objects.select_related("product", "customer").get(order_item__order=placed)
