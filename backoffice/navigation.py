"""The sidebar, in the order of a reseller's day. Everything in it may be seen by all staff."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from accounts.roles import StaffRight
from backoffice import attention


@dataclass(frozen=True)
class Item:
    title: str
    icon: str
    view: str
    badge: Callable[[], int] | None = None
    right: StaffRight = StaffRight.VIEW
    query: str = ""


NAVIGATION: tuple[tuple[str, tuple[Item, ...]], ...] = (
    ("", (Item("Home", "home", "index"),)),
    (
        "Customers",
        (
            Item("Customers", "groups", "accounts_customer_changelist"),
            Item("Services", "mail", "provisioning_service_changelist"),
            Item("Orders", "shopping_cart", "billing_order_changelist", attention.pending_orders),
        ),
    ),
    (
        "To do",
        (
            Item(
                "Commands",
                "bolt",
                "provisioning_command_changelist",
                attention.stuck_commands,
            ),
            Item(
                "Usage readings",
                "speed",
                "provisioning_usagereading_changelist",
                attention.parked_readings,
            ),
            Item(
                "Terminations",
                "delete_forever",
                "billing_terminationrequest_changelist",
                attention.terminations,
            ),
        ),
    ),
    (
        "Billing",
        (
            Item("Invoices", "receipt_long", "billing_invoice_changelist", attention.held_drafts),
            Item(
                "Payments",
                "payments",
                "billing_payment_changelist",
                attention.fresh_charge_backs,
            ),
            Item(
                "Card charges",
                "credit_card",
                "billing_chargeattempt_changelist",
                attention.stuck_charges,
            ),
            Item(
                "Gateway events",
                "webhook",
                "billing_gatewayevent_changelist",
                attention.refused_events,
            ),
            Item("Billing runs", "event_repeat", "billing_billingrun_changelist"),
            Item("Dunning runs", "notification_important", "billing_dunningrun_changelist"),
            Item("E-mails", "outgoing_mail", "billing_sentmail_changelist", attention.failed_mails),
            Item("Reports", "bar_chart", "reports"),
        ),
    ),
    (
        "Catalogue",
        (
            Item("Products", "sell", "products_product_changelist"),
            Item("Product groups", "shelves", "products_productgroup_changelist"),
            Item("Configurable options", "tune", "products_optiongroup_changelist"),
            Item("Promotions", "loyalty", "billing_promotion_changelist"),
        ),
    ),
    (
        "Platforms",
        (
            Item("Servers", "dns", "provisioning_server_changelist", attention.troubled_servers),
            Item("Server groups", "hub", "provisioning_servergroup_changelist"),
            Item("Module log", "manage_search", "provisioning_modulecall_changelist"),
        ),
    ),
    (
        "Set-up",
        (
            Item("Seller", "storefront", "billing_seller_changelist"),
            Item("Ways to be paid", "account_balance_wallet", "billing_gatewayaccount_changelist"),
            Item("Tax rates", "percent", "billing_taxrate_changelist"),
            Item("Dunning policies", "schedule", "billing_dunningpolicy_changelist"),
            Item("Grace of products", "hourglass_top", "billing_productgrace_changelist"),
            Item("E-mail texts", "edit_note", "billing_mailtemplate_changelist"),
            Item("Number series", "tag", "billing_numberseries_changelist"),
            Item("People", "badge", "accounts_user_changelist"),
            Item("Invites", "mail_lock", "accounts_invite_changelist"),
            Item("Audit trail", "history", "accounts_auditevent_changelist"),
        ),
    ),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    user = request.user
    assert isinstance(user, User)
    return [
        {
            "title": title,
            "items": [_entry(item, request) for item in items if user.has_right(item.right)],
        }
        for title, items in NAVIGATION
    ]


def _entry(item: Item, request: HttpRequest) -> dict[str, Any]:
    link = reverse(f"admin:{item.view}")
    home = item.view == "index"
    count = item.badge() if item.badge else 0
    return {
        "title": item.title,
        "icon": item.icon,
        "link": link + item.query,
        "active": request.path == link if home else request.path.startswith(link),
        "badge": attention.shown(count),
        "badge_variant": "warning",
        "has_permission": True,
    }
