"""What a product costs at least for a cycle, whatever it is made of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from billing.models import Adjustment, Invoice
from billing.nightly import late
from billing.nightly.run import run
from billing.rating import explain
from provisioning.models import Service
from tests.billing import build
from tests.factories import CommandFactory
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


MAILBOXES = {
    "metric": "mailboxes", "aggregation": "last", "model": "per_unit", "timing": "arrears",
    "price": {"EUR": "1.00"},
}  # fmt: skip


def measured_late(*values: int, rule: dict[str, Any] | None = None, **product: Any) -> Service:
    """Mailboxes at 1.00 each: the first number is billed, the others become known later."""
    facts = {"price": "0", "minimums": MINIMUMS} | product
    owner = build.service(build.metered(metering=[rule or MAILBOXES], **facts), anchor=JUNE)
    for hour, value in enumerate(values, start=1):
        with time_machine.travel(datetime(2026, 7, 1, 12, tzinfo=UTC), tick=False):
            at = datetime(2026, 6, 30, hour, tzinfo=UTC)
            build.reading(owner, "0", at=at, metric="mailboxes", value=value)
            run(JULY)
            late.adjust(JULY)
            assert late.adjust(JULY) == 0
    return owner


def adjusted_now() -> int:
    with time_machine.travel(datetime(2026, 7, 1, 13, tzinfo=UTC), tick=False):
        return late.adjust(JULY)


def adjusted() -> list[str]:
    rows = Adjustment.objects.order_by("pk")
    assert all(explain(each.evidence) for each in rows)
    return [f"{each.amount:.2f}" for each in rows]


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ((12, 14), ["2.00", "-2.00"]),
        ((12, 15), ["3.00", "-3.00"]),
        ((12, 18), ["6.00", "-3.00"]),
        ((18, 12), ["-6.00", "3.00"]),
        ((12, 18, 14), ["6.00", "-3.00", "-4.00", "1.00"]),
        ((12, 18, 12, 18), ["6.00", "-3.00", "-6.00", "3.00", "6.00", "-3.00"]),
        ((12, 12), []),
    ],
)
def test_what_is_measured_late_takes_the_place_of_what_was_missing(values, lines) -> None:
    measured_late(*values)
    assert Invoice.objects.get().net == max(15, values[0])
    assert adjusted() == lines
    total = Invoice.objects.get().net + sum(Decimal(each) for each in lines)
    assert total == max(15, values[-1])


def test_the_minimum_of_the_metric_itself_is_given_back_too() -> None:
    measured_late(12, 18, rule=MAILBOXES | {"minimum": {"EUR": "15.00"}}, minimums={})
    assert Invoice.objects.get().net == 15
    assert adjusted() == ["6.00", "-3.00"]


def test_a_fixed_amount_gives_way_to_the_use_that_is_more(db: None) -> None:
    fixed = {"fixed": {"EUR": "15.00"}, "fixed_rule": "at_least"}
    measured_late(12, 18, rule=MAILBOXES | fixed, minimums={})
    assert Invoice.objects.get().net == 15
    assert sorted(adjusted()) == ["-15.00", "18.00"]


def test_use_that_turns_out_to_be_included_is_given_back() -> None:
    measured_late(12, 8, rule=MAILBOXES | {"included": 10}, minimums={})
    assert Invoice.objects.get().net == 2
    assert adjusted() == ["-2.00"]
    given = Adjustment.objects.get().evidence
    assert ("Mailboxes", "8") in explain(given)


def test_a_minimum_that_is_lowered_later_is_not_for_what_has_passed() -> None:
    owner = measured_late(12)
    for minimums in ({"monthly": {"EUR": "13.00"}}, {}):
        owner.product.minimums = minimums
        owner.product.save()
        assert adjusted_now() == 0
    assert Invoice.objects.get().net == 15


def test_another_plan_since_gives_back_nothing_of_the_old_one() -> None:
    owner = measured_late(12)
    other = build.metered(price="5.00")
    CommandFactory(
        service=owner, action="change_package", status="done",
        finished_at=datetime(2026, 7, 1, 13, tzinfo=UTC),
    )  # fmt: skip
    Service.objects.filter(pk=owner.pk).update(product=other)
    assert adjusted_now() == 0
    assert adjusted() == []


def test_what_is_given_back_stands_on_the_next_document() -> None:
    owner = measured_late(12, 18)
    with time_machine.travel(datetime(2026, 8, 1, 12, tzinfo=UTC), tick=False):
        at = datetime(2026, 7, 31, 12, tzinfo=UTC)
        build.reading(owner, "0", at=at, metric="mailboxes", value=20)
        run(date(2026, 8, 1))
    lines = Invoice.objects.latest("pk").lines.order_by("position")
    assert [f"{line.amount:.2f}" for line in lines] == ["0.00", "20.00", "6.00", "-3.00"]


def test_in_advance_it_is_asked_for_when_the_month_is_over() -> None:
    sold = build.product(price="12.00", timing="advance", minimums=MINIMUMS)
    assert billed(sold, next_due=JULY) == ["12.00", "3.00"]
    assert Invoice.objects.get().lines.last().period_start == JUNE
    assert Invoice.objects.get().net == Decimal(15)
