"""Change of package: choose → see whether it fits and what it costs → confirm."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice import tokens
from backoffice.buttons import NOT_NOW, REFUSALS, blame, given_or_fresh, sentence
from backoffice.catalogue.option_fields import chosen_in, option_fields
from backoffice.look import PlainForm
from backoffice.services.acts import QUEUED
from config.money import format_unit_price
from products.models import Price, Product
from provisioning import services
from provisioning.connection.links import chosen_options
from provisioning.contract import ModuleError
from provisioning.models import Service

if TYPE_CHECKING:
    from backoffice.services.admin import ServiceAdmin

CHANGEABLE = (Service.Desired.ACTIVE, Service.Desired.SUSPENDED)
DONE = "The service has its new product."


@dataclass(frozen=True)
class Plan:
    """`blockers` keep the change from being made; `unknown` is why they could not be looked for."""

    blockers: list[str]
    unknown: str
    old_price: str
    new_price: str


class OptionsForm(PlainForm):
    """The options of the product that was chosen, with what the service has now."""

    def __init__(self, *args: Any, service: Service, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= option_fields(product, chosen_options(service))


class ProductForm(PlainForm):
    product = forms.ModelChoiceField(Product.objects.none())

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = offered_to(service)  # type: ignore[attr-defined]


def offered_to(service: Service) -> Any:
    """Products of the same platform that have a price for the service's cycle and currency."""
    rows = Product.objects.filter(
        module=service.product.module,
        active=True,
        prices__cycle=service.cycle,
        prices__currency=service.currency,
    )
    return rows.select_related("group").distinct()


def page(admin: ServiceAdmin, request: StaffRequest, pk: int) -> HttpResponse:
    if not request.user.has_right(StaffRight.RUN_COMMANDS):
        raise PermissionDenied
    rows = Service.objects.select_related("product", "server", "customer")
    service = get_object_or_404(rows, pk=pk)
    back = reverse("admin:provisioning_service_change", args=[pk])
    if service.desired not in CHANGEABLE:
        messages.warning(request, NOT_NOW)
        return redirect(back)
    asked = request.GET.get("product")
    which = ProductForm(
        {"product": asked} if asked else None,
        service=service,
        initial={"product": service.product_id},
    )
    context = {"service": service, "original": service, "which": which, "back": back}
    if which.is_bound and which.is_valid():
        answer = _options(request, service, which.cleaned_data["product"], context)
        if answer:
            return answer
    return _render(admin, request, context)


def _options(
    request: StaffRequest, service: Service, product: Product, context: dict[str, Any]
) -> HttpResponse | None:
    """Fills the context of the second step; a response once the change is asked for."""
    posted = request.POST if request.method == "POST" else None
    form = OptionsForm(posted, service=service, product=product)
    context |= {"form": form, "product": product, "token": given_or_fresh(request)}
    if posted is None or not form.is_valid():
        return None
    options = chosen_in(product, form.cleaned_data)
    if "confirm" in request.POST:
        return _change(request, service, product, options, form=form)
    context["plan"] = _plan(service, product, options, form)
    return None


def _change(
    request: StaffRequest,
    service: Service,
    product: Product,
    options: dict[str, Any],
    *,
    form: PlainForm,
) -> HttpResponse | None:
    try:
        command = services.change_package(
            service, product=product, options=options, cause=tokens.cause(request), by=request.user
        )
    except REFUSALS as error:
        blame(form, error)
        return None
    messages.success(request, QUEUED if command else DONE)
    return redirect("admin:provisioning_service_change", service.pk)


def _plan(
    service: Service, product: Product, options: dict[str, Any], form: PlainForm
) -> Plan | None:
    blockers, unknown = [], ""
    try:
        blockers = services.plan_change(service, product, options)
    except ValidationError as error:
        blame(form, error)
        return None
    except ModuleError as error:
        unknown = sentence(error)
    old, new = _price(service.product, service), _price(product, service)
    return Plan(blockers, unknown, old, new)


def _price(product: Product, service: Service) -> str:
    row = Price.objects.filter(
        product=product, cycle=service.cycle, currency=service.currency
    ).first()
    if service.price_override is not None:
        return f"{format_unit_price(service.price_override, service.currency)} (own price)"
    return format_unit_price(row.amount if row else Decimal(0), service.currency)


def _render(admin: ServiceAdmin, request: StaffRequest, context: dict[str, Any]) -> HttpResponse:
    shared = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": f"Change package of {context['service']}",
    }
    return TemplateResponse(request, "backoffice/service_change.html", shared | context)
