"""Usage at a price for each unit: the published example, boundaries, months and evidence."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rating import (
    LineKind,
    MonthOfUse,
    NoticeCode,
    Observed,
    Rating,
    Reading,
    explain,
    rate,
)
from config.periods import CYCLES, Period
from provisioning.contract.metering import (
    Aggregation,
    MeteringTerms,
    Metric,
    PerUnitTerms,
    Unit,
)
from tests.rating.build import DISK, GB, MARCH, WINDOW, agreement, march
from tests.rating.naive import recompute

USERS = Metric("users", "Active users", Unit.COUNT, Aggregation.HIGHEST)
PER_GB = PerUnitTerms(DISK, 10, Decimal("0.50"))
PER_USER = PerUnitTerms(USERS, 0, Decimal("1.20"))


def month(
    value: int | None, metric: Metric = DISK, period: Period = MARCH, *, stale: bool = False
) -> MonthOfUse:
    reading = None if value is None else Reading(value, march(14), "sync", stale=stale)
    return MonthOfUse(metric=metric.code, period=period, reading=reading)


def rated(
    *months: MonthOfUse, units: tuple[PerUnitTerms, ...] = (PER_GB,), **agreed: Any
) -> Rating:
    terms = MeteringTerms(units=units)
    return rate(agreement(terms=terms, **agreed), Observed(window=WINDOW, months=months))


def gb(amount: str) -> int:
    return int(Decimal(amount) * GB)


def test_the_published_example_of_13_2_gb_with_10_included_costs_1_60() -> None:
    base, used = rated(month(gb("13.2"))).lines
    assert str(base.amount) == "6.00"
    assert (used.quantity, used.unit_price) == (Decimal("3.20"), Decimal("0.50"))
    assert str(used.amount) == "1.60"
    assert used.kind is LineKind.USAGE
    assert used.description == "Email hosting, disk usage (13.20 GB used, 10 GB included)"


@pytest.mark.parametrize(
    ("used", "billed"), [("0", None), ("10", None), ("10.004", None), ("10.006", "0.01")]
)
def test_what_is_included_costs_nothing_up_to_the_printed_hundredth(
    used: str, billed: str | None
) -> None:
    lines = [line for line in rated(month(gb(used))).lines if line.kind is LineKind.USAGE]
    assert [str(line.quantity) for line in lines] == ([billed] if billed else [])


def test_a_peak_is_printed_with_its_day() -> None:
    (line,) = rated(month(12, USERS), units=(PER_USER,)).lines[1:]
    assert line.description == "Email hosting, active users (12 used at the peak on 14 Mar 2026)"
    assert str(line.amount) == "14.40"


def test_a_metric_without_a_price_makes_no_line_and_no_notice() -> None:
    free = replace(PER_USER, price=Decimal(0))
    rating = rated(month(None, USERS), month(12, USERS), units=(free,))
    assert [line.kind for line in rating.lines] == [LineKind.BASE]
    assert rating.notices == ()


def test_a_month_never_measured_is_not_billed_and_staff_are_told() -> None:
    rating = rated(month(None))
    assert [line.kind for line in rating.lines] == [LineKind.BASE]
    assert [notice.code for notice in rating.notices] == [NoticeCode.NEVER_MEASURED]
    assert "disk" in rating.notices[0].text.lower()


def test_old_usage_is_billed_with_its_date_and_a_notice() -> None:
    rating = rated(month(gb("13.2"), stale=True))
    assert "13.20 GB used, as measured on 14 Mar 2026, 10 GB" in rating.lines[1].description
    assert [notice.code for notice in rating.notices] == [NoticeCode.STALE_USAGE]


def test_on_a_first_invoice_nothing_has_been_used_yet() -> None:
    agreed = agreement(terms=MeteringTerms(units=(PER_GB,)))
    rating = rate(agreed, Observed(months=(month(gb("13.2")),)))
    assert [line.kind for line in rating.lines] == [LineKind.BASE]


def test_a_long_cycle_pays_for_each_month_what_was_used_in_it() -> None:
    spring = [Period(date(2026, n, 1), date(2026, n + 1, 1)) for n in (3, 4, 5)]
    used = [month(value, USERS, each) for value, each in zip((12, 20, 3), spring, strict=True)]
    rating = rated(*reversed(used), units=(PER_USER,), cycle=CYCLES["quarterly"])
    lines = rating.lines[1:]
    assert [(line.period, int(line.quantity)) for line in lines] == list(
        zip(spring, (12, 20, 3), strict=True)
    )
    assert len({line.key for line in lines}) == 3


def test_units_are_priced_beside_one_another_in_the_declared_order() -> None:
    rating = rated(month(gb("13.2")), month(12, USERS), units=(PER_USER, PER_GB))
    assert [line.key for line in rating.lines] == [
        "base",
        "usage:users:2026-03-01",
        "usage:disk:2026-03-01",
    ]
    assert str(rating.total) == "22.00"


def test_the_line_is_explained_in_sentences() -> None:
    line = rated(month(gb("13.2"))).lines[1]
    assert dict(explain(json.loads(json.dumps(line.evidence)))) == {
        "Disk usage": (
            "13.20 GB (14,173,392,076 bytes; 1 GB is 1,073,741,824 bytes, rounded to two decimals)"
        ),
        "Counted": "the last value measured in the month",
        "Measured": "14 Mar 2026 00:00:00 UTC, sync",
        "Included": "10 GB",
        "Price of one": "0.50 EUR per GB and month",
        "Calculation": "3.20 × 0.50 EUR = 1.60 EUR",
        "Period": "1 Mar 2026 to 31 Mar 2026",
    }
    stale = rated(month(12, USERS, stale=True), units=(PER_USER,)).lines[1]
    told = dict(explain(stale.evidence))
    assert told["Price of one"] == "1.20 EUR per unit and month"
    assert told["Active users"] == "12"
    assert "no newer measurement" in told["Note"]


@given(
    st.integers(0, 5_000 * GB),
    st.integers(0, 100),
    st.decimals(min_value=0, max_value=100, places=4),
    st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_every_line_is_recomputed_from_its_evidence_by_the_naive_evaluator(
    used: int, included: int, price: Decimal, currency: str
) -> None:
    units = (PerUnitTerms(DISK, included, price), PerUnitTerms(USERS, included, price))
    rating = rated(month(used), month(used % 500, USERS), units=units, currency=currency)
    for line in rating.lines:
        assert recompute(json.loads(json.dumps(line.evidence))) == line.amount


@given(st.integers(0, 50 * GB), st.integers(0, 50 * GB))
def test_more_usage_never_costs_less(first: int, second: int) -> None:
    less, more = sorted((first, second))
    assert rated(month(less)).total <= rated(month(more)).total


def test_terms_that_cannot_be_billed_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="0 units or more"):
        PerUnitTerms(USERS, -1, Decimal(1))
    with pytest.raises(ValueError, match="0 or more"):
        PerUnitTerms(USERS, 0, Decimal(-1))
    with pytest.raises(ValueError, match="priced once"):
        MeteringTerms(units=(PER_USER, PER_USER))
