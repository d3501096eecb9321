"""Configurable options of a service: from {code: value} to rows, checked against the product."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from products.models import Option, OptionChoice, Product
from provisioning.models import Service, ServiceOption

FALSE_WORDS = frozenset({"", "0", "no", "off", "false", "none"})


def error_key(code: str) -> str:
    """The key of an option in a ValidationError, and the usual name of its form field."""
    return f"option_{code}"


def offered_options(product: Product) -> dict[str, Option]:
    rows = Option.objects.filter(group__products=product).prefetch_related("choices")
    return {option.code: option for option in rows}


def choose(product: Product, chosen: Mapping[str, Any] | None) -> list[ServiceOption]:
    """Unsaved rows. What was not chosen takes the first choice, the minimum, or no.

    ValidationError keyed "option_<code>".
    """
    offered, wanted = offered_options(product), dict(chosen or {})
    unknown = wanted.keys() - offered.keys()
    errors = {
        error_key(code): _("%(product)s has no option %(code)s.")
        % {"product": product, "code": code}
        for code in unknown
    }
    rows: list[ServiceOption] = []
    for code, option in offered.items():
        try:
            rows += _row(option, wanted.get(code))
        except ValidationError as error:
            errors[error_key(code)] = error.messages[0]
    if errors:
        raise ValidationError(errors)
    return rows


def still_offered(product: Product, chosen: Mapping[str, Any]) -> list[ServiceOption]:
    """Like `choose`, for what was checked earlier: an option withdrawn meanwhile is left out."""
    offered = offered_options(product)
    rows: list[ServiceOption] = []
    for code in chosen.keys() & offered.keys():
        with suppress(ValidationError):
            rows += _row(offered[code], chosen[code])
    return rows


def values(rows: list[ServiceOption]) -> dict[str, Any]:
    """{code: value or quantity}, as a module and a command's arguments have them."""
    return {row.option.code: row.choice.value if row.choice else row.quantity for row in rows}


def replace(service: Service, rows: list[ServiceOption]) -> None:
    ServiceOption.objects.filter(service=service).delete()
    for row in rows:
        row.service = service
    ServiceOption.objects.bulk_create(rows)


def _row(option: Option, value: Any) -> list[ServiceOption]:
    if option.type in (Option.Type.DROPDOWN, Option.Type.RADIO):
        choice = _choice(option, value)
        return [ServiceOption(option=option, choice=choice, quantity=1)] if choice else []
    if option.type == Option.Type.YES_NO:
        yes = str(value or "").strip().lower() not in FALSE_WORDS
        return [ServiceOption(option=option, quantity=1)] if yes else []
    return [ServiceOption(option=option, quantity=_quantity(option, value))]


def _choice(option: Option, value: Any) -> OptionChoice | None:
    offered = list(option.choices.all())
    if value is None:
        return offered[0] if offered else None
    found = next((choice for choice in offered if choice.value == str(value)), None)
    if found is None:
        raise ValidationError(
            _("%(option)s has no choice %(value)s.") % {"option": option, "value": value}
        )
    return found


def _quantity(option: Option, value: Any) -> int:
    try:
        number = option.minimum if value is None else int(value)
    except (TypeError, ValueError):
        raise ValidationError(_("%(option)s is a whole number.") % {"option": option}) from None
    if number < option.minimum:
        raise ValidationError(
            _("%(option)s is at least %(minimum)s.") % {"option": option, "minimum": option.minimum}
        )
    if option.maximum is not None and number > option.maximum:
        raise ValidationError(
            _("%(option)s is at most %(maximum)s.") % {"option": option, "maximum": option.maximum}
        )
    return number
