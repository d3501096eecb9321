"""How numbers and days are written in the language of whoever reads. Texts are gettext's."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils.translation import get_language, gettext, override

ENGLISH = "en"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# From English marks to those of the language, in one pass.
MARKS = {
    "de": str.maketrans({",": ".", ".": ","}),
    "fr": str.maketrans({",": "\u00a0", ".": ","}),
}
DAYS = {"de": "%d.%m.%Y", "fr": "%d/%m/%Y"}
SHORT_DAYS = {"de": "%d.%m.", "fr": "%d/%m"}


def current() -> str:
    """The language that is in force, without its country: `de` for Swiss German."""
    return (get_language() or ENGLISH).partition("-")[0]


def known(code: str) -> str:
    """One of the panel's languages: the code itself, or else that of the installation."""
    return code if code in dict(settings.LANGUAGES) else str(settings.LANGUAGE_CODE)


def speaking(code: str) -> AbstractContextManager[object]:
    """Texts made inside are in that language, or in the installation's when it is not offered."""
    wanted = known(code)
    return nullcontext() if wanted == get_language() else override(wanted)


def told(text: str) -> str:
    """A text that was declared in English, such as a label of a module, for whoever reads."""
    return gettext(text) if text else ""


def in_line(text: str) -> str:
    """In the middle of a sentence; German writes its nouns with a capital there too."""
    return text if current() == "de" else text.lower()


def grouped(value: Decimal | int, places: int | None = None) -> str:
    """`1,234.50`, `1.234,50` or `1 234,50`; with the decimals it has unless told how many."""
    plain = "" if isinstance(value, int) else "f"
    text = f"{value:,{plain}}" if places is None else f"{value:,.{places}f}"
    marks = MARKS.get(current())
    return text.translate(marks) if marks else text


def day(on: date) -> str:
    """`12 Mar 2026`, `12.03.2026`. Never by the machine's locale."""
    form = DAYS.get(current())
    return on.strftime(form) if form else f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def short_day(on: date) -> str:
    """`03-Mar`, `03.03.`."""
    form = SHORT_DAYS.get(current())
    return on.strftime(form) if form else f"{on.day:02}-{MONTHS[on.month - 1]}"
