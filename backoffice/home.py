"""What the home page says: what needs attention, each with a link to it, and a few numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import Truncator

from accounts.models import Customer
from backoffice import attention
from billing.models import BillingRun, GatewayAccount, Invoice, Seller, TaxRate
from config import clock
from config.money import format_money
from products.models import Product, ProductGroup
from provisioning.models import Command, Server, Service

EXAMPLES = 3


@dataclass(frozen=True)
class Concern:
    """`tone` colours the card; `say` turns a row into the line that stands under it."""

    title: str
    icon: str
    tone: str
    view: str
    query: str
    rows: Callable[[], QuerySet[Any]]
    say: Callable[[Any], tuple[str, str]]


def _of_command(row: Command) -> tuple[str, str]:
    return f"{row.get_action_display()} · {row.service.domain}", row.detail


def _of_run(row: BillingRun) -> tuple[str, str]:
    if row.status == BillingRun.Status.INTERRUPTED:
        return f"Run for {row.business_date:%d %b}", "It broke off; the next one bills the rest."
    return f"Run for {row.business_date:%d %b}", f"{len(row.failures)} services were not billed."


CONCERNS = (
    Concern(
        "Commands that wait for you",
        "bolt",
        "bad",
        "provisioning_command_changelist",
        "?attention=1",
        lambda: attention.commands().select_related("service"),
        _of_command,
    ),
    Concern(
        "Servers in trouble",
        "dns",
        "bad",
        "provisioning_server_changelist",
        "?trouble=1",
        attention.servers,
        lambda row: (row.name, row.health_detail or "; ".join(map(str, row.warnings))),
    ),
    Concern(
        "Billing runs with failures",
        "event_repeat",
        "bad",
        "billing_billingrun_changelist",
        "",
        attention.runs,
        _of_run,
    ),
    Concern(
        "Services billing skips",
        "block",
        "warn",
        "provisioning_service_changelist",
        "?attention=held",
        lambda: attention.holds().select_related("service"),
        lambda row: (row.service.domain, row.reason),
    ),
    Concern(
        "Invoice drafts that are held",
        "receipt_long",
        "warn",
        "billing_invoice_changelist",
        "?status__exact=draft",
        lambda: attention.drafts().select_related("customer"),
        lambda row: (
            f"{row.customer} · {format_money(row.total, row.currency)}",
            row.hold_reason,
        ),
    ),
    Concern(
        "Usage readings to judge",
        "speed",
        "warn",
        "provisioning_usagereading_changelist",
        "?state__exact=parked",
        lambda: attention.readings().select_related("service"),
        lambda row: (row.service.domain, row.reason),
    ),
    Concern(
        "Usage that is out of date",
        "hourglass_bottom",
        "warn",
        "provisioning_service_changelist",
        "?attention=stale",
        attention.stale_usage,
        lambda row: (row.domain, f"no good reading for {settings.USAGE_STALE_DAYS} days"),
    ),
    Concern(
        "Services not as they should be",
        "compare_arrows",
        "warn",
        "provisioning_service_changelist",
        "?attention=differs",
        attention.differing,
        lambda row: (
            row.domain,
            f"wanted: {row.get_desired_display()}, seen: {row.get_observed_display()}",
        ),
    ),
)


def context(request: HttpRequest) -> dict[str, Any]:
    return {
        "concerns": [each for each in map(_found, CONCERNS) if each["count"]],
        "numbers": list(_numbers()),
        "first_steps": list(_first_steps()),
    }


def _found(concern: Concern) -> dict[str, Any]:
    rows = list(concern.rows()[:EXAMPLES])
    number = len(rows) if len(rows) < EXAMPLES else attention.count(concern.rows())
    return {
        "title": concern.title,
        "icon": concern.icon,
        "tone": concern.tone,
        "count": attention.shown(number),
        "url": reverse(f"admin:{concern.view}") + concern.query,
        "examples": [_example(row, *concern.say(row)) for row in rows],
    }


def _example(row: Any, title: str, text: str) -> tuple[str, str, str]:
    """Title, text, and where a person settles it: what concerns a service, on its page."""
    place = getattr(row, "service", row)
    kind = place._meta
    url = reverse(f"admin:{kind.app_label}_{kind.model_name}_change", args=[place.pk])
    return title, Truncator(text).chars(120), url


def _numbers() -> Iterator[tuple[str, str, str]]:
    """(label, value, where it leads)."""
    active = Service.objects.filter(desired=Service.Desired.ACTIVE).count()
    services = reverse("admin:provisioning_service_changelist")
    invoices = reverse("admin:billing_invoice_changelist")
    yield "Active services", f"{active:,}", f"{services}?desired__exact=active"
    this_month = clock.today().replace(day=1)
    money = _invoiced(this_month)
    yield (
        "Invoiced this month",
        money or "nothing yet",
        f"{invoices}?issued_on__gte={this_month.isoformat()}",
    )
    yield (
        "Next billing run",
        f"{next_run():%a %d %b, %H:%M}",
        reverse("admin:billing_billingrun_changelist"),
    )


def _invoiced(since: date) -> str:
    invoices = Invoice.objects.filter(issued_on__gte=since, kind=Invoice.Kind.INVOICE)
    rows = invoices.exclude(status=Invoice.Status.VOID)
    sums: dict[str, Decimal] = dict(
        rows.order_by("currency").values_list("currency").annotate(Sum("total"))
    )
    return " · ".join(format_money(total, currency) for currency, total in sums.items())


def next_run() -> datetime:
    """In the seller's zone."""
    now = clock.now().astimezone(clock.business_zone())
    planned = now.replace(hour=settings.BILLING_HOUR, minute=0, second=0, microsecond=0)
    return planned if planned > now else planned + timedelta(days=1)


STEPS: tuple[tuple[type[Model], str, str], ...] = (
    (Seller, "Enter your company as it stands on invoices", "billing_seller_add"),
    (TaxRate, "Enter your tax rates, if you charge tax", "billing_taxrate_add"),
    (GatewayAccount, "Say how you are paid", "billing_gatewayaccount_add"),
    (Server, "Connect a mail server", "provisioning_server_add"),
    (ProductGroup, "Name a group of products", "products_productgroup_add"),
    (Product, "Describe what you sell", "products_product_add"),
    (Customer, "Enter a customer", "accounts_customer_add"),
    (Service, "Add the first service", "provisioning_service_add"),
)


def _first_steps() -> Iterator[tuple[str, str]]:
    """What a fresh installation lacks, in the order to do it, until it has a service to bill."""
    if Seller.objects.exists() and Service.objects.exists():
        return
    for model, text, view in STEPS:
        if not model._default_manager.exists():
            yield text, reverse(f"admin:{view}")
