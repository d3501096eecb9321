from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.roles import StaffRight
from backoffice.base import Base, ReadOnly
from billing.models import Seller, TaxRate


class SellerAdmin(Base):
    """One row: its list is its page."""

    change_right = StaffRight.MANAGE_SETUP
    list_display = ("name", "country", "email")
    fieldsets = (
        (None, {"fields": ("name", "email", "phone", "website")}),
        ("Address", {"fields": ("address", "postcode", "city", "region", "country")}),
        ("Registration", {"fields": ("tax_number", "registration")}),
        ("Tax", {"fields": ("prices_include_tax", "eu_consumers", "vat_keep_days")}),
        ("Changes of plan", {"fields": ("decreases", "change_days")}),
        ("Orders", {"fields": ("order_days",)}),
        ("Saved cards", {"fields": ("card_notice_days",)}),
        (
            "Invoices",
            {
                "fields": (
                    "invoice_prefix", "payment_days", "lead_days", "payment_instructions", "footer",
                )
            },
        ),
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and not Seller.objects.exists()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = Seller.objects.order_by("pk").first()
        if row:
            return redirect("admin:billing_seller_change", row.pk)
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response


class TaxRateAdmin(Base):
    change_right = StaffRight.MANAGE_SETUP
    deletable = True
    list_display = (
        "name", "place", "percent", "tax_class", "customer_kind", "level", "valid_from", "valid_to",
    )  # fmt: skip
    list_filter = ("country", "tax_class")
    search_fields = ("name__icontains", "country__iexact", "region__icontains")
    fieldsets = (
        (None, {"fields": ("name", "rate", "valid_from", "valid_to", "reason")}),
        ("Where and for what", {"fields": ("country", "region", "tax_class", "customer_kind")}),
        ("Second tax", {"fields": ("level", "compound")}),
    )

    @admin.display(description="place", ordering="country")
    def place(self, rate: TaxRate) -> str:
        return ", ".join(filter(None, (rate.country, rate.region))) or "everywhere"

    @admin.display(description="rate", ordering="rate")
    def percent(self, rate: TaxRate) -> str:
        return f"{rate.rate.normalize():f} %"


class NumberSeriesAdmin(ReadOnly):
    """Taken under a lock when a document is issued; nobody edits it."""

    list_display = ("code", "last")
    fields = ("code", "last")
