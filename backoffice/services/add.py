"""A new service in two steps, because cycles and options depend on the product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.access import StaffRequest
from accounts.models import Customer
from backoffice import tokens
from backoffice.buttons import REFUSALS, blame, given_or_fresh
from backoffice.catalogue.option_fields import chosen_in, option_fields
from backoffice.customers.field import CustomerField
from backoffice.look import PlainForm, dress
from backoffice.services import inputs as service_inputs
from config import clock
from config.periods import CYCLES
from products.models import Product
from provisioning import services
from provisioning.domains import clean_domain
from provisioning.models import Server, Service

if TYPE_CHECKING:
    from backoffice.services.admin import ServiceAdmin

# An order waits for payment or approval as its product says; who adds a service here has decided.
LATER = "Otherwise it stays pending, and nothing is billed for it, until you create it on its page."


class WhoForm(PlainForm):
    customer = CustomerField()
    product = forms.ModelChoiceField(Product.objects.filter(active=True).select_related("group"))


class TermsForm(PlainForm):
    domain = forms.CharField(
        max_length=253, help_text="Such as example.com; names in other scripts are fine."
    )
    cycle = forms.ChoiceField()
    anchor = forms.DateField(
        label="First day that is billed",
        initial=clock.today,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Due dates are counted from it.",
    )
    server = forms.ModelChoiceField(
        Server.objects.none(), required=False, empty_label="Automatic, by the fill policy"
    )

    def __init__(self, *args: Any, customer: Customer, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer, self.product = customer, product
        offered = set(
            product.prices.filter(currency=customer.currency).values_list("cycle", flat=True)
        )
        cycles = [(code, cycle.label) for code, cycle in CYCLES.items() if code in offered]
        self.fields["cycle"].choices = cycles  # type: ignore[attr-defined]
        self._place(product)
        self.fields |= option_fields(product, {})
        self.fields |= service_inputs.form_fields(product, {})
        self.fields["create_now"] = dress(_create_now(product))

    def _place(self, product: Product) -> None:
        servers = Server.objects.filter(module=product.module, enabled=True)
        if product.module:
            self.fields["server"].queryset = servers  # type: ignore[attr-defined]
        else:
            del self.fields["server"]

    def clean_domain(self) -> str:
        return clean_domain(self.cleaned_data["domain"])

    @transaction.atomic
    def create(self, request: StaffRequest) -> Service:
        data = self.cleaned_data
        service = services.create_service(
            customer=self.customer,
            product=self.product,
            domain=data["domain"],
            cycle=data["cycle"],
            currency=self.customer.currency,
            anchor=data["anchor"],
            options=chosen_in(self.product, data),
            inputs=service_inputs.typed(self.product, data),
            server=data.get("server"),
            by=request.user,
        )
        if data["create_now"]:
            services.deliver(service, cause=tokens.cause(request), by=request.user)
        return service


def _create_now(product: Product) -> forms.BooleanField:
    return forms.BooleanField(
        label="Create it on the platform now" if product.module else "Deliver it now",
        required=False,
        initial=True,
        help_text=LATER,
    )


def page(admin: ServiceAdmin, request: StaffRequest) -> HttpResponse:
    sent = request.GET.keys() >= {"customer", "product"}
    who = WhoForm(request.GET if sent else None, initial=request.GET.dict())
    if not (who.is_bound and who.is_valid()):
        return _render(admin, request, "backoffice/service_add_who.html", {"form": who})
    customer, product = who.cleaned_data["customer"], who.cleaned_data["product"]
    if request.GET["customer"] != str(customer.pk):
        # What was typed means this customer now; later it may mean another one as well.
        return redirect(f"{request.path}?customer={customer.pk}&product={product.pk}")
    return _terms(admin, request, customer, product)


def _terms(
    admin: ServiceAdmin, request: StaffRequest, customer: Customer, product: Product
) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = TermsForm(posted, customer=customer, product=product)
    earlier = tokens.made_before(request) if posted else None
    if earlier:
        return redirect(earlier)
    if form.is_bound and form.is_valid():
        url = _create(request, form)
        if url:
            return redirect(url)
    context = {
        "form": form,
        "customer": customer,
        "product": product,
        "token": given_or_fresh(request),
    }
    return _render(admin, request, "backoffice/service_add_terms.html", context)


def _create(request: StaffRequest, form: TermsForm) -> str:
    """Where the new service is; empty when it was refused, with the reasons in the form."""
    try:
        service = form.create(request)
    except REFUSALS as error:
        blame(form, error)
        return ""
    url = reverse("admin:provisioning_service_change", args=[service.pk])
    tokens.remember(request, url)
    messages.success(request, f"{service} was added.")
    return url


def _render(
    admin: ServiceAdmin, request: StaffRequest, template: str, context: dict[str, Any]
) -> HttpResponse:
    shared = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": "Add service",
        "back": reverse("admin:provisioning_service_changelist"),
    }
    return TemplateResponse(request, template, shared | context)
