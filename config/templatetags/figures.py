"""Money, numbers and sizes: in every template without being loaded."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template

from config import language
from config.money import format_money, format_unit_price
from config.sizes import size

register = template.Library()

register.filter("money", format_money)
register.filter("unit_price", format_unit_price)
register.filter("size", size)
register.filter("in_line", language.in_line)
register.filter("told", language.told)


@register.filter
def number(value: Decimal | int) -> str:
    """With the decimals it has, separated as the language does."""
    return language.grouped(value)


@register.filter
def plain_number(value: Decimal) -> str:
    """Without the zeros that the database keeps behind the point."""
    return language.grouped(value.normalize())


@register.filter
def get(mapping: Mapping[Any, Any], key: Any) -> Any:
    return mapping.get(key, "")
