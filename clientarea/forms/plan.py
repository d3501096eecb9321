"""Another plan for a service: which, and with which options."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from billing.changes.plan import Wish
from clientarea.forms.base import PanelForm
from clientarea.forms.shop import FIELDS, option_prices
from config.money import format_unit_price
from config.periods import CYCLES
from products.models import Price
from provisioning.connection.links import chosen_options
from provisioning.declared.choices import error_key, offered_options
from provisioning.models import Service


def offered(service: Service) -> dict[str, Price]:
    """Recurring prices of the same platform's products, by "<product>-<cycle>"."""
    rows = Price.objects.filter(
        product__module=service.product.module,
        product__active=True,
        product__group__hidden=False,
        currency=service.currency,
    ).select_related("product__group")
    order = list(CYCLES)
    found = [row for row in rows if CYCLES[row.cycle].recurs]
    found.sort(key=lambda row: (row.product.position, row.product.name, order.index(row.cycle)))
    return {f"{row.product_id}-{row.cycle}": row for row in found}


class ChooseForm(forms.Form):
    plan = forms.ChoiceField()

    def __init__(self, *args: Any, prices: Iterable[tuple[str, Price]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["plan"]
        assert isinstance(field, forms.ChoiceField)
        field.label = _("Plan")
        field.choices = [(key, _told(price)) for key, price in prices]
        field.widget.attrs["class"] = "form-select"


class PlanForm(PanelForm):
    """The options of a plan, with what the service has now."""

    def __init__(self, *args: Any, service: Service, price: Price, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.price = price
        self.is_as_now = (price.product_id, price.cycle) == (service.product_id, service.cycle)
        self.options = offered_options(price.product)
        told = option_prices(self.options.values(), service.currency)
        chosen = chosen_options(service)
        for code, option in self.options.items():
            field = FIELDS[option.type](option, told)
            if code in chosen:
                field.initial = chosen[code]
            self.fields[error_key(code)] = field

    def wish(self) -> Wish:
        values = {code: self.cleaned_data.get(error_key(code)) for code in self.options}
        return Wish(
            product=self.price.product,
            cycle=self.price.cycle,
            options={
                code: int(value) if isinstance(value, bool) else value
                for code, value in values.items()
                if value is not None
            },
        )

    def blame(self, error: ValidationError) -> None:
        by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, sentences in by_field.items():
            self.add_error(name if name in self.fields else None, sentences)


def _told(price: Price) -> str:
    amount = format_unit_price(price.amount, price.currency)
    return f"{price.product.name}: {amount} {CYCLES[price.cycle].label.lower()}"
