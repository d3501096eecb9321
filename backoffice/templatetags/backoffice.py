from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from backoffice import look, tokens
from backoffice.buttons import ButtonsMixin

register = template.Library()


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    return look.ago(moment)


@register.filter
def state(row: Any, field: str) -> SafeString:
    return look.state_badge(row, field)


@register.simple_tag
def badge(text: object, tone: str = "") -> SafeString:
    return look.badge(text, tone)


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
