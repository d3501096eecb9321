from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest

from config.periods import (
    CYCLES,
    Cycle,
    Period,
    Window,
    add_months,
    due_date,
    period,
    period_containing,
    periods,
    periods_due,
)

RECURRING = [cycle for cycle in CYCLES.values() if cycle.recurs]
ANCHORS = [date(2024, 1, 1) + timedelta(days=number) for number in range(9 * 366 - 6)]
BERLIN = ZoneInfo("Europe/Berlin")


def first_due_dates(anchor: date, code: str, count: int) -> list[str]:
    return [
        due_date(anchor, CYCLES[code], number=number).isoformat() for number in range(1, count + 1)
    ]


@pytest.mark.parametrize(
    ("anchor", "code", "expected"),
    [
        (date(2026, 1, 31), "monthly", ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
        (date(2026, 8, 31), "semiannually", ["2027-02-28", "2027-08-31", "2028-02-29"]),
        (date(2026, 11, 30), "quarterly", ["2027-02-28", "2027-05-30", "2027-08-30"]),
        (
            date(2028, 2, 29),
            "annually",
            ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"],
        ),
        (date(2027, 2, 28), "biennially", ["2029-02-28", "2031-02-28"]),
        (date(2028, 2, 29), "triennially", ["2031-02-28", "2034-02-28", "2037-02-28"]),
    ],
)
def test_due_dates_are_clamped_to_the_month_end_and_return_to_the_anchor_day(
    anchor: date, code: str, expected: list[str]
) -> None:
    assert first_due_dates(anchor, code, len(expected)) == expected


def test_the_anchors_below_are_every_day_from_2024_to_2032() -> None:
    assert (ANCHORS[0], ANCHORS[-1]) == (date(2024, 1, 1), date(2032, 12, 31))


@pytest.mark.parametrize("cycle", RECURRING, ids=lambda cycle: cycle.code)
def test_for_every_anchor_the_due_dates_increase_and_keep_the_anchor_day(cycle: Cycle) -> None:
    for anchor in ANCHORS:
        dates = [due_date(anchor, cycle, number=number) for number in range(13)]
        assert dates[0] == anchor
        assert all(before < after for before, after in pairwise(dates))
        assert all(
            due.day == min(anchor.day, calendar.monthrange(due.year, due.month)[1]) for due in dates
        )


@pytest.mark.parametrize("cycle", RECURRING, ids=lambda cycle: cycle.code)
def test_for_every_anchor_a_cycle_is_as_long_as_its_months(cycle: Cycle) -> None:
    monthly = CYCLES["monthly"]
    for anchor in ANCHORS:
        assert due_date(anchor, cycle, number=2) == due_date(
            anchor, monthly, number=2 * cycle.months
        )


@pytest.mark.parametrize("cycle", RECURRING, ids=lambda cycle: cycle.code)
def test_for_every_anchor_the_periods_touch_and_each_day_finds_its_own(cycle: Cycle) -> None:
    for anchor in ANCHORS:
        first, second, third = islice(periods(anchor, cycle), 3)
        assert (first.end, second.end) == (second.start, third.start)
        for day in (second.start, second.last_day):
            assert period_containing(anchor, cycle, day=day) == second


@pytest.mark.parametrize("code", ["onetime", "free"])
def test_a_cycle_that_never_renews_has_no_due_date(code: str) -> None:
    for question in (
        lambda: due_date(date(2026, 1, 1), CYCLES[code], number=1),
        lambda: period_containing(date(2026, 1, 1), CYCLES[code], day=date(2026, 1, 1)),
    ):
        with pytest.raises(ValueError, match=code):
            question()


def test_a_period_prints_its_inclusive_last_day_and_excludes_its_end() -> None:
    june = period(date(2026, 6, 1), CYCLES["monthly"], number=0)
    assert (june.start, june.last_day, june.days) == (date(2026, 6, 1), date(2026, 6, 30), 30)
    assert date(2026, 6, 30) in june
    assert date(2026, 7, 1) not in june
    assert list(june)[::29] == [date(2026, 6, 1), date(2026, 6, 30)]


def test_periods_due_include_one_that_starts_on_the_day_itself() -> None:
    due = periods_due(date(2026, 1, 31), CYCLES["monthly"], until=date(2026, 3, 31))
    assert [each.start.isoformat() for each in due] == ["2026-01-31", "2026-02-28", "2026-03-31"]
    assert periods_due(date(2026, 1, 31), CYCLES["monthly"], until=date(2026, 1, 30)) == []


def test_months_can_be_counted_backwards() -> None:
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 15), -1) == date(2025, 12, 15)


@pytest.mark.parametrize(
    ("period", "hours"),
    [
        (Period(date(2026, 3, 29), date(2026, 3, 30)), 23),
        (Period(date(2026, 10, 25), date(2026, 10, 26)), 25),
    ],
)
def test_a_day_on_which_clocks_change_is_as_long_as_it_really_was(
    period: Period, hours: int
) -> None:
    window = period.window(BERLIN)
    assert window.length == timedelta(hours=hours)
    assert window.dates(BERLIN) == period


def test_a_window_made_of_one_zone_compares_instants_and_not_wall_clocks() -> None:
    repeated = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    assert Window(repeated, repeated.replace(fold=1)).length == timedelta(hours=1)


def test_a_window_cut_off_in_the_middle_of_a_day_still_touches_that_day() -> None:
    window = Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 10, 14, tzinfo=UTC))
    assert window.dates(UTC) == Period(date(2026, 3, 1), date(2026, 3, 11))


def test_windows_that_only_touch_do_not_overlap() -> None:
    first, second, third = (datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2, 3))
    assert Window(first, second).overlap(Window(second, third)) is None
    assert Window(first, third).overlap(Window(second, third)) == Window(second, third)


def test_a_period_or_window_that_ends_before_it_starts_is_refused() -> None:
    day = date(2026, 3, 1)
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="ends after it starts"):
        Period(day, day)
    with pytest.raises(ValueError, match="ends after it starts"):
        Window(moment, moment)
    with pytest.raises(ValueError, match="aware"):
        Window(moment.replace(tzinfo=None), moment)
