"""What is sold on the other platforms, and to whom. Data alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.seed.cast import Company
from products.models import Product

Act = tuple[str, Mapping[str, Any]]  # one of the simulator's own helpers, with its arguments
GB = 1024**3


@dataclass(frozen=True, kw_only=True)
class Sold:
    """`remote` happens on the platform after the creation; `size` tells what a mailbox holds."""

    domain: str
    options: Mapping[str, Any] = field(default_factory=dict)
    mailboxes: tuple[str, ...] = ()
    remote: tuple[Act, ...] = ()
    size: Callable[[str, int], Act] | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """`username` and `password` are the simulator's own, public like the rest of it."""

    module: str
    server: str
    username: str
    password: str = field(repr=False)
    product: str
    description: str
    price: str
    timing: str = Product.Timing.ARREARS
    server_settings: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    option_prices: Mapping[str, str] = field(default_factory=dict)
    sold: tuple[Sold, ...] = ()


CUSTOMER = Company(
    name="Fjordline Shipping AS",
    contact="Ingrid Dahl",
    email="ingrid@fjordline.example",
    address="Bryggen 15",
    postcode="5003",
    city="Bergen",
    country="NO",
    time_zone="Europe/Oslo",
    since=0,
    orders=(),
)
CREW = ("ingrid.dahl", "lars.moen", "office")
SUITE = {
    "total_mailboxes": 5,
    "total_enhanced_mailboxes": 2,
    "mailbox_quota_gb": 20,
    "total_aliases": 5,
    "total_distribution_lists": 2,
}
LINES = (
    Line(
        module="polarismail",
        server="suite.northlight.example",
        username="reseller",
        password="Simulated-Res3ller!",  # noqa: S106
        product="Mail Suite",
        description="Basic and enhanced mailboxes with calendars, priced one by one.",
        price="2.00",
        settings={"max_domain_aliases": 2},
        option_prices={
            "total_mailboxes": "1.20",
            "total_enhanced_mailboxes": "4.50",
            "total_distribution_lists": "0.50",
        },
        sold=(
            Sold(
                domain="fjordline.example",
                options=SUITE,
                mailboxes=CREW,
                remote=(("publish_verification", {"name": "fjordline.example"}),),
                size=lambda address, number: (
                    "set_usage", {"address": address, "megabytes": 900.5 * number}
                ),
            ),
        ),
    ),
    Line(
        module="opensrs",
        server="hosted.northlight.example",
        username="admin@reseller.adm",
        password="Simulated-C0mpany",  # noqa: S106
        product="Mailboxes by number",
        description="Pay for the mailboxes and forwards that you choose.",
        price="0.50",
        timing=Product.Timing.ADVANCE,
        option_prices={"mailboxes": "0.90", "forwards": "0.10"},
        sold=(
            Sold(
                domain="fjordcrew.example",
                options={"mailboxes": 5, "forwards": 3},
                mailboxes=CREW,
                size=lambda address, number: (
                    "grow", {"address": address, "bytes_used": number * GB}
                ),
            ),
        ),
    ),
    Line(
        module="ispmanager",
        server="web.northlight.example",
        username="root",
        password="Simulated-P4nel!",  # noqa: S106
        product="Web and Mail",
        description="A hosting account with web space, databases and mail.",
        price="8.00",
        settings={"template": "mail-small", "limit_emails": "20"},
        sold=(
            Sold(
                domain="fjordharbours.example",
                mailboxes=CREW,
                remote=(("set_usage", {"name": "fjordharbours", "files": "2150"}),),
            ),
        ),
    ),
    Line(
        module="ispmanager_reseller",
        server="resellers.northlight.example",
        username="root",
        password="Simulated-P4nel!",  # noqa: S106
        product="Reseller account",
        description="Your own hosting customers on our server.",
        price="29.00",
        sold=(Sold(domain="fjordagency.example"),),
    ),
    Line(
        module="easymailarchive",
        server="archive.northlight.example",
        username="",
        password="ema_simulated_reseller_key",  # noqa: S106
        product="Mail Archive",
        description="All mail kept for years, searchable, billed by active users and storage.",
        price="0",
        settings={
            "slug_prefix": "northlight",
            "user_price": {"EUR": "1.80", "USD": "2.00"},
            "gb_price": {"EUR": "0.12", "USD": "0.14"},
            "included_gb": 5,
        },
        sold=(
            Sold(
                domain="fjordline.example",
                remote=(
                    ("set_usage", {"slug": "northlight-fjordline-example", "users": 9,
                                   "storage": 31 * GB}),
                ),
            ),
        ),
    ),
)  # fmt: skip
# Ordered today: its domain is still to be proven.
WAITING = (
    "polarismail",
    Sold(domain="fjordcruises.example", options={**SUITE, "total_mailboxes": 2}),
)
