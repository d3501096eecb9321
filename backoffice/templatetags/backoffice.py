from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from backoffice import look, tokens
from backoffice.buttons import ButtonsMixin
from config.money import format_money, format_unit_price

register = template.Library()


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    return look.ago(moment)


@register.filter
def size(value: int | Decimal | None) -> str:
    return look.size(value)


@register.filter
def money(amount: Decimal, currency: str) -> str:
    return format_money(amount, currency)


@register.filter
def unit_price(amount: Decimal, currency: str) -> str:
    return format_unit_price(amount, currency)


@register.filter
def plain_number(value: Decimal) -> str:
    """Without the zeros that the database keeps behind the point."""
    return f"{value.normalize():f}"


@register.filter
def state(row: Any, field: str) -> SafeString:
    return look.state_badge(row, field)


@register.simple_tag
def badge(text: object, tone: str = "") -> SafeString:
    return look.badge(text, tone)


@register.filter
def get(mapping: Mapping[Any, Any], key: Any) -> Any:
    return mapping.get(key, "")


@register.simple_tag
def form_token() -> str:
    return tokens.fresh()


@register.inclusion_tag("backoffice/parts/buttons.html", takes_context=True)
def row_buttons(context: Context, row: Any, admin: ButtonsMixin, back: str = "") -> dict[str, Any]:
    """The buttons of a row that is listed on another row's page."""
    request = context["request"]
    return {
        "page_buttons": list(admin.buttons_for(request, row)),
        "next": back or request.get_full_path(),
        "csrf_token": context.get("csrf_token"),
        "small": True,
    }
