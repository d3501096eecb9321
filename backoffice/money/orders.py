"""Orders: what was asked for, at which prices, and what staff decide about it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.access import StaffRequest
from accounts.models import AuditEvent
from accounts.roles import StaffRight
from backoffice.base import ReadOnly
from backoffice.buttons import Answer, Button, ObjectForm
from backoffice.look import ago, state_badge
from billing.models import Order
from billing.orders import decide
from config.money import format_money

EVENTS = 10


class ReasonForm(ObjectForm):
    reason = forms.CharField(
        max_length=200, help_text="Kept with the order, and printed on a credit note."
    )


def _accept(request: StaffRequest, order: Order, _data: dict[str, Any]) -> Answer:
    decide.accept(order, by=request.user)
    return "The order is accepted. What waits for a payment begins when it is paid."


def _cancel(request: StaffRequest, order: Order, data: dict[str, Any]) -> Answer:
    decide.cancel(order, reason=data["reason"], by=request.user)
    return "The order is cancelled and its invoice credited."


def _fraud(request: StaffRequest, order: Order, data: dict[str, Any]) -> Answer:
    decide.mark_fraud(order, reason=data["reason"], by=request.user)
    return "The order is marked as fraud: what runs is suspended, the rest is dropped."


def _is_pending(order: Order) -> bool:
    return order.status == Order.Status.PENDING


def _is_open(order: Order) -> bool:
    return order.status in decide.OPEN


class OrderAdmin(ReadOnly):
    """A static picture; afterwards the service drives billing."""

    list_display = ("document", "customer", "what", "stands", "due", "ordered")
    list_filter = ("status", "currency", "created_at")
    list_select_related = ("customer", "invoice")
    search_fields = (
        "items__domain__icontains", "customer__company__icontains", "customer__name__icontains",
    )  # fmt: skip
    search_help_text = "Domain or customer"
    fields = (
        "customer", "stands", "invoice", "promotion", "terms_accepted_at", "created_at",
        "created_by", "ip", "notes",
    )  # fmt: skip
    panels_template = "backoffice/order_panels.html"
    buttons = (
        Button(
            name="accept", label="Accept", icon="check", tone="primary", act=_accept,
            right=StaffRight.MANAGE_BILLING, shown=_is_pending,
        ),
        Button(
            name="cancel", label="Cancel", icon="close", act=_cancel, form=ReasonForm,
            warning="Only while nothing is delivered. The invoice is credited; money that came for"
            " it becomes account credit.",
            right=StaffRight.MANAGE_BILLING, shown=_is_open,
        ),
        Button(
            name="fraud", label="Mark as fraud", icon="gpp_bad", tone="danger", act=_fraud,
            form=ReasonForm,
            warning="Services that run are suspended, the others are dropped, and what is still"
            " owed is credited. Payments stay for you to refund.",
            right=StaffRight.MANAGE_BILLING, shown=_is_open,
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        rows: QuerySet[Order] = super().get_queryset(request)
        return rows.prefetch_related("items__product")

    def panels(self, request: HttpRequest, obj: Order) -> dict[str, Any]:
        events = AuditEvent.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk))
        return {
            "order": obj,
            "items": obj.items.select_related("product", "service"),
            "events": events[:EVENTS],
        }

    @admin.display(description="order", ordering="pk")
    def document(self, order: Order) -> str:
        return str(order)

    @admin.display(description="what")
    def what(self, order: Order) -> str:
        return ", ".join(f"{item.product} {item.domain}" for item in order.items.all())

    @admin.display(description="status", ordering="status")
    def stands(self, order: Order) -> SafeString:
        return state_badge(order, "status")

    @admin.display(description="invoice")
    def due(self, order: Order) -> str:
        if order.invoice is None:
            return "–"
        total = format_money(order.invoice.total, order.currency)
        return format_html("{} {}", total, state_badge(order.invoice, "status"))

    @admin.display(description="ordered", ordering="created_at")
    def ordered(self, order: Order) -> str:
        return ago(order.created_at)
