from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy

from accounts.models import Customer
from accounts.roles import CustomerRole
from clientarea.forms.base import PanelForm
from clientarea.forms.tax_number import refuse_mistyped
from config.countries import CountryField


class CompanyForm(PanelForm):
    """The details that invoices are made out to."""

    company = forms.CharField(label=gettext_lazy("Company"), max_length=150, required=False)
    name = forms.CharField(label=gettext_lazy("Contact name"), max_length=120)
    email = forms.EmailField(
        label=gettext_lazy("E-mail for invoices"), help_text=gettext_lazy("Invoices are sent here.")
    )
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=40, required=False)
    address = forms.CharField(label=gettext_lazy("Address"), max_length=250, required=False)
    postcode = forms.CharField(label=gettext_lazy("Postcode"), max_length=20, required=False)
    city = forms.CharField(label=gettext_lazy("City"), max_length=100, required=False)
    region = forms.CharField(label=gettext_lazy("State or region"), max_length=100, required=False)
    country = CountryField(label=gettext_lazy("Country"))
    tax_number = forms.CharField(label=gettext_lazy("Tax number"), max_length=40, required=False)
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=settings.LANGUAGES,
        help_text=gettext_lazy("Of invoices and e-mails, and of these pages."),
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=[])
    tranche_notices = forms.BooleanField(
        label=gettext_lazy("Send an e-mail when a new tranche of disk space begins"),
        required=False,
    )

    def __init__(self, *args: Any, tranches: bool, **kwargs: Any) -> None:
        """`tranches`: something of theirs is billed by them."""
        super().__init__(*args, **kwargs)
        if not tranches:
            del self.fields["tranche_notices"]
        zones = self.fields["time_zone"]
        assert isinstance(zones, forms.ChoiceField)
        zones.choices = [(name, name.replace("_", " ")) for name in sorted(available_timezones())]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        refuse_mistyped(self)
        return data

    def details(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in DETAILS}


OTHERS = ("form_token", "tranche_notices")
DETAILS = tuple(name for name in CompanyForm.base_fields if name not in OTHERS)


def details_of(customer: Customer) -> dict[str, str]:
    return {name: getattr(customer, name) for name in DETAILS}


class InviteForm(PanelForm):
    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=CustomerRole.choices)


class RoleForm(PanelForm):
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=CustomerRole.choices)
