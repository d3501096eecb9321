"""What use costs, as customers read it before they order."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from billing.charges.price_list import UsedPrice, by_use
from provisioning.contract.metering import (
    CombinedPrice,
    FeatureTerms,
    MeteringTerms,
    Metric,
    PerUnitTerms,
    SeatFeature,
    TrancheTerms,
    Unit,
)
from provisioning.contract.meters import Band, FixedRule, MeterTerms, PriceModel

DISK = Metric("disk", "Disk space", Unit.BYTES)
USERS = Metric("users", "Active users", Unit.COUNT)
EAS = SeatFeature("eas", "ActiveSync", Decimal("2.00"))
FREE = SeatFeature("mapi", "MAPI", Decimal(0))


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def told(terms: MeteringTerms) -> list[UsedPrice]:
    return by_use(terms, "EUR")


def meter(metric: Metric, model: PriceModel, **values: object) -> MeteringTerms:
    return MeteringTerms(meters=(MeterTerms(metric=metric, model=model, **values),))


def test_tranches_of_the_base_price_are_no_price_of_use_besides():
    assert told(MeteringTerms(tranche=TrancheTerms(DISK, 10))) == []


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({}, "2.00 EUR per mailbox per month"),
        ({"months_multiply": False}, "2.00 EUR per mailbox per invoice"),
        ({"seat_days": True}, "2.00 EUR per mailbox per month, by days of use"),
    ],
)
def test_what_is_switched_on_costs_by_mailbox_and_what_is_free_is_not_named(choice, words):
    terms = FeatureTerms((EAS, FREE), combined=CombinedPrice("Both", Decimal("3.00")), **choice)
    found = told(MeteringTerms(features=terms))
    assert found == [
        UsedPrice("ActiveSync", (words,)),
        UsedPrice("Both", (words.replace("2.00", "3.00"),)),
    ]


def test_units_say_what_is_included():
    terms = MeteringTerms(
        units=(PerUnitTerms(USERS, 5, Decimal("1.50")), PerUnitTerms(DISK, 0, Decimal("0.035")))
    )
    assert told(terms) == [
        UsedPrice("Active users", ("1.50 EUR each per month", "5 included")),
        UsedPrice("Disk space", ("0.035 EUR per GB per month",)),
    ]


@pytest.mark.parametrize(
    ("model", "last"),
    [
        (PriceModel.GRADUATED, "above that: 0.50 EUR each per month"),
        (PriceModel.VOLUME, "above that, for all of it: 0.50 EUR each per month"),
    ],
)
def test_bands_say_where_they_end_and_whether_the_last_price_holds_for_everything(model, last):
    bands = (Band(Decimal(10), Decimal("1.00")), Band(None, Decimal("0.50")))
    found = told(meter(USERS, model, bands=bands))
    assert found[0].prices == ("up to 10: 1.00 EUR each per month", last)


def test_a_rule_names_its_tranche_its_fixed_amount_and_its_minimum():
    terms = meter(
        DISK,
        PriceModel.TRANCHE,
        price=Decimal("6.00"),
        size=10,
        included=Decimal("2.5"),
        fixed=Decimal("4.00"),
        fixed_rule=FixedRule.PLUS,
        minimum=Decimal("12.00"),
    )
    assert told(terms)[0].prices == (
        "6.00 EUR per started 10 GB per month",
        "2.5 GB included",
        "4.00 EUR a month besides",
        "at least 12.00 EUR a month",
    )
