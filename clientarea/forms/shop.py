from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import NewPersonForm
from billing.models import CancellationRequest
from billing.orders.catalogue import Offer
from billing.orders.items import Wanted
from clientarea import least
from clientarea.forms.base import PanelForm
from clientarea.forms.tax_number import refuse_mistyped
from config.countries import CountryField
from config.money import format_unit_price
from config.periods import CYCLES
from products.models import Option, OptionPrice, Price
from provisioning.declared.choices import error_key, offered_options

AS_TYPED = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class ConfigureForm(PanelForm):
    """One product: term, domain, options. What it costs is worked out on the server alone."""

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer = offer
        self.currency = offer.prices[0].currency
        self.options = offered_options(offer.product)
        self.fields["cycle"] = forms.ChoiceField(
            label=_("Term"),
            choices=[(price.cycle, _term_of(price)) for price in offer.prices],
            initial=offer.prices[0].cycle,
            widget=forms.RadioSelect,
        )
        self.fields["domain"] = forms.CharField(
            label=_("Domain"),
            max_length=300,
            help_text=_("Such as example.com. You need not have moved it to us."),
            widget=forms.TextInput(attrs=AS_TYPED),
        )
        prices = option_prices(self.options.values(), self.currency)
        for code, option in self.options.items():
            self.fields[error_key(code)] = FIELDS[option.type](option, prices)

    def wanted(self) -> Wanted:
        data = self.cleaned_data
        return Wanted(
            product=self.offer.product.pk,
            cycle=data.get("cycle", ""),
            currency=self.currency,
            domain=data.get("domain", ""),
            options={code: _plain(data.get(error_key(code))) for code in self.options},
        )

    def blame(self, errors: dict[str, list[str]]) -> None:
        for name, texts in errors.items():
            self.add_error(name if name in self.fields else None, [ValidationError(texts)])


Prices = dict[tuple[int, int | None], list[OptionPrice]]


def _plain(value: Any) -> Any:
    """As a session keeps it and the products read it."""
    if isinstance(value, bool):
        return "yes" if value else ""
    return value if value is None or isinstance(value, int) else str(value)


def _term(price: Price | OptionPrice) -> str:
    label = CYCLES[price.cycle].label
    text = f"{label}: {format_unit_price(price.amount, price.currency)}"
    if price.setup_fee:
        text += _(", set-up %s") % format_unit_price(price.setup_fee, price.currency)
    return text


def _term_of(price: Price) -> str:
    told = least.words(price.product, price.cycle, price.currency, price.amount)
    return f"{_term(price)}, {told}" if told else _term(price)


def option_prices(options: Iterable[Option], currency: str) -> Prices:
    rows = OptionPrice.objects.filter(option__in=list(options), currency=currency)
    found: Prices = {}
    for row in rows:
        found.setdefault((row.option_id, row.choice_id), []).append(row)
    order = list(CYCLES)
    return {
        key: sorted(each, key=lambda row: order.index(row.cycle)) for key, each in found.items()
    }


def _told(prices: Prices, option: Option, choice: int | None = None) -> str:
    rows = prices.get((option.pk, choice), [])
    return " · ".join(_extra(row) for row in rows if row.amount or row.setup_fee)


def _extra(price: OptionPrice) -> str:
    if price.amount:
        return _term(price)
    return _("Set-up, once: %s") % format_unit_price(price.setup_fee, price.currency)


def _choices(option: Option, prices: Prices) -> list[tuple[str, str]]:
    found = []
    for choice in option.choices.all():
        told = _told(prices, option, choice.pk)
        found.append((choice.value, f"{choice.label} ({told})" if told else choice.label))
    return found


def _dropdown(option: Option, prices: Prices) -> forms.Field:
    return forms.ChoiceField(label=option.name, choices=_choices(option, prices))


def _radio(option: Option, prices: Prices) -> forms.Field:
    choices = _choices(option, prices)
    first = choices[0][0] if choices else None
    return forms.ChoiceField(
        label=option.name, choices=choices, initial=first, widget=forms.RadioSelect
    )


def _yes_no(option: Option, prices: Prices) -> forms.Field:
    return forms.BooleanField(label=option.name, required=False, help_text=_told(prices, option))


def _quantity(option: Option, prices: Prices) -> forms.Field:
    return forms.IntegerField(
        label=option.name,
        min_value=option.minimum,
        max_value=option.maximum,
        initial=option.minimum,
        help_text=_told(prices, option),
    )


FIELDS: dict[str, Callable[[Option, Prices], forms.Field]] = {
    Option.Type.DROPDOWN: _dropdown,
    Option.Type.RADIO: _radio,
    Option.Type.YES_NO: _yes_no,
    Option.Type.QUANTITY: _quantity,
}


class CodeForm(PanelForm):
    code = forms.CharField(
        label=gettext_lazy("Promotion code"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs=AS_TYPED),
    )


class ReviewForm(PanelForm):
    terms = forms.BooleanField(
        label=gettext_lazy("I accept the terms"),
        error_messages={"required": gettext_lazy("Please accept the terms.")},
    )


class CustomerForm(PanelForm):
    """Whom the invoices of a new customer are made out to."""

    name = forms.CharField(label=gettext_lazy("Your name"), max_length=120)
    company = forms.CharField(label=gettext_lazy("Company"), max_length=150, required=False)
    address = forms.CharField(label=gettext_lazy("Address"), max_length=250)
    postcode = forms.CharField(label=gettext_lazy("Postcode"), max_length=20)
    city = forms.CharField(label=gettext_lazy("City"), max_length=100)
    region = forms.CharField(label=gettext_lazy("State or region"), max_length=100, required=False)
    country = CountryField(label=gettext_lazy("Country"))
    tax_number = forms.CharField(label=gettext_lazy("Tax number"), max_length=40, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        refuse_mistyped(self)
        return data

    def details(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in DETAILS}


DETAILS = tuple(name for name in CustomerForm.base_fields if name != "form_token")


class SignUpForm(CustomerForm, NewPersonForm):
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("You sign in with it, and your invoices are sent there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ("email", "password1", "password2", "name", "company")


class CancelServiceForm(PanelForm):
    when = forms.ChoiceField(label=gettext_lazy("When"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Why you leave"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("You need not say, but it helps us."),
    )

    def __init__(self, *args: Any, days: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["when"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(days.items())
        field.initial = CancellationRequest.When.END_OF_TERM
