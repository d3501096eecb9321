"""Bytes as people read them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from config import language

UNITS = (_("B"), _("KB"), _("MB"), _("GB"), _("TB"), _("PB"))
STEP = 1024


def size(value: int | Decimal | None) -> str:
    """`1.50 GB`, in the language in force. A dash for what is not known."""
    if value is None:
        return "–"
    amount, unit = Decimal(value), 0
    while amount >= STEP and unit < len(UNITS) - 1:
        amount, unit = amount / STEP, unit + 1
    places = 2 if unit > UNITS.index("MB") else 0
    rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{language.grouped(rounded, places)} {gettext(UNITS[unit])}"


def in_gb(number: str) -> str:
    """A number that is printed already, with the unit behind it."""
    return f"{number} {gettext('GB')}"
