from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from accounts.access import StaffRequest
from accounts.models import AuditEvent, Customer, Invite, Membership
from accounts.roles import CustomerRole, StaffRight
from accounts.team import invite_member
from backoffice.base import Base
from backoffice.buttons import Answer, Button, ObjectForm
from backoffice.customers import billing as customer_billing
from backoffice.customers import money as customer_money
from backoffice.customers.field import LOOKUPS
from backoffice.look import dress
from backoffice.money.invoices import listed
from billing.models import Invoice
from config.money import format_money
from provisioning.models import Service

ENDED = (Service.Desired.TERMINATED, Service.Desired.CANCELLED)
RECENT = 10
LISTED = 50


class CustomerForm(forms.ModelForm):  # type: ignore[type-arg]
    """Currency, language and zone are chosen, so that a typing error cannot reach an invoice."""

    currency = forms.ChoiceField(choices=[(code, code) for code in settings.CURRENCIES])
    language = forms.ChoiceField(choices=settings.LANGUAGES, initial=settings.LANGUAGE_CODE)
    time_zone = forms.ChoiceField(
        choices=[(name, name) for name in sorted(available_timezones())],
        initial=settings.TIME_ZONE,
    )

    class Meta:
        model = Customer
        fields = (
            "company", "name", "email", "phone", "address", "postcode", "city", "region", "country",
            "tax_number", "tax_exempt", "currency", "language", "time_zone", "notes",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("country", "currency", "language", "time_zone"):
            if name in self.fields:
                self._keep_stored(name)

    def _keep_stored(self, name: str) -> None:
        """A value of long ago, such as a currency that is no longer offered, is not lost."""
        field = dress(self.fields[name])
        stored = getattr(self.instance, name)
        if self.instance.pk and stored not in dict(field.choices):  # type: ignore[attr-defined]
            field.choices = [(stored, stored), *field.choices]  # type: ignore[attr-defined]


class MemberForm(ObjectForm):
    email = forms.EmailField(label="E-mail address")
    role = forms.ChoiceField(choices=CustomerRole.choices, initial=CustomerRole.OWNER)


def _invite(request: StaffRequest, customer: Customer, data: dict[str, Any]) -> Answer:
    invite_member(customer=customer, email=data["email"], role=data["role"], by=request.user)
    return f"An invite was sent to {data['email']}."


class CustomerAdmin(Base):
    change_right = StaffRight.MANAGE_CUSTOMERS
    form = CustomerForm
    list_display = ("label", "name", "email", "country", "live_services", "currency")
    list_filter = ("country", "currency")
    search_fields = LOOKUPS
    search_help_text = "Company, name or e-mail"
    panels_template = "backoffice/customer_panels.html"
    fieldsets = (
        (None, {"fields": ("company", "name", "email", "phone")}),
        ("Address", {"fields": ("address", "postcode", "city", "region", "country")}),
        ("Billing", {"fields": ("currency", "tax_number", "tax_exempt")}),
        ("Preferences", {"fields": ("language", "time_zone")}),
        ("Notes", {"fields": ("notes",)}),
    )
    buttons = (
        Button(
            name="invite", label="Invite a person", icon="person_add", act=_invite, form=MemberForm,
            right=StaffRight.MANAGE_CUSTOMERS,
        ),
        *customer_money.BUTTONS,
        *customer_billing.BUTTONS,
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.statement_view)
        return [
            path("<int:pk>/statement/", view, name="accounts_customer_statement"),
            *super().get_urls(),
        ]

    def statement_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return customer_money.statement_page(self, request, pk)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        live = Service.objects.filter(customer=OuterRef("pk")).exclude(desired__in=ENDED)
        counted = live.order_by().values("customer").annotate(number=Count("pk")).values("number")
        rows: QuerySet[Customer] = super().get_queryset(request)
        return rows.annotate(live_count=Coalesce(Subquery(counted), 0))

    def panels(self, request: HttpRequest, obj: Customer) -> dict[str, Any]:
        user: Any = request.user
        site = self.admin_site
        return {
            "header_template": "backoffice/customer_header.html",
            "actions_template": "backoffice/customer_actions.html",
            "customer": obj,
            **customer_money.panel(obj),
            **customer_billing.panel(obj),
            "balances": open_balances(obj),
            "may_impersonate": user.has_right(StaffRight.IMPERSONATE),
            "may_add_service": user.has_right(StaffRight.RUN_COMMANDS),
            "impersonate_url": reverse("accounts:impersonation_start", args=[obj.public_id]),
            "members": obj.memberships.select_related("user").order_by("pk"),
            "invites": obj.invites.filter(accepted_at=None, withdrawn_at=None),
            "membership_admin": site.get_model_admin(Membership),
            "invite_admin": site.get_model_admin(Invite),
            "services": obj.services.select_related("customer", "product")[:LISTED],
            **listed(obj.invoices.all()[:RECENT]),
            "events": AuditEvent.objects.filter(customer=obj)[:RECENT],
            "events_url": f"{reverse('admin:accounts_auditevent_changelist')}?customer={obj.pk}",
        }

    @admin.display(description="customer", ordering="company")
    def label(self, customer: Customer) -> str:
        return str(customer)

    @admin.display(description="services")
    def live_services(self, customer: Any) -> int:
        return int(customer.live_count)


def open_balances(customer: Customer) -> list[str]:
    """What is issued and not paid, by currency."""
    rows = customer.invoices.filter(status=Invoice.Status.ISSUED, kind=Invoice.Kind.INVOICE)
    still = Sum(F("total") - F("settled"))
    sums = rows.order_by("currency").values_list("currency").annotate(open=still)
    return [format_money(total, currency) for currency, total in sums]
