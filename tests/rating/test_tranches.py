from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from billing.rating import NoticeCode, Observed, Reading, rate
from tests.rating.build import GB, agreement, march, observed, printed, terms

# The smallest excess that half-up rounding prints as a further 0.01 GB: 0.005 GB, rounded up.
PRINTED_EXCESS = 5_368_710


@pytest.mark.parametrize(
    ("used_bytes", "used", "tranches"),
    [
        (0, "0.00", 1),
        (1, "0.00", 1),
        (10 * GB, "10.00", 1),
        (10 * GB + 1, "10.00", 1),
        (10 * GB + PRINTED_EXCESS - 1, "10.00", 1),
        (10 * GB + PRINTED_EXCESS, "10.01", 2),
        (20 * GB - PRINTED_EXCESS, "19.99", 2),
        (20 * GB, "20.00", 2),
        (20 * GB + PRINTED_EXCESS, "20.01", 3),
        (1000 * GB + PRINTED_EXCESS - 1, "1,000.00", 100),
    ],
)
def test_what_is_printed_is_what_is_counted(used_bytes: int, used: str, tranches: int) -> None:
    (line,) = rate(agreement(), observed(used_bytes)).lines
    assert line.quantity == tranches
    assert line.description == f"Email hosting ({used} GB used of {tranches * 10:,} GB billed)"


@pytest.mark.parametrize(("minimum", "tranches"), [(0, 0), (1, 1), (3, 3)])
def test_unused_space_is_billed_at_the_minimum(minimum: int, tranches: int) -> None:
    (line,) = rate(agreement(terms=terms(minimum=minimum)), observed(0)).lines
    assert line.quantity == tranches
    assert line.amount == Decimal("6.00") * tranches


def test_a_service_never_measured_is_billed_the_minimum_and_staff_are_told() -> None:
    rating = rate(agreement(), observed(None))
    assert printed(rating) == [
        ("Email hosting (usage not measured yet, 10 GB billed)", "6.00"),
    ]
    assert rating.lines[0].evidence["gb_used"] is None
    assert [notice.code for notice in rating.notices] == [NoticeCode.NEVER_MEASURED]


def test_on_a_first_invoice_nothing_measured_is_nothing_to_report() -> None:
    rating = rate(agreement(), Observed())
    assert str(rating.total) == "6.00"
    assert rating.notices == ()


def test_the_day_of_a_stale_reading_is_printed_in_the_zone_of_the_seller() -> None:
    reading = Reading(GB, march(12, 23), "usage", stale=True)
    seen = observed(reading=reading)
    (line,) = rate(agreement(zone=ZoneInfo("Asia/Tokyo")), seen).lines
    assert "as measured on 13 Mar 2026" in line.description


def test_amounts_follow_the_currency() -> None:
    (line,) = rate(agreement(currency="JPY", price=Decimal("99.5")), observed(21 * GB)).lines
    assert str(line.amount) == "299"


def test_a_reading_is_neither_negative_nor_without_a_zone() -> None:
    with pytest.raises(ValueError, match="never negative"):
        Reading(-1, march(1), "usage")
    with pytest.raises(ValueError, match="carries its zone"):
        Reading(1, datetime(2026, 3, 1, tzinfo=UTC).replace(tzinfo=None), "usage")
