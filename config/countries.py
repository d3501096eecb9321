"""Countries: ISO 3166 codes of two letters, named in the language of the reader."""

from __future__ import annotations

from django import forms
from django_countries import countries

Choices = list[tuple[str, str]]


def choices() -> Choices:
    """(code, name), in the order of their names."""
    return [(each.code, each.name) for each in countries]


def name_of(code: str) -> str:
    """The code itself where no country has it."""
    return str(countries.name(code)) or code


class CountryField(forms.ChoiceField):
    """`empty` is what the choice of no country reads."""

    def __init__(self, *, empty: object = "–", **kwargs: object) -> None:
        super().__init__(choices=lambda: [("", str(empty)), *choices()], **kwargs)  # type: ignore[arg-type]
