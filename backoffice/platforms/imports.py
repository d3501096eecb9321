"""Import of domains that exist on a server: list → chosen ones and their terms → adopted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts import audit
from accounts.access import StaffRequest
from accounts.models import Customer
from accounts.roles import StaffRight
from backoffice import tokens
from backoffice.buttons import sentence
from backoffice.customers.field import CustomerField
from backoffice.look import PlainForm
from config import clock
from config.countries import CountryField
from config.periods import CYCLE_CHOICES
from products.models import Product
from provisioning import inventory
from provisioning.contract import ModuleError
from provisioning.inventory import InventoryRow, Standing
from provisioning.models import Server

if TYPE_CHECKING:
    from backoffice.platforms.servers import ServerAdmin

CURRENCIES = [(code, code) for code in settings.CURRENCIES]
NEW = ("new_name", "new_company", "new_email", "new_country")


class TermsForm(PlainForm):
    """What the adopted domains are sold as, and to whom."""

    customer = CustomerField(
        required=False, help_text="Leave blank for a new customer, entered below."
    )
    new_name = forms.CharField(label="Contact name", max_length=120, required=False)
    new_company = forms.CharField(label="Company", max_length=150, required=False)
    new_email = forms.EmailField(label="Billing e-mail", required=False)
    new_country = CountryField(label="Country", required=False)
    product = forms.ModelChoiceField(Product.objects.none())
    cycle = forms.ChoiceField(choices=CYCLE_CHOICES, initial="monthly")
    currency = forms.ChoiceField(choices=CURRENCIES)
    anchor = forms.DateField(
        label="First day that is billed",
        initial=clock.today,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, server: Server, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        products = Product.objects.filter(module=server.module, active=True)
        self.fields["product"].queryset = products  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not data.get("customer"):
            for name in ("new_name", "new_email", "new_country"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, "Needed for a new customer.")
        return data

    def the_customer(self) -> Customer:
        data = self.cleaned_data
        if data["customer"]:
            return data["customer"]  # type: ignore[no-any-return]
        values = {name.removeprefix("new_"): data[name] for name in NEW}
        customer = Customer(**values)
        customer.currency = data["currency"]
        customer.full_clean()
        customer.save()
        audit.record("customer.added", customer, after=audit.facts(customer))
        return customer


def page(admin: ServerAdmin, request: StaffRequest, pk: int) -> HttpResponse:
    if not request.user.has_right(StaffRight.RUN_COMMANDS):
        raise PermissionDenied
    server = get_object_or_404(Server, pk=pk)
    rows: list[InventoryRow] = []
    problem = ""
    try:
        rows = inventory.list_accounts(server)
    except ModuleError as error:
        problem = sentence(error)
    chosen = _chosen(request, rows)
    if request.method == "POST" and chosen:
        return _terms(admin, request, server, chosen)
    if request.method == "POST" and not problem:
        messages.warning(request, "Choose at least one domain that is not managed yet.")
    context = {"rows": rows, "problem": problem, "server": server}
    return _render(admin, request, "backoffice/import.html", context)


def _chosen(request: StaffRequest, rows: Iterable[InventoryRow]) -> list[InventoryRow]:
    wanted = set(request.POST.getlist("domain"))
    return [row for row in rows if row.standing is Standing.UNMANAGED and row.domain in wanted]


def _terms(
    admin: ServerAdmin, request: StaffRequest, server: Server, chosen: list[InventoryRow]
) -> HttpResponse:
    linking = "link" in request.POST
    form = TermsForm(request.POST if linking else None, server=server)
    if linking and form.is_valid() and _link(request, server, chosen, form):
        return redirect(reverse("admin:provisioning_server_change", args=[server.pk]))
    context = {"rows": chosen, "form": form, "server": server, "token": tokens.given(request)}
    return _render(admin, request, "backoffice/import_terms.html", context)


def _link(
    request: StaffRequest, server: Server, chosen: list[InventoryRow], form: TermsForm
) -> bool:
    """Each domain on its own: one that cannot be adopted does not keep the others from it."""
    if tokens.made_before(request):
        return True
    try:
        customer = form.the_customer()
    except ValidationError as error:
        form.add_error(None, sentence(error))
        return False
    tokens.remember(request, request.path)
    terms = {name: form.cleaned_data[name] for name in ("product", "cycle", "currency", "anchor")}
    adopted = 0
    for row in chosen:
        try:
            inventory.adopt(server, row.domain, customer=customer, by=request.user, **terms)
        except ValidationError as error:
            messages.error(request, f"{row.domain}: {sentence(error)}")
            continue
        adopted += 1
    if adopted:
        messages.success(request, f"{adopted} domains now belong to {customer}.")
    return True


def _render(
    admin: ServerAdmin, request: StaffRequest, template: str, context: dict[str, Any]
) -> HttpResponse:
    shared = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "original": context["server"],
        "title": f"Import from {context['server']}",
    }
    return TemplateResponse(request, template, shared | context)
