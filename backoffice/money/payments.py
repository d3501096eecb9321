"""Money that came in: the list, and sending it back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice import tokens
from backoffice.base import ReadOnly, may
from backoffice.buttons import Answer, Button
from backoffice.look import state_badge
from backoffice.money import bank_import
from backoffice.money.payment_forms import ChargeBackForm, RefundForm
from backoffice.once import once
from billing.gateways.registry import label_of
from billing.models import ChargeBack, Payment, Refund
from billing.payments.chargebacks import Loss, reinstate
from billing.payments.chargebacks import reverse as reverse_payment
from billing.payments.refunds import Wish, kept_of, refund, refundable
from config.money import format_money

FAILED = "The money was not sent: {error} It is account credit again."


@once
def _refund(request: StaffRequest, payment: Payment, data: dict[str, Any]) -> Answer:
    wish = Wish(amount=data["amount"], reason=data["reason"], key=f"staff:{tokens.given(request)}")
    made = refund(payment, wish, by=request.user)
    if made.status == Refund.Status.FAILED:
        raise ValidationError(FAILED.format(error=made.error))
    if made.status == Refund.Status.STARTED:
        return "The gateway has not answered yet. The refund is looked up in a few minutes."
    return f"{format_money(made.amount, payment.currency)} sent back."


@once
def _charge_back(request: StaffRequest, payment: Payment, data: dict[str, Any]) -> Answer:
    mark = f"by-hand:{tokens.given(request)}"
    loss = Loss(amount=data["amount"], reason=data["reason"], external_id=mark)
    made = reverse_payment(payment, loss)
    return f"{format_money(made.amount, payment.currency)} taken out of the account."


@once
def _won(_request: StaffRequest, payment: Payment, _data: dict[str, Any]) -> Answer:
    for made in _lost(payment):
        reinstate(made)
    return "The money is on the account again."


def _lost(payment: Payment) -> QuerySet[ChargeBack]:
    return payment.charge_backs.filter(returned_on__isnull=True)


def _arrived(payment: Payment) -> bool:
    return payment.status == Payment.Status.RECEIVED and kept_of(payment) > 0


class PaymentAdmin(ReadOnly):
    change_list_template = "backoffice/payments.html"
    list_display = ("received_on", "customer", "way", "external_id", "money", "stands")
    list_filter = ("status", "gateway", "currency", "received_on")
    list_select_related = ("customer",)
    search_fields = (
        "external_id__startswith", "customer__company__icontains", "customer__name__icontains",
        "invoice__number__startswith",
    )  # fmt: skip
    search_help_text = "Reference, customer or invoice"
    fields = (
        "customer", "received_on", "way", "external_id", "money", "stands", "invoice", "note",
        "created_by", "created_at",
    )  # fmt: skip
    panels_template = "backoffice/payment_panels.html"
    buttons = (
        Button(
            name="refund", label="Send back", icon="undo", act=_refund, form=RefundForm,
            right=StaffRight.MANAGE_BILLING, shown=lambda payment: refundable(payment) > 0,
        ),
        Button(
            name="charge-back", label="Charged back", icon="money_off", tone="danger",
            act=_charge_back, form=ChargeBackForm, right=StaffRight.MANAGE_BILLING,
            warning="The payer's bank took the money back. Invoices that it had paid are open"
            " again.",
            shown=_arrived,
        ),
        Button(
            name="won", label="Charge-back won", icon="gavel", act=_won,
            warning="The bank gave the money back: it pays what is open again.",
            right=StaffRight.MANAGE_BILLING, shown=lambda payment: _lost(payment).exists(),
        ),
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        gate = self.admin_site.admin_view
        return [
            path("import/", gate(self.import_view), name="billing_payment_import"),
            *super().get_urls(),
        ]

    def import_view(self, request: StaffRequest) -> HttpResponse:
        return bank_import.page(self, request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {"may_record": may(request, StaffRight.MANAGE_BILLING)}
        response: HttpResponse = super().changelist_view(request, extra | (extra_context or {}))
        return response

    def panels(self, request: HttpRequest, obj: Payment) -> dict[str, Any]:
        return {
            "payment": obj,
            "allocations": obj.allocations.select_related("invoice"),
            "refunds": obj.refunds.select_related("credit_note"),
            "charge_backs": obj.charge_backs.all(),
            "statement_url": reverse("admin:accounts_customer_statement", args=[obj.customer_id]),
        }

    @admin.display(description="by", ordering="gateway")
    def way(self, payment: Payment) -> str:
        return label_of(payment.gateway)

    @admin.display(description="amount", ordering="amount")
    def money(self, payment: Payment) -> str:
        return format_money(payment.amount, payment.currency)

    @admin.display(description="status", ordering="status")
    def stands(self, payment: Payment) -> SafeString:
        return state_badge(payment, "status")
