"""A small reseller for billing tests, written straight to the database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from accounts.models import Customer
from billing.models import Seller, TaxRate
from products.models import Price, Product, ProductGroup
from provisioning.models import FeatureInterval, Server, Service, UsageReading
from provisioning.services import first_due

GB = 1024**3
_serial = count(1)

METERED = {
    "tranche_gb": 10,
    "eas_price": {"EUR": "2.00"},
    "mapi_price": {"EUR": "3.00"},
    "combined_price": {"EUR": "4.50"},
    "addon_threshold_days": 1,
}


def seller(**values: Any) -> Seller:
    return Seller.objects.create(
        **{"name": "Northwind Mail", "country": "DE", "payment_days": 14, "lead_days": 7} | values
    )


def customer(**values: Any) -> Customer:
    number = next(_serial)
    return Customer.objects.create(
        **{
            "name": f"Customer {number}",
            "email": f"c{number}@example.net",
            "country": "DE",
            "currency": "EUR",
        }
        | values
    )


def product(
    *, price: str = "6.00", setup: str = "0", cycle: str = "monthly", **values: Any
) -> Product:
    number = next(_serial)
    group, _ = ProductGroup.objects.get_or_create(name="Mail")
    made = Product.objects.create(
        **{"group": group, "name": f"Email hosting {number}", "timing": "arrears"} | values
    )
    Price.objects.create(
        product=made, cycle=cycle, currency="EUR", amount=Decimal(price), setup_fee=Decimal(setup)
    )
    return made


def metered(*, price: str = "6.00", **values: Any) -> Product:
    settings = METERED | values.pop("settings", {})
    return product(price=price, module="smartermail", module_settings=settings, **values)


def server() -> Server:
    return Server.objects.create(
        name=f"mail{next(_serial)}", module="smartermail", hostname="127.0.0.1", secure=False
    )


def service(sold: Product, *, anchor: date = date(2026, 3, 1), **values: Any) -> Service:
    cycle = values.pop("cycle", "monthly")
    defaults: dict[str, Any] = {
        "domain": f"client{next(_serial)}.com",
        "desired": Service.Desired.ACTIVE,
        "observed": Service.Observed.ACTIVE,
        "currency": "EUR",
        "activated_at": datetime(anchor.year, anchor.month, anchor.day, tzinfo=UTC),
        "next_due": first_due(sold, cycle, anchor),
    }
    if "customer" not in values:
        values["customer"] = customer()
    return Service.objects.create(product=sold, anchor=anchor, cycle=cycle, **defaults | values)


def many_services(sold: Product, number: int, *, anchor: date) -> list[Service]:
    """One for each of so many new customers, in few statements."""
    first = next(_serial)
    buyers = Customer.objects.bulk_create(
        Customer(
            name=f"Many {first}-{each}", email="many@example.net", country="DE", currency="EUR"
        )
        for each in range(number)
    )
    return Service.objects.bulk_create(
        Service(
            customer=buyer,
            product=sold,
            domain=f"many{first}-{each}.com",
            desired=Service.Desired.ACTIVE,
            observed=Service.Observed.ACTIVE,
            cycle="monthly",
            currency="EUR",
            anchor=anchor,
            next_due=first_due(sold, "monthly", anchor),
            activated_at=datetime(anchor.year, anchor.month, anchor.day, tzinfo=UTC),
        )
        for each, buyer in enumerate(buyers)
    )


def reading(owner: Service, gb: str, *, at: datetime, **values: Any) -> UsageReading:
    return UsageReading.objects.create(
        **{
            "service": owner,
            "metric": "disk",
            "value": int(Decimal(gb) * GB),
            "at": at,
            "source": "sync",
        }
        | values
    )


def interval(
    owner: Service, local: str, feature: str, start: datetime, end: datetime | None
) -> FeatureInterval:
    return FeatureInterval.objects.create(
        service=owner,
        address=f"{local}@{owner.domain}",
        feature=feature,
        started_at=start,
        ended_at=end,
        source="panel",
    )


def vat(rate: str = "19", **values: Any) -> TaxRate:
    return TaxRate.objects.create(
        **{"name": "VAT", "country": "DE", "rate": Decimal(rate), "valid_from": date(2020, 1, 1)}
        | values
    )


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def days_before(day: date, days: int) -> datetime:
    return noon(day - timedelta(days=days))
