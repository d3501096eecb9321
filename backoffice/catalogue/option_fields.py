"""Form fields for the configurable options of a product, named as use cases name their errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from backoffice.look import dress
from products.models import Option, Product
from provisioning.declared.choices import error_key, offered_options

WITH_CHOICES = (Option.Type.DROPDOWN, Option.Type.RADIO)


def option_fields(product: Product, chosen: Mapping[str, Any]) -> dict[str, forms.Field]:
    """`chosen` is {code: value or quantity}."""
    return {
        error_key(code): dress(_field(option, chosen.get(code)))
        for code, option in offered_options(product).items()
    }


def chosen_in(product: Product, cleaned_data: Mapping[str, Any]) -> dict[str, Any]:
    """{code: value}, as the use cases take them."""
    return {
        code: _plain(cleaned_data.get(error_key(code)))
        for code in offered_options(product)
        if cleaned_data.get(error_key(code)) is not None
    }


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _field(option: Option, chosen: Any) -> forms.Field:
    if option.type in WITH_CHOICES:
        radio = option.type == Option.Type.RADIO
        choices = [(choice.value, choice.label) for choice in option.choices.all()]
        first = choices[0][0] if choices else None
        return forms.ChoiceField(
            label=option.name,
            choices=choices,
            initial=first if chosen is None else chosen,
            widget=forms.RadioSelect if radio else forms.Select,
        )
    if option.type == Option.Type.YES_NO:
        return forms.BooleanField(label=option.name, required=False, initial=bool(chosen))
    return forms.IntegerField(
        label=option.name,
        min_value=option.minimum,
        max_value=option.maximum,
        initial=option.minimum if chosen is None else chosen,
    )
