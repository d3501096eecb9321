from __future__ import annotations

from datetime import date

from billing.charges.schedule import Bill, Plan, bill_at
from config.periods import CYCLES, Period, due_date

MONTHLY = CYCLES["monthly"]


def plan(
    *, in_advance: bool, ended_on: date | None = None, anchor: date = date(2026, 1, 31)
) -> Plan:
    return Plan(anchor=anchor, cycle=MONTHLY, in_advance=in_advance, ended_on=ended_on)


def test_in_arrears_the_period_that_ends_is_billed():
    bill = bill_at(plan(in_advance=False), date(2026, 2, 28))
    ended = Period(date(2026, 1, 31), date(2026, 2, 28))
    assert bill == Bill(due=date(2026, 2, 28), base=ended, used=ended, next_due=date(2026, 3, 31))


def test_in_advance_the_first_bill_has_no_metered_time():
    bill = bill_at(plan(in_advance=True), date(2026, 1, 31))
    assert bill.used is None
    assert bill.base == Period(date(2026, 1, 31), date(2026, 2, 28))


def test_in_advance_later_bills_meter_the_period_before():
    bill = bill_at(plan(in_advance=True), date(2026, 2, 28))
    assert bill.base == Period(date(2026, 2, 28), date(2026, 3, 31))
    assert bill.used == Period(date(2026, 1, 31), date(2026, 2, 28))


def test_following_bills_never_drift_from_the_anchor():
    terms, due = plan(in_advance=False), date(2026, 2, 28)
    for number in range(2, 40):
        following = bill_at(terms, due).next_due
        assert following == due_date(terms.anchor, MONTHLY, number=number)
        due = following


def test_a_service_that_ended_in_the_period_is_billed_for_it_and_never_again():
    bill = bill_at(plan(in_advance=False, ended_on=date(2026, 2, 10)), date(2026, 2, 28))
    assert bill.base == Period(date(2026, 1, 31), date(2026, 2, 28))
    assert bill.next_due is None


def test_a_service_that_ended_pays_no_further_period_in_advance_but_its_metered_time():
    bill = bill_at(plan(in_advance=True, ended_on=date(2026, 2, 10)), date(2026, 2, 28))
    assert bill.base is None
    assert bill.used == Period(date(2026, 1, 31), date(2026, 2, 28))
    assert bill.next_due is None


def test_a_service_that_ended_before_the_period_owes_nothing():
    bill = bill_at(plan(in_advance=False, ended_on=date(2026, 1, 31)), date(2026, 2, 28))
    assert (bill.base, bill.used, bill.next_due) == (None, None, None)


def test_a_one_time_charge_never_falls_due_again():
    terms = Plan(anchor=date(2026, 1, 31), cycle=CYCLES["onetime"], in_advance=True)
    assert bill_at(terms, date(2026, 1, 31)).next_due is None


def test_a_due_date_set_by_staff_shortens_the_period_and_returns_to_the_series():
    bill = bill_at(plan(in_advance=True), date(2026, 2, 10))
    assert bill.base == Period(date(2026, 2, 10), date(2026, 2, 28))
    assert bill.next_due == date(2026, 2, 28)
