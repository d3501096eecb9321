from __future__ import annotations

from django import template

from config.countries import name_of

register = template.Library()


@register.filter
def country_name(code: str) -> str:
    """As it reads on an envelope: "Germany" for "DE"."""
    return name_of(code)
