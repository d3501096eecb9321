"""Change of plan with its money: choose → see the lines and whether it fits → confirm.

Staff may do what customers may not: change at once, without money, or though the platform is down.
"""

from __future__ import annotations

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
from backoffice.buttons import NOT_NOW, REFUSALS, Answer, Button, blame, given_or_fresh
from backoffice.catalogue.option_fields import chosen_in, option_fields
from backoffice.look import PlainForm
from billing.changes import request as changes
from billing.changes.plan import Wish
from billing.changes.preview import PENDING, Preview, preview
from billing.models import ServiceChange
from config.money import format_unit_price
from config.periods import CYCLES
from products.models import Price
from provisioning.connection.links import chosen_options
from provisioning.models import Service

if TYPE_CHECKING:
    from backoffice.services.admin import ServiceAdmin

CHANGEABLE = (Service.Desired.ACTIVE, Service.Desired.SUSPENDED)


class PlanForm(PlainForm):
    price = forms.ModelChoiceField(Price.objects.none(), label="Plan", empty_label=None)

    def __init__(self, *args: Any, service: Service, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["price"]
        field.queryset = _offered(service)
        field.label_from_instance = _told


class TermsForm(PlainForm):
    """The options of the plan, and how staff let it come about."""

    now = forms.BooleanField(
        label="At once, also when it gets cheaper",
        required=False,
        help_text="Otherwise the seller's setting decides.",
    )
    free = forms.BooleanField(
        label="Without money",
        required=False,
        help_text="Nothing is charged or given back for the running term.",
    )
    unchecked = forms.BooleanField(
        label="Also when the platform cannot be asked",
        required=False,
        help_text="Whether it fits is seen when the command is carried out.",
    )

    def __init__(self, *args: Any, service: Service, price: Price, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = dict(self.fields)
        self.fields = {**option_fields(price.product, chosen_options(service)), **own}


def page(admin: ServiceAdmin, request: StaffRequest, pk: int) -> HttpResponse:
    if not request.user.has_right(StaffRight.MANAGE_BILLING):
        raise PermissionDenied
    rows = Service.objects.select_related("product", "server", "customer")
    service = get_object_or_404(rows, pk=pk)
    if service.desired not in CHANGEABLE:
        messages.warning(request, NOT_NOW)
        return redirect("admin:provisioning_service_change", pk)
    asked = request.GET.get("price")
    which = PlanForm({"price": asked} if asked else None, service=service)
    context = {"service": service, "original": service, "which": which}
    if which.is_bound and which.is_valid():
        answer = _terms(request, service, which.cleaned_data["price"], context)
        if answer is not None:
            return answer
    shared = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": f"Change plan of {service}",
        "back": reverse("admin:provisioning_service_change", args=[pk]),
    }
    return TemplateResponse(request, "backoffice/plan_change.html", shared | context)


def _terms(
    request: StaffRequest, service: Service, price: Price, context: dict[str, Any]
) -> HttpResponse | None:
    posted = request.POST if request.method == "POST" else None
    form = TermsForm(posted, service=service, price=price)
    context |= {"form": form, "price": price, "token": given_or_fresh(request)}
    if posted is None or not form.is_valid():
        return None
    options = chosen_in(price.product, form.cleaned_data)
    wish = Wish(product=price.product, cycle=price.cycle, options=options)
    if "confirm" in request.POST:
        return _confirm(request, service, wish, form)
    context["preview"] = _preview(service, wish, form)
    return None


def _preview(service: Service, wish: Wish, form: PlainForm) -> Preview | None:
    try:
        return preview(service, wish, now=form.cleaned_data["now"])
    except REFUSALS as error:
        blame(form, error)
        return None


def _confirm(
    request: StaffRequest, service: Service, wish: Wish, form: PlainForm
) -> HttpResponse | None:
    here = reverse("admin:provisioning_service_change", args=[service.pk])
    if tokens.made_before(request):
        return redirect(here)
    waived = {name: form.cleaned_data[name] for name in ("now", "free", "unchecked")}
    try:
        change = changes.request(service, wish, by=request.user, **waived)
    except REFUSALS as error:
        blame(form, error)
        return None
    tokens.remember(request, here)
    messages.success(request, said(change))
    return redirect(here)


def said(change: ServiceChange) -> str:
    if change.status == ServiceChange.Status.WAITING:
        return f"Invoice {change.invoice} is issued; the change is made when it is paid."
    if change.status == ServiceChange.Status.SCHEDULED:
        return f"The change is made at the end of the term, on {change.apply_on}."
    return "The change is being made."


def pending(service: Service) -> ServiceChange | None:
    rows = service.changes.filter(status__in=PENDING).select_related("product", "invoice")
    return rows.first()


def _cancel(request: StaffRequest, service: Service, _data: dict[str, Any]) -> Answer:
    change = pending(service)
    if change is None:
        raise ValidationError(NOT_NOW)
    changes.cancel(change, by=request.user)
    return "The change of plan is cancelled; its invoice is credited."


def _offered(service: Service) -> Any:
    rows = Price.objects.filter(
        product__module=service.product.module,
        product__active=True,
        currency=service.currency,
        cycle__in=[cycle.code for cycle in CYCLES.values() if cycle.recurs],
    )
    return rows.select_related("product__group").order_by("product__name", "amount")


def _told(price: Price) -> str:
    amount = format_unit_price(price.amount, price.currency)
    return f"{price.product}: {amount} {CYCLES[price.cycle].label.lower()}"


BUTTONS = (
    Button(
        name="cancel_change", label="Cancel change of plan", icon="undo", act=_cancel,
        right=StaffRight.MANAGE_BILLING, shown=lambda service: pending(service) is not None,
        warning="The plan stays as it is; an unpaid invoice for the change is credited.",
    ),
)  # fmt: skip
