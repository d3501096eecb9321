"""What a product costs at least for a cycle, whatever it is made of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from billing import late
from billing.models import Adjustment, Invoice
from billing.rating import explain
from billing.run import run
from tests.billing import build
from tests.rating.naive import recompute

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
MINIMUMS = {"monthly": {"EUR": "15.00"}}
pytestmark = pytest.mark.usefixtures("seller")


def amounts() -> list[str]:
    lines = Invoice.objects.latest("pk").lines.order_by("position")
    for line in lines:
        assert recompute(line.evidence) == line.amount
        assert explain(line.evidence)
    return [f"{line.amount:.2f}" for line in lines]


def billed(sold: Any, gb: str = "0", **values: Any) -> list[str]:
    owner = build.service(sold, anchor=JUNE, **values)
    if sold.module:
        build.reading(owner, gb, at=datetime(2026, 6, 9, 12, tzinfo=UTC))
    with time_machine.travel(datetime(2026, 7, 1, 12, tzinfo=UTC), tick=False):
        run(JULY)
    return amounts()


def test_what_is_missing_to_the_minimum_is_a_line_of_its_own() -> None:
    assert billed(build.metered(minimums=MINIMUMS), "15") == ["12.00", "3.00"]


@pytest.mark.parametrize(("gb", "lines"), [("25", ["18.00"]), ("0", ["6.00", "9.00"])])
def test_it_depends_on_what_was_used(gb: str, lines: list[str]) -> None:
    assert billed(build.metered(minimums=MINIMUMS), gb) == lines


def test_a_service_that_was_there_for_ten_days_owes_a_third_of_it() -> None:
    sold = build.metered(price="0", minimums=MINIMUMS)
    gone = datetime(2026, 6, 11, tzinfo=UTC)
    lines = billed(sold, desired="terminated", terminated_at=gone)
    assert lines == ["0.00", "5.00"]


def test_a_product_without_a_platform_has_it_too() -> None:
    assert billed(build.product(price="12.00", minimums=MINIMUMS)) == ["12.00", "3.00"]


@pytest.mark.parametrize("minimums", [{}, {"annually": {"EUR": "15"}}, {"monthly": {"USD": "15"}}])
def test_it_is_of_one_cycle_and_currency(minimums: Any) -> None:
    assert billed(build.product(price="12.00", minimums=minimums)) == ["12.00"]


def test_a_month_of_a_year_owes_its_days_of_the_minimum() -> None:
    """365.00 a year and at least 730.00: a June is 30.00 of 60.00."""
    sold = build.product(
        price="365.00", cycle="annually", usage_monthly=True,
        minimums={"annually": {"EUR": "730.00"}},
    )  # fmt: skip
    assert billed(sold, cycle="annually", next_due=JULY) == ["30.00"]


def test_what_is_measured_late_takes_the_place_of_what_was_missing() -> None:
    per_mailbox = {
        "metric": "mailboxes", "aggregation": "last", "model": "per_unit", "timing": "arrears",
        "price": {"EUR": "1.00"},
    }  # fmt: skip
    owner = build.service(
        build.metered(price="0", metering=[per_mailbox], minimums=MINIMUMS), anchor=JUNE
    )
    for value, hour in ((12, 10), (14, 20)):
        with time_machine.travel(datetime(2026, 7, 1, 12, tzinfo=UTC), tick=False):
            at = datetime(2026, 6, 30, hour, tzinfo=UTC)
            build.reading(owner, "0", at=at, metric="mailboxes", value=value)
            run(JULY)
            late.adjust(JULY)
    assert amounts()[-2:] == ["12.00", "3.00"]
    waiting = Adjustment.objects.order_by("pk")
    assert [each.amount for each in waiting] == [Decimal(2), Decimal(-2)]
    assert all(explain(each.evidence) for each in waiting)


def test_in_advance_it_is_asked_for_when_the_month_is_over() -> None:
    sold = build.product(price="12.00", timing="advance", minimums=MINIMUMS)
    assert billed(sold, next_due=JULY) == ["12.00", "3.00"]
    assert Invoice.objects.get().lines.last().period_start == JUNE
    assert Invoice.objects.get().net == Decimal(15)
