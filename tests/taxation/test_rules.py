"""Which rate applies, decided without a database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.models import TaxRate
from billing.taxation.rules import BuyerFacts, Rule, SellerFacts, choose, decide, effective

GERMAN = SellerFacts(country="DE", number="DE136695976")
FRENCH = "FR40303265045"
DAY = date(2026, 4, 1)


def rate(percent: str, **values: Any) -> TaxRate:
    given = {"name": "VAT", "country": "DE", "valid_from": date(2020, 1, 1)} | values
    return TaxRate(rate=Decimal(percent), **given)


def buyer(country: str = "FR", **values: Any) -> BuyerFacts:
    return BuyerFacts(country=country, **values)


def chosen(rates: list[TaxRate], facts: BuyerFacts, **values: Any) -> list[str]:
    seller = values.pop("seller", GERMAN)
    given: dict[str, Any] = {"tax_class": "", "on": DAY, "business": facts.business} | values
    return [str(row.rate) for row in choose(rates, decide(seller, facts), **given)]


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        (buyer("DE"), Rule.DOMESTIC),
        (buyer("DE", number="DE1", proven=True), Rule.DOMESTIC),
        (buyer(number=FRENCH, proven=True), Rule.REVERSE_CHARGE),
        (buyer(number=FRENCH), Rule.DESTINATION),
        (buyer(), Rule.DESTINATION),
        (buyer("US"), Rule.OUTSIDE_EU),
        (buyer("DE", exempt=True), Rule.EXEMPT),
    ],
)
def test_a_seller_in_the_eu_follows_its_rules(facts, rule) -> None:
    assert decide(GERMAN, facts).rule == rule


def test_only_a_number_that_nobody_refuted_is_asked_for_again() -> None:
    assert decide(GERMAN, buyer(number=FRENCH)).recheck == FRENCH
    assert decide(GERMAN, buyer(number=FRENCH, refuted=True)).recheck == ""
    assert decide(GERMAN, buyer()).recheck == ""


def test_a_seller_elsewhere_charges_what_is_on_file_for_the_place() -> None:
    american = SellerFacts(country="US")
    rates = [rate("6.25", country="US", region="Texas"), rate("0", country="US")]

    assert chosen(rates, buyer("US", region="texas "), seller=american) == ["6.25"]
    assert chosen(rates, buyer("US", region="Ohio"), seller=american) == ["0"]
    assert chosen(rates, buyer("CA"), seller=american) == []


def test_below_the_threshold_consumers_elsewhere_pay_the_sellers_rate() -> None:
    small = SellerFacts(country="DE", destination=False)
    rates = [rate("19"), rate("20", country="FR")]

    assert chosen(rates, buyer(), seller=small) == ["19"]
    assert chosen(rates, buyer()) == ["20"]


def test_without_a_rate_of_the_destination_the_sellers_own_is_better_than_none() -> None:
    assert chosen([rate("19")], buyer()) == ["19"]


def test_outside_the_eu_only_a_registration_in_that_country_is_charged() -> None:
    assert chosen([rate("19", country="")], buyer("GB")) == []
    assert chosen([rate("20", country="GB")], buyer("GB")) == ["20"]


@pytest.mark.parametrize(
    ("day", "percent"),
    [(date(2023, 12, 31), "7.7"), (date(2024, 1, 1), "8.1"), (date(2026, 4, 1), "8.1")],
)
def test_the_rate_is_that_of_the_tax_point(day, percent) -> None:
    rates = [
        rate("7.7", valid_from=date(2018, 1, 1), valid_to=date(2023, 12, 31)),
        rate("8.1", valid_from=date(2024, 1, 1)),
    ]
    assert chosen(rates, buyer("DE"), on=day) == [percent]


def test_a_products_class_and_a_customers_kind_have_rates_of_their_own() -> None:
    rates = [rate("19"), rate("7", tax_class="reduced"), rate("17", customer_kind="consumer")]

    assert chosen(rates, buyer("DE")) == ["19"]
    assert chosen(rates, buyer("DE"), tax_class="reduced") == ["7"]
    assert chosen(rates, buyer("DE", business=False)) == ["17"]


def test_two_levels_are_found_side_by_side() -> None:
    canadian = SellerFacts(country="CA")
    rates = [
        rate("5", country="CA", name="GST"),
        rate("9.975", country="CA", region="Quebec", name="QST", level=2, compound=True),
    ]

    assert chosen(rates, buyer("CA", region="Quebec"), seller=canadian) == ["5", "9.975"]
    assert chosen(rates, buyer("CA", region="Alberta"), seller=canadian) == ["5"]
    assert effective(rates) == Decimal("15.4738")
