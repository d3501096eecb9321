"""The tax number on a form with a country: a mistyped one would cost its owner the VAT."""

from __future__ import annotations

from django import forms

from billing.documents.sellers import seller
from billing.taxation import vat_numbers


def refuse_mistyped(form: forms.Form) -> None:
    """At the seller's home the field may hold a tax number of another kind."""
    number = form.cleaned_data.get("tax_number", "")
    country = form.cleaned_data.get("country", "")
    if country == seller().country.upper() and not number[:2].isalpha():
        return
    text = vat_numbers.problem(number, country)
    if text:
        form.add_error("tax_number", text)
