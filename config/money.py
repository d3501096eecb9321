"""Money is a Decimal beside an ISO 4217 code; amounts round half-up to the code's exponent."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from config import language

DEFAULT_EXPONENT = 2
SIGNS = {"EUR": "€"}

EXPONENTS = {
    code: digits
    for digits, codes in (
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
    )
    for code in codes.split()
}

# Recently withdrawn codes stay, because issued documents in them must still print.
CURRENCY_CODES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP
    PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS
    TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(CURRENCY_CODES.split()).union(EXPONENTS)


class UnknownCurrency(ValueError):
    def __init__(self, code: str) -> None:
        super().__init__(f"{code!r} is not an ISO 4217 currency code (three capital letters)")


def validate_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise UnknownCurrency(code)
    return code


def exponent(currency: str) -> int:
    """Number of decimals of an amount: 2 for EUR, 0 for JPY, 3 for KWD."""
    return EXPONENTS.get(validate_currency(currency), DEFAULT_EXPONENT)


def exact(amount: Decimal | int) -> Decimal:
    """The amount as a finite Decimal; TypeError for a float, because its error is already in it."""
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int):
        raise TypeError(f"money is a Decimal, never {type(amount).__name__}: {amount!r}")
    value = Decimal(amount)
    if not value.is_finite():
        raise ValueError(f"money is a finite number, not {amount}")
    return value


def quantize(amount: Decimal | int, currency: str) -> Decimal:
    """Half-up (away from zero) to the currency's exponent; never returns a negative zero."""
    step = Decimal(1).scaleb(-exponent(currency))
    return exact(amount).quantize(step, rounding=ROUND_HALF_UP) + 0


def format_money(amount: Decimal | int, currency: str) -> str:
    """`1,234.50 EUR`, or as the language in force writes it: `1.234,50 €`."""
    return f"{language.grouped(quantize(amount, currency))}{_unit(currency)}"


def format_unit_price(price: Decimal | int, currency: str) -> str:
    """Like `format_money`, but keeps the further decimals a unit price may have: `0.335 EUR`."""
    value = exact(price)
    decimals = f"{value:f}".partition(".")[2]
    places = max(exponent(currency), len(decimals.rstrip("0")))
    return f"{language.grouped(value, places)}{_unit(currency)}"


def _unit(currency: str) -> str:
    """Only the euro's sign means one currency wherever it is read."""
    if language.current() == language.ENGLISH:
        return f" {currency}"
    return f"\u00a0{SIGNS.get(currency, currency)}"
