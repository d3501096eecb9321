"""Aggregation, price model and timing of a metric: every published number, and all combinations."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rating import LineKind, MonthOfUse, Observed, Rating, Reading, explain, rate
from billing.rating.meters import aggregate, price
from config.periods import Period, Window
from provisioning.contract import meters
from provisioning.contract.metering import Aggregation, MeteringTerms, Metric, Unit
from provisioning.contract.meters import Band, FixedRule, MeterTerms, PriceModel, Timing
from tests.rating.build import DISK, GB, MARCH, WINDOW, agreement, features, march, on
from tests.rating.naive import recompute

COUNT = Metric("units", "Units", Unit.COUNT)
JUNE = Period(date(2026, 6, 1), date(2026, 7, 1))
BANDS = (
    Band(Decimal(10), Decimal(0)),
    Band(Decimal(50), Decimal("0.10")),
    Band(None, Decimal("0.20")),
)
TEN_GB = MeterTerms(metric=DISK, model=PriceModel.TRANCHE, price=Decimal("6.00"), size=10)


def gb(amount: str) -> int:
    return int(Decimal(amount) * GB)


def terms(model: str, **values: Any) -> MeterTerms:
    return MeterTerms(metric=COUNT, model=PriceModel(model), **values)


def month(metric: Metric, *values: int, period: Period = MARCH) -> MonthOfUse:
    """One reading a day, the last of which is also the month's."""
    days = tuple((period.start + timedelta(days=at), value) for at, value in enumerate(values))
    return MonthOfUse(
        metric=metric.code,
        period=period,
        reading=Reading(values[-1], march(31), "sync"),
        days=days,
    )


def rated(own: MeterTerms, used: MonthOfUse, window: Window | None = WINDOW) -> Rating:
    agreed = agreement(terms=MeteringTerms(meters=(own,)), price=Decimal(0))
    return rate(agreed, Observed(window=window, months=(used,)))


def usage(found: Rating) -> list[str]:
    return [str(line.amount) for line in found.lines if line.kind is LineKind.USAGE]


@pytest.mark.parametrize(
    ("aggregation", "billed", "tranches", "amount"),
    [
        ("last", "31.00", 4, "24.00"),
        ("highest", "31.00", 4, "24.00"),
        ("average", "10.22", 2, "12.00"),
        ("p95", "9.50", 1, "6.00"),
    ],
)
def test_thirty_days_of_which_one_is_a_peak(
    aggregation: str, billed: str, tranches: int, amount: str
) -> None:
    metric = replace(DISK, aggregation=Aggregation(aggregation))
    days = [gb("9.5")] * 29 + [gb("31")]
    found = rated(replace(TEN_GB, metric=metric), month(metric, *days, period=JUNE))
    (line,) = [each for each in found.lines if each.kind is LineKind.USAGE]
    assert (line.evidence["used"], int(line.quantity), str(line.amount)) == (
        billed, tranches, amount,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("own", "used", "amount"),
    [
        (terms("per_unit", included=Decimal(10), price=Decimal("0.50")), "13.2", "1.600"),
        (terms("tranche", size=10, price=Decimal("6.00")), "21", "18.00"),
        (terms("tranche", size=100, included=Decimal(100), price=Decimal(5)), "201", "10"),
        (terms("graduated", bands=BANDS), "130", "20.00"),
        (terms("volume", bands=BANDS), "130", "26.00"),
        (terms("graduated", bands=BANDS), "10", "0"),
        (terms("volume", bands=BANDS), "50", "5.00"),
    ],
)
def test_the_published_prices(own: MeterTerms, used: str, amount: str) -> None:
    assert price(own, Decimal(used)).amount == Decimal(amount)


@pytest.mark.parametrize(
    ("used", "minimum", "tranches"),
    [("20", 0, 2), ("20.004", 0, 2), ("20.01", 0, 3), ("0", 0, 0), ("0", 1, 1)],
)
def test_a_tranche_starts_after_the_printed_hundredth(
    used: str, minimum: int, tranches: int
) -> None:
    own = replace(TEN_GB, minimum_tranches=minimum)
    found = rated(own, month(DISK, gb(used)))
    assert usage(found) == ([f"{tranches * 6}.00"] if tranches else [])


def test_a_minimum_is_reached_by_a_line_of_its_own() -> None:
    own = terms("per_unit", price=Decimal(1), minimum=Decimal("15.00"))
    assert usage(rated(own, month(COUNT, 12))) == ["12.00", "3.00"]


def test_a_minimum_is_lower_in_a_part_of_a_month() -> None:
    own = terms("per_unit", price=Decimal(1), minimum=Decimal("15.00"))
    ten_days = Window(JUNE.window(UTC).start, JUNE.window(UTC).start + timedelta(days=10))
    assert usage(rated(own, month(COUNT, 0, period=JUNE), ten_days)) == ["5.00"]


@pytest.mark.parametrize(
    ("rule", "used", "amounts"),
    [("plus", 4, ["5.00", "4.00"]), ("at_least", 4, ["5.00"]), ("at_least", 7, ["7.00"])],
)
def test_a_fixed_amount_is_added_or_is_the_least(rule: str, used: int, amounts: list[str]) -> None:
    own = terms("per_unit", price=Decimal(1), fixed=Decimal("5.00"), fixed_rule=FixedRule(rule))
    assert usage(rated(own, month(COUNT, used))) == amounts


def test_what_is_charged_in_advance_is_on_a_first_invoice_and_what_is_not_is_not() -> None:
    own = terms("per_unit", price=Decimal(2))
    assert usage(rated(own, month(COUNT, 3), None)) == []
    assert usage(rated(replace(own, timing=Timing.ADVANCE), month(COUNT, 3), None)) == ["6.00"]


def seats(**overrides: Any) -> list[str]:
    """EAS in all of June, MAPI in its first twelve days."""
    whole = JUNE.window(UTC)
    spans = (on("a", "eas"), on("a", "mapi", whole.start, whole.start + timedelta(days=12)))
    agreed = agreement(
        terms=MeteringTerms(features=features(**overrides)), period=JUNE, price=Decimal(0)
    )
    lines = rate(agreed, Observed(window=whole, intervals=spans)).lines
    assert all(recompute(line.evidence) == line.amount for line in lines)
    return [str(line.amount) for line in lines if line.kind is LineKind.FEATURE]


def test_seats_by_threshold_and_by_days() -> None:
    assert seats(threshold_days=1) == ["4.50"]
    assert seats(threshold_days=15) == ["2.00"]
    assert seats(seat_days=True) == ["1.80", "1.20"]


@pytest.mark.parametrize(
    ("aggregation", "value"), [("average", 3), ("p95", 5), ("sum", 15), ("highest", 5), ("last", 4)]
)
def test_five_days(aggregation: str, value: int) -> None:
    assert aggregate(Aggregation(aggregation), (1, 2, 3, 5, 4)) == value


def any_terms() -> st.SearchStrategy[MeterTerms]:
    money = st.decimals(min_value=0, max_value=50, places=4)
    metrics = st.builds(
        lambda base, how: replace(base, aggregation=how),
        st.sampled_from([DISK, COUNT]),
        st.sampled_from(list(Aggregation)),
    )
    bands = st.tuples(money, money, money).map(
        lambda prices: tuple(
            Band(end, each)
            for end, each in zip((Decimal(10), Decimal(50), None), prices, strict=True)
        )
    )
    return st.builds(
        MeterTerms,
        metric=metrics,
        model=st.sampled_from(list(PriceModel)),
        price=money,
        included=st.integers(0, 20).map(Decimal),
        size=st.integers(1, 30),
        minimum_tranches=st.integers(0, 3),
        bands=bands,
        minimum=money,
        fixed=money,
        fixed_rule=st.sampled_from(list(FixedRule)),
    )


@given(any_terms(), st.lists(st.integers(0, 200), min_size=1, max_size=31))
def test_every_line_is_recomputed_from_its_evidence_by_the_naive_evaluator(
    own: MeterTerms, values: list[int]
) -> None:
    size = GB // 7 if own.metric.unit is Unit.BYTES else 1
    days = [value * size for value in values]
    used = month(own.metric, *days)
    if own.metric.aggregation is Aggregation.HIGHEST:
        used = replace(used, reading=Reading(max(days), march(31), "sync"))
    for line in rated(own, used).lines:
        evidence = json.loads(json.dumps(line.evidence))
        assert recompute(evidence) == line.amount
        assert explain(evidence)


@given(any_terms(), st.integers(0, 200), st.integers(0, 200))
def test_more_usage_never_costs_less_unless_a_band_is_cheaper(
    own: MeterTerms, first: int, second: int
) -> None:
    if own.model is PriceModel.VOLUME:
        own = replace(own, model=PriceModel.GRADUATED)
    less, more = sorted((first, second))
    assert price(own, Decimal(less)).amount <= price(own, Decimal(more)).amount


RULE = {
    "metric": "disk", "aggregation": "p95", "model": "tranche", "timing": "arrears",
    "size": 10, "price": {"EUR": "6.00"},
}  # fmt: skip


def test_rules_are_read_for_one_currency_and_what_has_no_price_is_left_out() -> None:
    (found,) = meters.read([RULE], [DISK], "EUR")
    assert (found.model, found.metric.aggregation) == (PriceModel.TRANCHE, Aggregation.P95)
    assert meters.read([RULE], [DISK], "USD") == ()
    assert meters.read([RULE], [COUNT], "EUR") == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": {"EUR": "-1"}},
        {"size": 0},
        {"model": "graduated", "bands": {"EUR": [["10", "1"]]}},
        {"model": "graduated", "bands": {"EUR": [["10", "1"], ["5", "1"], [None, "2"]]}},
        {"model": "guess"},
    ],
)
def test_rules_that_cannot_be_billed_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        meters.read([RULE | wrong], [DISK], "EUR")
