"""Stripe counts in whole units of its own: mostly a currency's smallest one, with exceptions."""

from __future__ import annotations

from decimal import Decimal

from billing.gateways.errors import GatewayRefused
from config.money import exponent, quantize

# Vendor documentation: currencies, zero-decimal and special cases.
WHOLE = frozenset(
    {
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
        "XOF", "XPF",
    }
)  # fmt: skip
WRITTEN_WITH_TWO = frozenset({"ISK", "UGX"})
TENS = 3  # of three decimals, the last has to be 0


def _places(currency: str) -> int:
    if currency in WHOLE:
        return 0
    return 2 if currency in WRITTEN_WITH_TWO else exponent(currency)


def to_units(amount: Decimal, currency: str) -> int:
    """GatewayRefused for an amount that Stripe cannot take in this currency."""
    places = _places(currency)
    units = amount.scaleb(places)
    if units != units.to_integral_value() or (places == TENS and units % 10):
        raise GatewayRefused(f"Stripe cannot take {amount} {currency}: it has too many decimals.")
    return int(units)


def from_units(units: int, currency: str) -> Decimal:
    return quantize(Decimal(units).scaleb(-_places(currency)), currency)
