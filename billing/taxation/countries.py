"""Which countries share the EU's rules of VAT, and how their numbers begin."""

from __future__ import annotations

_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EU = frozenset(_MEMBERS.split())
# Where the prefix of a VAT number is not the country's ISO code.
PREFIXES = {"GR": "EL"}


def prefix_of(country: str) -> str:
    return PREFIXES.get(country, country)
