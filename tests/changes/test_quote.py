"""The worked numbers of proration, one test each."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.changes.quote import NewPlan, Quote, Role, Term, prorated, quote
from config.periods import Period

JUNE = Period(date(2026, 6, 1), date(2026, 7, 1))
JULY = Period(date(2026, 7, 1), date(2026, 8, 1))


def term(
    billed: str, period: Period = JUNE, *, since: date | None = None, unpaid: bool = False
) -> Term:
    return Term(period=period, billed=Decimal(billed), since=since or period.start, unpaid=unpaid)


def asked(*terms: Term, price: str, day: date, currency: str = "EUR", **new: object) -> Quote:
    plan = NewPlan(label="New", price=Decimal(price), **new)
    return quote(terms, plan, day=day, currency=currency, old_label="Old")


def shown(found: Quote) -> tuple[str, str, str]:
    return str(found.credit), str(found.debit), str(found.to_pay)


def test_p1_twenty_of_thirty_days_left_of_ten_to_twenty_costs_6_66() -> None:
    assert shown(asked(term("10.00"), price="20.00", day=date(2026, 6, 11))) == (
        "6.67", "13.33", "6.66",
    )  # fmt: skip


def test_p2_five_more_units_for_half_a_month() -> None:
    found = asked(term("20.00"), price="30.00", day=date(2026, 6, 16))
    assert shown(found) == ("10.00", "15.00", "5.00")


def test_p3_five_units_fewer_give_3_33_back() -> None:
    found = asked(term("30.00"), price="20.00", day=date(2026, 6, 21))
    assert shown(found) == ("10.00", "6.67", "-3.33")
    assert found.difference < 0


def test_p4_a_year_counts_its_own_days() -> None:
    year = Period(date(2026, 1, 1), date(2027, 1, 1))
    found = asked(term("120.00", year), price="240.00", day=year.end - timedelta(days=265))
    assert shown(found) == ("87.12", "174.25", "87.13")


def test_p5_a_quarter_of_91_days() -> None:
    quarter = Period(date(2026, 4, 1), date(2026, 7, 1))
    found = asked(term("60.00", quarter), price="30.00", day=date(2026, 5, 16))
    assert shown(found) == ("30.33", "15.16", "-15.17")


def test_p6a_keeping_the_due_date_in_a_change_of_cycle_would_cost_less_than_nothing() -> None:
    credit, debit = (
        prorated(Decimal(amount), 20, days, "EUR") for amount, days in ((10, 30), (100, 365))
    )
    assert (str(credit), str(debit), str(debit - credit)) == ("6.67", "5.48", "-1.19")


def test_p6b_a_change_of_cycle_restarts_the_term() -> None:
    year = Period(date(2026, 6, 11), date(2027, 6, 11))
    found = asked(term("10.00"), price="100.00", day=year.start, term=year)
    assert shown(found) == ("6.67", "100.00", "93.33")


def test_p7_a_second_change_credits_what_the_first_one_billed() -> None:
    after_p1 = term("13.33", since=date(2026, 6, 11))
    found = asked(after_p1, price="30.00", day=date(2026, 6, 21))
    assert shown(found) == ("6.67", "10.00", "3.33")


def test_p8_on_the_due_date_an_unpaid_renewal_is_billed_again_and_nothing_is_prorated() -> None:
    renewal = term("10.00", unpaid=True)
    found = asked(renewal, price="20.00", day=JUNE.start)
    assert found.reissued == (renewal,)
    assert shown(found) == ("0", "20.00", "20.00")
    assert found.difference == Decimal("10.00")


def test_p9_yen_have_no_decimals() -> None:
    found = asked(term("1000"), price="2000", day=date(2026, 6, 11), currency="JPY")
    assert shown(found) == ("667", "1333", "666")


def test_a_dinar_has_three_decimals() -> None:
    assert str(prorated(Decimal(1), 20, 30, "KWD")) == "0.667"


def test_a_term_billed_ahead_is_changed_as_a_whole() -> None:
    found = asked(term("10.00"), term("10.00", JULY), price="20.00", day=date(2026, 6, 26))
    assert [(part.role, str(part.amount)) for part in found.parts] == [
        (Role.CREDIT, "-1.67"),
        (Role.CREDIT, "-10.00"),
        (Role.DEBIT, "3.33"),
        (Role.DEBIT, "20.00"),
    ]


def test_a_setup_fee_is_never_prorated() -> None:
    found = asked(term("10.00"), price="20.00", day=date(2026, 6, 11), setup=Decimal("9.00"))
    assert found.parts[-1].role == Role.SETUP
    assert str(found.to_pay) == "15.66"


@given(st.decimals(0, 500, places=2), st.decimals(0, 500, places=2), st.integers(0, 29))
def test_there_and_back_on_one_day_costs_nothing(old: Decimal, new: Decimal, at: int) -> None:
    day = JUNE.start + timedelta(days=at)
    there = asked(term(str(old)), price=str(new), day=day)
    back = asked(term(str(there.debit), since=day), price=str(old), day=day)
    assert there.to_pay + back.to_pay == 0


@pytest.mark.parametrize("day", [JUNE.start, date(2026, 6, 30)])
def test_the_same_price_costs_nothing(day: date) -> None:
    assert asked(term("10.00"), price="10.00", day=day).to_pay == 0
