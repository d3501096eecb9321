"""Which step is next: pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.dunning.steps import Case, Step, earliest, next_step, planned, timeline

DUE = date(2026, 7, 1)
STANDARD = [
    Step(offset=offset, action=action)
    for offset, action in (
        (-3, "remind"), (0, "charge"), (1, "charge"), (3, "remind"), (3, "charge"), (7, "remind"),
        (10, "restrict"), (17, "suspend"), (24, "remind"), (45, "terminate"),
    )
]  # fmt: skip


def case(**values: Any) -> Case:
    return Case(**{"due_on": DUE} | values)


def after(days: int) -> date:
    return DUE + timedelta(days=days)


def taken(*steps: tuple[int, str, int]) -> dict[tuple[int, str], date]:
    return {(offset, action): after(on) for offset, action, on in steps}


def simulate(days: range, **values: Any) -> dict[int, list[tuple[int, str]]]:
    done: dict[tuple[int, str], date] = {}
    found: dict[int, list[tuple[int, str]]] = {}
    for number in days:
        while step := next_step(STANDARD, case(taken=done, **values), on=after(number)):
            done[step.key] = after(number)
            found.setdefault(number, []).append(step.key)
    return found


def test_an_invoice_due_on_the_first_of_july_is_dunned_on_these_days() -> None:
    days = {step.key: day for day, step in timeline(STANDARD, case())}

    assert days[10, "restrict"] == date(2026, 7, 11)
    assert days[17, "suspend"] == date(2026, 7, 18)
    assert days[45, "terminate"] == date(2026, 8, 15)


def test_day_by_day_every_step_is_taken_on_its_day() -> None:
    assert simulate(range(-14, 60)) == {
        -3: [(-3, "remind")],
        0: [(0, "charge")],
        1: [(1, "charge")],
        3: [(3, "charge"), (3, "remind")],
        7: [(7, "remind")],
        10: [(10, "restrict")],
        17: [(17, "suspend")],
        24: [(24, "remind")],
        45: [(45, "terminate")],
    }


def test_after_downtime_one_day_takes_one_step_only() -> None:
    found = simulate(range(20, 60))

    assert [len({offset for offset, _ in steps}) for steps in found.values()] == [1] * len(found)
    assert (-3, "remind") not in {step for steps in found.values() for step in steps}


def test_a_warning_that_goes_out_late_keeps_its_distance_from_what_it_announces() -> None:
    late = case(taken=taken((3, "remind", 20), (7, "remind", 21)))

    assert earliest(Step(offset=10, action="restrict"), STANDARD, late) == after(24)


@pytest.mark.parametrize(("day", "wanted"), [(1, date(2026, 8, 3)), (-1, date(2026, 7, 31))])
def test_a_step_for_business_days_waits_for_monday(day: int, wanted: date) -> None:
    friday_due = case(due_on=date(2026, 7, 31) if day > 0 else date(2026, 8, 1))

    assert planned(Step(offset=day, action="remind", business_days=True), friday_due) == wanted


def test_grace_moves_what_comes_after_the_due_date_and_nothing_else() -> None:
    patient = case(grace=10)

    assert planned(Step(offset=17, action="suspend"), patient) == after(27)
    assert planned(Step(offset=-3, action="remind"), patient) == after(-3)


@pytest.mark.parametrize("values", [{"paused": True}, {"exempt_until": DUE + timedelta(days=30)}])
def test_nothing_happens_while_money_is_on_its_way_or_the_customer_is_exempt(values) -> None:
    assert next_step(STANDARD, case(**values), on=after(30)) is None


def test_an_exemption_ends() -> None:
    exempt = case(exempt_until=after(4))

    assert next_step(STANDARD, exempt, on=after(4)) is None
    assert next_step(STANDARD, exempt, on=after(5)) is not None


def test_nothing_asks_for_a_termination_on_the_first_run_after_an_outage() -> None:
    done = {step.key: after(1) for step in STANDARD if step.action != "terminate"}
    late = case(taken=done)

    assert next_step(STANDARD, late, on=after(50), after_outage=True) is None
    assert next_step(STANDARD, late, on=after(51)) == STANDARD[-1]


def test_a_customer_without_late_fees_is_spared_them_and_nothing_else() -> None:
    steps = [Step(offset=5, action="late_fee"), Step(offset=6, action="remind")]

    assert next_step(steps, case(no_late_fee=True), on=after(9)) == steps[1]


actions = st.sampled_from(["remind", "charge", "restrict", "suspend", "late_fee", "terminate"])
policies = st.lists(
    st.builds(Step, offset=st.integers(-10, 40), action=actions, business_days=st.booleans()),
    max_size=8,
    unique_by=lambda step: step.key,
)


@given(policies, st.sets(st.integers(-15, 120)), st.integers(0, 20))
def test_whatever_days_are_missed_no_step_is_early_and_none_comes_twice(steps, days, grace) -> None:
    done: dict[tuple[int, str], date] = {}
    for number in sorted(days):
        offsets = set()
        while step := next_step(steps, case(taken=done, grace=grace), on=after(number)):
            assert step.key not in done
            assert planned(step, case(grace=grace)) <= after(number)
            done[step.key] = after(number)
            offsets.add(step.offset)
        assert len(offsets) <= 1
