"""Rows for the measurements, written straight to the database: making them is not what counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from accounts.models import Customer
from bench.stages import PASSWORD, STAGES, USUAL, domain_of
from config import clock
from config.periods import add_months
from products.models import Price, Product, ProductGroup
from provisioning.models import Server, Service
from provisioning.registry import module_class


def due() -> date:
    """The first of this month; what is billed is the month before it."""
    return clock.today().replace(day=1)


def anchor() -> date:
    return add_months(due(), -1)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


def product(code: str = USUAL, **settings: Any) -> Product:
    fields = module_class(code).product_fields
    sold = Product.objects.create(
        group=ProductGroup.objects.create(name="E-mail"),
        name="Email Hosting",
        timing=Product.Timing.ARREARS,
        module=code,
        module_settings=fields.dump(fields.defaults()) | settings,
    )
    Price.objects.create(product=sold, cycle="monthly", currency="EUR", amount=Decimal("6.00"))
    return sold


def server(code: str = USUAL, **values: Any) -> Server:
    place = {"hostname": "127.0.0.1", "secure": False, "allow_private": True}
    who = {"username": STAGES[code].username, "password": PASSWORD}
    return Server.objects.create(name="mail1", module=code, **place | who | values)


def connect(server: Server, url: str) -> Server:
    server.port = int(url.rpartition(":")[2])
    server.save(update_fields=["port"])
    return server


def services(sold: Product, on: Server, count: int) -> list[Service]:
    """One for each of `count` customers, due on the first of this month."""
    customers = Customer.objects.bulk_create(
        Customer(
            name=f"Customer {number}",
            email=f"c{number}@example.net",
            country="DE",
            currency="EUR",
        )
        for number in range(count)
    )
    return Service.objects.bulk_create(
        _service(customer, sold, on, number) for number, customer in enumerate(customers)
    )


def _service(customer: Customer, sold: Product, on: Server, number: int) -> Service:
    return Service(
        customer=customer,
        product=sold,
        server=on,
        domain=domain_of(number),
        module_data={"linked": True},
        desired=Service.Desired.ACTIVE,
        observed=Service.Observed.ACTIVE,
        cycle="monthly",
        currency="EUR",
        anchor=anchor(),
        next_due=due(),
        activated_at=noon(anchor()),
    )
