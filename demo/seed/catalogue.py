"""What the example reseller sells, where it is delivered, and how the reseller stands on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from billing.models import Seller, TaxRate
from products.models import (
    Option,
    OptionChoice,
    OptionGroup,
    OptionPrice,
    Price,
    Product,
    ProductGroup,
)
from provisioning.models import Placement, Server, ServerGroup, ServerGroupMember
from provisioning.registry import module_class

MODULE = "smartermail"
MAIN, SECOND = "mail1.northlight.example", "mail2.northlight.example"
# The simulator's own account, public like the rest of it.
SIMULATOR_USER, SIMULATOR_PASSWORD = "admin", "Simulated-Sys4dmin"
MAIL_SETTINGS: dict[str, Any] = {
    "max_domain_aliases": 2,
    "spf_primary": "include:spf.northlight.example",
    "check_dmarc": True,
    "dmarc_rua": "dmarc@northlight.example",
    "dmarc_policy": "quarantine",
}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """`prices` are (cycle, amount, setup fee), the same figures in EUR and USD."""

    name: str
    description: str
    prices: tuple[tuple[str, str, str], ...]
    module: str = MODULE
    timing: str = Product.Timing.ARREARS
    settings: dict[str, Any] = field(default_factory=dict)
    options: bool = False
    setup_type: str = Product.SetupType.ON_ORDER


OFFERS = (
    Offer(
        name="Email Hosting",
        description="Unlimited mailboxes, billed per 10 GB in use. ActiveSync and MAPI by mailbox.",
        prices=(("monthly", "6.00", "0"), ("quarterly", "17.40", "0"), ("annually", "66.00", "0")),
    ),
    Offer(
        name="Email Hosting, prepaid",
        description="The same, paid a year ahead.",
        prices=(("annually", "64.80", "0"),),
        timing=Product.Timing.ADVANCE,
    ),
    Offer(
        name="Business Mail",
        description="MAPI for everybody, longer passwords and a named contact.",
        prices=(("monthly", "9.50", "25.00"), ("annually", "104.00", "0")),
        settings={"mapi_price": {"EUR": "2.50", "USD": "2.50"}, "password_min_length": 12},
        options=True,
        setup_type=Product.SetupType.ON_APPROVAL,
    ),
    Offer(
        name="Starter Mail",
        description="Five mailboxes and 10 GB at a fixed price.",
        prices=(("monthly", "3.50", "0"), ("annually", "36.00", "0")),
        settings={
            "max_users": 5,
            "disk_limit_gb": 10,
            "offer_eas": False,
            "offer_mapi": False,
            "max_domain_aliases": 0,
        },
    ),
    Offer(
        name="Domain name",
        description="Registration and renewal.",
        prices=(("annually", "14.00", "0"),),
        module="",
        timing=Product.Timing.ADVANCE,
    ),
)


def seller() -> None:
    Seller.objects.create(
        name="Northlight Mail B.V.",
        address="Prinsengracht 1091",
        postcode="1017 JH",
        city="Amsterdam",
        country="NL",
        tax_number="NL000099998B57",
        registration="KvK 00000000",
        email="billing@northlight.example",
        phone="+31 20 555 0100",
        website="https://www.northlight.example",
        payment_instructions="Please name the number of the invoice with every payment.",
        footer="Northlight Mail B.V. exists in this demonstration only.",
        invoice_prefix="NL-",
    )
    rates = (("BTW", "NL", "21"), ("MwSt.", "DE", "19"), ("TVA", "BE", "21"))
    for name, country, rate in rates:
        TaxRate.objects.create(
            name=name, country=country, rate=Decimal(rate), valid_from=date(2020, 1, 1)
        )


def servers(addresses: Mapping[str, str]) -> None:
    """Both stand on the one simulator until the second one is lost."""
    place = where(addresses[MODULE])
    group = ServerGroup.objects.create(
        name="Amsterdam", module=MODULE, fill=ServerGroup.Fill.IN_ORDER
    )
    for position, name in enumerate((MAIN, SECOND)):
        server = Server.objects.create(
            name=name,
            module=MODULE,
            allow_private=True,
            username=SIMULATOR_USER,
            password=SIMULATOR_PASSWORD,
            settings=stored_settings(MODULE, "server_fields", {"mail_host": name}),
            capacity=200,
            **place,
        )
        ServerGroupMember.objects.create(group=group, server=server, position=position)


def connect(addresses: Mapping[str, str]) -> None:
    """The simulators listen elsewhere after each start; the lost server stays lost."""
    Server.objects.filter(name=MAIN).update(
        **where(addresses[MODULE]), failures=0, paused_until=None
    )


def lose_second_server() -> None:
    """Port 1 of this machine: nobody listens there."""
    Server.objects.filter(name=SECOND).update(port=1)


def products() -> None:
    group = ProductGroup.objects.create(name="E-mail", position=1)
    domains = ProductGroup.objects.create(name="Domain names", position=2)
    extras = _extras()
    placed = ServerGroup.objects.get(module=MODULE)
    for position, offer in enumerate(OFFERS):
        product = _product(offer, group if offer.module else domains, position)
        if offer.module:
            Placement.objects.create(product=product, group=placed)
        if offer.options:
            product.option_groups.add(extras)


def _product(offer: Offer, group: ProductGroup, position: int) -> Product:
    settings = MAIL_SETTINGS | offer.settings if offer.module else {}
    product = Product.objects.create(
        group=group,
        name=offer.name,
        description=offer.description,
        position=position,
        setup_type=offer.setup_type,
        timing=offer.timing,
        module=offer.module,
        module_settings=(
            stored_settings(offer.module, "product_fields", settings) if settings else {}
        ),
    )
    Price.objects.bulk_create(
        Price(
            product=product,
            cycle=cycle,
            currency=currency,
            amount=Decimal(amount),
            setup_fee=Decimal(fee),
        )
        for cycle, amount, fee in offer.prices
        for currency in ("EUR", "USD")
    )
    return product


def _extras() -> OptionGroup:
    group = OptionGroup.objects.create(name="Extras")
    aliases = Option.objects.create(
        group=group, code="max_domain_aliases", name="Domain aliases", type="quantity",
        maximum=10, position=1,
    )  # fmt: skip
    support = Option.objects.create(
        group=group, code="support", name="Support", type="radio", position=2
    )
    migration = Option.objects.create(
        group=group, code="migration", name="We move your old mail", type="yes_no", position=3
    )
    for position, (value, label) in enumerate((("standard", "E-mail"), ("priority", "Telephone"))):
        OptionChoice.objects.create(option=support, value=value, label=label, position=position)
    _price(aliases, "1.00", "0")
    _price(support, "15.00", "0", choice=support.choices.get(value="priority"))
    _price(migration, "0", "49.00")
    return group


def _price(option: Option, amount: str, fee: str, choice: OptionChoice | None = None) -> None:
    OptionPrice.objects.bulk_create(
        OptionPrice(
            option=option,
            choice=choice,
            cycle="monthly",
            currency=currency,
            amount=Decimal(amount),
            setup_fee=Decimal(fee),
        )
        for currency in ("EUR", "USD")
    )


def where(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {"hostname": parts.hostname, "port": parts.port, "secure": parts.scheme == "https"}


def stored_settings(module: str, fields: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The module's defaults with `settings` over them, as a form would store them."""
    declared = getattr(module_class(module), fields)
    stored: dict[str, Any] = declared.dump(declared.defaults()) | dict(settings)
    return stored
