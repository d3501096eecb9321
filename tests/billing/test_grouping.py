"""Which services share an invoice, and who is not invoiced further while something is open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from billing.models import BillingProfile, Invoice
from billing.nightly.due import last_due
from billing.nightly.run import run
from config.periods import CYCLES, due_date
from tests.billing import build

APRIL = date(2026, 4, 1)
pytestmark = pytest.mark.usefixtures("seller")


def customer(**profile: Any) -> Any:
    found = build.customer()
    BillingProfile.objects.create(customer=found, **profile)
    return found


def fixed(owner: Any, due: date, price: str = "5.00", **values: Any) -> Any:
    sold = build.product(price=price, timing="advance")
    return build.service(sold, customer=owner, next_due=due, **{"anchor": due} | values)


def lines() -> list[int]:
    return sorted(each.lines.count() for each in Invoice.objects.all())


def test_by_default_what_falls_due_on_one_day_shares_an_invoice() -> None:
    owner = build.customer()
    for due in (APRIL, APRIL, APRIL + timedelta(days=3)):
        fixed(owner, due)
    run(APRIL)
    assert lines() == [1, 2]


def test_one_invoice_per_service() -> None:
    owner = customer(grouping="service")
    for _number in range(3):
        fixed(owner, APRIL)
    run(APRIL)
    assert lines() == [1, 1, 1]


def test_one_invoice_a_month_holds_all_that_is_due_until_the_next() -> None:
    owner = customer(grouping="monthly", monthly_day=1)
    for day in (1, 10, 30):
        fixed(owner, date(2026, 4, day))
    fixed(owner, date(2026, 5, 1))
    run(APRIL)
    run(APRIL)
    assert lines() == [3]
    periods = Invoice.objects.get().lines.values_list("period_start", flat=True)
    assert sorted(periods) == [date(2026, 4, day) for day in (1, 10, 30)]


def test_on_other_days_of_the_month_nothing_is_issued() -> None:
    owner = customer(grouping="monthly", monthly_day=15)
    fixed(owner, date(2026, 4, 16))
    run(APRIL)
    assert not Invoice.objects.exists()
    with time_machine.travel(datetime(2026, 4, 15, 12, tzinfo=UTC), tick=False):
        run(date(2026, 4, 15))
    assert lines() == [1]


@pytest.mark.parametrize(
    ("day", "on", "fixed_price", "measured"),
    [
        (1, date(2026, 4, 20), date(2026, 4, 30), date(2026, 4, 1)),
        (15, date(2026, 4, 14), date(2026, 4, 14), date(2026, 3, 15)),
        (31, date(2026, 4, 30), date(2026, 5, 30), date(2026, 4, 30)),
        (31, date(2026, 3, 1), date(2026, 3, 30), date(2026, 2, 28)),
    ],
)
def test_the_monthly_day_is_clamped_to_the_month(
    day: int, on: date, fixed_price: date, measured: date
) -> None:
    profile = BillingProfile(grouping="monthly", monthly_day=day)
    assert last_due(profile, on, lead_days=7) == fixed_price
    assert last_due(profile, on, lead_days=None) == measured


def test_without_continuous_invoicing_one_open_invoice_stops_the_next() -> None:
    owner = customer(continuous=False)
    sold = fixed(owner, date(2026, 1, 1))
    run(APRIL)
    assert lines() == [1]
    run(APRIL)
    assert lines() == [1]
    Invoice.objects.update(status="paid")
    run(APRIL)
    sold.refresh_from_db()
    assert sold.next_due == due_date(date(2026, 1, 1), CYCLES["monthly"], number=2)


def test_with_it_a_service_catches_up_at_once() -> None:
    fixed(customer(continuous=True), date(2026, 1, 1))
    run(APRIL)
    assert lines() == [4]
