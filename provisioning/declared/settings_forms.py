"""From the fields a module declares to the fields of a form, and back to what is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from config.crypto import Sealed
from config.language import told
from provisioning.contract import Field, FieldSet, Kind, ModuleError
from provisioning.declared.settings_inputs import LinesField, LongTextField, MomentField, zone_note

Choices = Sequence[tuple[str, str]]
# Reads a setting's choices from the server, by code; a ModuleError means it cannot be had now.
Live = Callable[[str], Choices]

UNREACHABLE = _("The server does not answer, so its choices are not listed. Type the value.")
KEPT = "Stored. Leave empty to keep it."


def name_of(prefix: str, code: str, currency: str = "") -> str:
    """The form field's name: "<prefix>-<code>", for a price "<prefix>-<code>-<currency>"."""
    return "-".join(part for part in (prefix, code, currency) if part)


def fields_for(
    fieldset: FieldSet,
    stored: Mapping[str, Any],
    *,
    prefix: str,
    currencies: Sequence[str],
    live: Live | None = None,
) -> dict[str, forms.Field]:
    """In the declared order, what is stored (of this version) as initial; secrets never shown."""
    found: dict[str, forms.Field] = {}
    for item in fieldset.fields:
        value = item.load(stored.get(item.code))
        if item.kind is Kind.PRICE:
            for currency in currencies:
                found[name_of(prefix, item.code, currency)] = _price(item, value or {}, currency)
        else:
            found[name_of(prefix, item.code)] = _field(item, value, live)
    return found


def stored_from(
    fieldset: FieldSet,
    cleaned_data: Mapping[str, Any],
    prefix: str,
    stored: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What to store. Pass what was `stored`: a secret left empty, and prices in currencies that the
    form did not show, are taken from there.
    """
    old = dict(stored or {})
    return {
        item.code: _stored(item, cleaned_data, prefix, old.get(item.code))
        for item in fieldset.fields
    }


def opened(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What a module works with: the values as `FieldSet.load` gives them, secrets in clear."""
    return {
        code: value.open() if isinstance(value, Sealed) else value for code, value in typed.items()
    }


def _stored(item: Field, cleaned: Mapping[str, Any], prefix: str, old: Any) -> Any:
    if item.kind is Kind.PRICE:
        return {**(old or {}), **_prices(item, cleaned, prefix)}
    value = cleaned.get(name_of(prefix, item.code))
    if item.kind is Kind.SECRET:
        return Sealed.of(value) if value else old
    return item.dump(value)


def _prices(item: Field, cleaned: Mapping[str, Any], prefix: str) -> dict[str, str]:
    start = name_of(prefix, item.code) + "-"
    typed = {
        name.removeprefix(start): value if value is not None else Decimal(0)
        for name, value in cleaned.items()
        if name.startswith(start) and len(name) == len(start) + 3
    }
    dumped: dict[str, str] = item.dump(typed)
    return dumped


def _common(item: Field) -> dict[str, Any]:
    return {
        "label": told(item.label),
        "help_text": told(item.help),
        "required": item.required,
        "validators": [_validator(item)] if item.validate else [],
    }


def _validator(item: Field) -> Callable[[Any], None]:
    def validate(value: Any) -> None:
        complaint = item.validate(value) if item.validate else None
        if complaint:
            raise ValidationError(complaint)

    return validate


def _field(item: Field, value: Any, live: Live | None) -> forms.Field:
    return _MAKERS[item.kind](item, value, live)


def _text(item: Field, value: Any, live: Live | None) -> forms.Field:
    if item.live_choices:
        return _choice(item, value, live)
    return forms.CharField(**_common(item), initial=value, max_length=item.max_length)


def _choice(item: Field, value: Any, live: Live | None) -> forms.Field:
    offered: Choices | None = item.choices
    if item.live_choices:
        offered = _read(live, item.code) if live else None
    if offered is None:
        common = _common(item)
        common["help_text"] = (
            f"{told(item.help)} {UNREACHABLE}".strip() if live else told(item.help)
        )
        return forms.CharField(**common, initial=value, max_length=item.max_length)
    listed = [(code, told(label)) for code, label in offered]
    if value and value not in dict(listed):
        phrase = (
            gettext("%(value)s (not on the server)")
            if item.live_choices
            else gettext("%(value)s (as set on the server)")
        )
        listed.append((value, phrase % {"value": value}))
    if not item.required and item.default is None:
        listed.insert(0, ("", "—"))
    return forms.ChoiceField(**_common(item), initial=value, choices=listed)


def _read(live: Live, code: str) -> Choices | None:
    try:
        return live(code)
    except ModuleError:
        return None


def _integer(item: Field, value: Any, _live: Live | None) -> forms.Field:
    low, high = item.minimum, item.maximum
    return forms.IntegerField(
        **_common(item),
        initial=value,
        min_value=None if low is None else int(low),
        max_value=None if high is None else int(high),
    )


def _decimal(item: Field, value: Any, _live: Live | None) -> forms.Field:
    return forms.DecimalField(
        **_common(item), initial=value, min_value=item.minimum, max_value=item.maximum
    )


def _boolean(item: Field, value: Any, _live: Live | None) -> forms.Field:
    return forms.BooleanField(
        label=told(item.label),
        help_text=told(item.help),
        initial=bool(value),
        required=False,
    )


def _long_text(item: Field, value: Any, _live: Live | None) -> forms.Field:
    return LongTextField(**_common(item), initial=value, max_length=item.max_length)


def _moment(item: Field, value: Any, _live: Live | None) -> forms.Field:
    common = _common(item)
    common["help_text"] = f"{told(item.help)} {zone_note()}".strip()
    return MomentField(**common, initial=value)


def _lines(item: Field, value: Any, _live: Live | None) -> forms.Field:
    common = {**_common(item), "validators": []}
    return LinesField(**common, initial=value, item=item)


def _secret(item: Field, value: Any, _live: Live | None) -> forms.Field:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    common = _common(item)
    common["required"] = item.required and not value
    if value:
        common["help_text"] = f"{item.help} {KEPT}".strip()
    return forms.CharField(**common, widget=widget, max_length=item.max_length)


def _price(item: Field, value: Mapping[str, Decimal], currency: str) -> forms.Field:
    return forms.DecimalField(
        label=f"{item.label} ({currency})",
        help_text=item.help,
        initial=value.get(currency),
        required=item.required,
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=4,
    )


_MAKERS: dict[Kind, Callable[[Field, Any, Live | None], forms.Field]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.BOOLEAN: _boolean,
    Kind.CHOICE: _choice,
    Kind.SECRET: _secret,
    Kind.LONG_TEXT: _long_text,
    Kind.MOMENT: _moment,
    Kind.LINES: _lines,
}
