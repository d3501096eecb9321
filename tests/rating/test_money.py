from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from config.money import (
    CURRENCIES,
    UnknownCurrency,
    exponent,
    format_money,
    format_unit_price,
    quantize,
    validate_currency,
)


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("2.345", "EUR", "2.35"),
        ("2.3449999", "EUR", "2.34"),
        ("-2.345", "EUR", "-2.35"),
        ("0.5", "JPY", "1"),
        ("666.666", "JPY", "667"),
        ("0.6666", "KWD", "0.667"),
        ("-0.001", "EUR", "0.00"),
        ("7", "USD", "7.00"),
    ],
)
def test_an_amount_rounds_half_up_to_the_decimals_of_its_currency(
    amount: str, currency: str, rounded: str
) -> None:
    assert str(quantize(Decimal(amount), currency)) == rounded


def test_a_whole_number_is_an_exact_amount() -> None:
    assert str(quantize(5, "EUR")) == "5.00"


@pytest.mark.parametrize("amount", [1.0, True, "1.00", None])
def test_what_is_not_a_decimal_is_never_money(amount: Any) -> None:
    for function in (quantize, format_money, format_unit_price):
        with pytest.raises(TypeError, match="never"):
            function(amount, "EUR")


@pytest.mark.parametrize("amount", ["NaN", "Infinity"])
def test_money_is_finite(amount: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        quantize(Decimal(amount), "EUR")


@pytest.mark.parametrize("code", ["", "eur", "EURO", "XYZ", "€"])
def test_a_code_that_is_not_iso_is_refused_by_name(code: str) -> None:
    with pytest.raises(UnknownCurrency, match="ISO 4217"):
        validate_currency(code)
    with pytest.raises(UnknownCurrency):
        quantize(Decimal(1), code)


def test_every_known_code_has_three_capitals_and_between_zero_and_three_decimals() -> None:
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)
    assert {exponent(code) for code in CURRENCIES} == {0, 2, 3}
    assert len(CURRENCIES) > 150


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234567.5", "EUR", "1,234,567.50 EUR"),
        ("-12.345", "USD", "-12.35 USD"),
        ("1999.5", "JPY", "2,000 JPY"),
        ("0.1", "KWD", "0.100 KWD"),
    ],
)
def test_an_amount_prints_with_its_currency_and_the_right_decimals(
    amount: str, currency: str, text: str
) -> None:
    assert format_money(Decimal(amount), currency) == text


@pytest.mark.parametrize(
    ("price", "currency", "text"),
    [
        ("6", "EUR", "6.00 EUR"),
        ("6.0000", "EUR", "6.00 EUR"),
        ("0.3350", "EUR", "0.335 EUR"),
        ("1200.0001", "EUR", "1,200.0001 EUR"),
        ("0.5", "JPY", "0.5 JPY"),
        ("1E+2", "JPY", "100 JPY"),
    ],
)
def test_a_unit_price_prints_every_decimal_that_matters(
    price: str, currency: str, text: str
) -> None:
    assert format_unit_price(Decimal(price), currency) == text
