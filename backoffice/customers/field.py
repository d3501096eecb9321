"""Naming a customer by what one knows of them. A list of thousands is no list to choose from."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import Customer
from backoffice.matching import matching

NUMBER = re.compile(r"(?:.*#)?\s*(\d+)\s*")
LOOKUPS = ("company__icontains", "name__icontains", "email__icontains")
SUGGESTED, NAMED = 50, 5


def told(customer: Customer) -> str:
    """With its number, so that it means one customer however many have the name."""
    return f"{customer} · {customer.email} #{customer.pk}"


class Suggesting(forms.TextInput):
    """A text input that suggests the newest customers; anything else can be typed."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        listed = f"{name}-suggestions"
        typed = super().render(name, value, {**(attrs or {}), "list": listed}, renderer)
        newest = ((told(each),) for each in Customer.objects.order_by("-pk")[:SUGGESTED])
        options = format_html_join("", '<option value="{}"></option>', newest)
        return format_html('{}<datalist id="{}">{}</datalist>', typed, listed, options)


class CustomerField(forms.CharField):
    """Cleans to a customer, to None where nothing was typed and nothing needs to be."""

    widget = Suggesting(attrs={"autocomplete": "off", "placeholder": "Name, company or e-mail"})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Customer):
            return told(value)
        found = _by_number(str(value or ""))
        return told(found) if found else value

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        return self._named(typed) if typed else None

    def _named(self, typed: str) -> Customer:
        numbered = _by_number(typed)
        if numbered:
            return numbered
        named = matching(Customer.objects.order_by("company", "name", "pk"), LOOKUPS, typed)
        found = list(named[: NAMED + 1])
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError("No customer has this name, company or e-mail address.")
        names = ", ".join(f"{each} #{each.pk}" for each in found[:NAMED])
        more = " and others" if len(found) > NAMED else ""
        raise ValidationError(f"This means several: {names}{more}. Type the number of one.")


def _by_number(typed: str) -> Customer | None:
    match = NUMBER.fullmatch(typed)
    return Customer.objects.filter(pk=int(match[1])).first() if match else None
