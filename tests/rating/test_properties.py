"""What must hold for any history, checked against slow and obvious second opinions."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from billing.rating import (
    Agreement,
    FeatureInterval,
    LineKind,
    MailboxDeleted,
    Observed,
    OptionLine,
    rate,
)
from config.money import quantize
from config.periods import CYCLES
from tests.rating.build import GB, WINDOW, agreement, features, observed, terms
from tests.rating.naive import recompute

HOURS = int(WINDOW.length / timedelta(hours=1))
NAMES = ("amy", "bob", "jean")
CODES = ("eas", "mapi")

prices = st.decimals(min_value=0, max_value=100, places=4)
usage = st.integers(min_value=0, max_value=5_000 * GB)
near_boundary = st.builds(
    lambda multiple, offset: max(0, multiple * 10 * GB + offset),
    st.integers(min_value=0, max_value=60),
    st.integers(min_value=-6_000_000, max_value=6_000_000),
)


def at_hour(hour: int) -> Any:
    return WINDOW.start + timedelta(hours=hour)


@st.composite
def intervals(draw: st.DrawFn) -> FeatureInterval:
    """Whole hours, from well before the period to well after it."""
    start = draw(st.integers(min_value=-100, max_value=HOURS + 50))
    length = draw(st.one_of(st.none(), st.integers(min_value=0, max_value=200)))
    name, code = draw(st.sampled_from(NAMES)), draw(st.sampled_from(CODES))
    end = None if length is None else at_hour(start + length)
    return FeatureInterval(f"{name}@client.com", code, at_hour(start), end)


histories = st.lists(intervals(), max_size=12).map(tuple)
deletions = st.lists(
    st.builds(
        lambda name, hour: MailboxDeleted(f"{name}@client.com", at_hour(hour)),
        st.sampled_from(NAMES),
        st.integers(min_value=-50, max_value=HOURS),
    ),
    max_size=3,
).map(tuple)
options = st.lists(
    st.builds(
        OptionLine,
        code=st.sampled_from("abcdef"),
        label=st.just("Option"),
        quantity=st.integers(min_value=0, max_value=500),
        unit_price=prices,
        setup=prices,
    ),
    max_size=4,
    unique_by=lambda option: option.code,
).map(tuple)


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    seats = features(
        *(str(draw(prices)) for _ in range(3)),
        threshold_days=draw(st.integers(min_value=1, max_value=5)),
        months_multiply=draw(st.booleans()),
    )
    size, minimum = draw(st.integers(1, 50)), draw(st.integers(0, 3))
    return agreement(
        currency=draw(st.sampled_from(["EUR", "JPY", "KWD"])),
        cycle=CYCLES[draw(st.sampled_from(["onetime", "monthly", "quarterly", "annually"]))],
        price=draw(prices),
        terms=terms(size, minimum, seats),
        options=draw(options),
        setup_fee=draw(prices),
    )


@st.composite
def observations(draw: st.DrawFn) -> Observed:
    return observed(
        draw(st.one_of(st.none(), usage, near_boundary)),
        intervals=draw(histories),
        deletions=draw(deletions),
    )


def hours_on(history: tuple[FeatureInterval, ...], name: str, code: str) -> set[int]:
    """Every hour of the period in which the feature was on, counted one by one."""
    return {
        hour
        for hour in range(HOURS)
        for each in history
        if (each.address, each.feature) == (f"{name}@client.com", code)
        and each.start <= at_hour(hour)
        and (each.end is None or at_hour(hour) < each.end)
    }


@given(agreements(), observations())
def test_every_line_is_recomputed_from_its_evidence_by_the_naive_evaluator(
    agreed: Agreement, seen: Observed
) -> None:
    for line in rate(agreed, seen).lines:
        assert recompute(json.loads(json.dumps(line.evidence))) == line.amount


@given(agreements(), observations())
def test_the_total_is_the_sum_of_lines_each_rounded_once(agreed: Agreement, seen: Observed) -> None:
    rating = rate(agreed, seen)
    assert rating.total == sum(
        quantize(line.quantity * line.unit_price, agreed.currency) for line in rating.lines
    )


@given(agreements(), observations())
def test_no_mailbox_is_billed_twice_for_a_feature(agreed: Agreement, seen: Observed) -> None:
    rating = rate(agreed, seen)
    billed = Counter(
        (line.evidence["address"], code)
        for line in rating.lines
        if line.kind is LineKind.FEATURE
        for code in line.evidence["billed"]
    )
    assert not billed or max(billed.values()) == 1
    assert len({line.key for line in rating.lines}) == len(rating.lines)


@given(agreements(), observations(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(
    agreed: Agreement, seen: Observed, random: Random
) -> None:
    shuffled = replace(
        seen,
        intervals=tuple(random.sample(seen.intervals, len(seen.intervals))),
        deletions=tuple(random.sample(seen.deletions, len(seen.deletions))),
    )
    mixed = replace(agreed, options=tuple(random.sample(agreed.options, len(agreed.options))))
    assert rate(mixed, shuffled) == rate(agreed, seen)


@given(agreements(), observations(), st.data())
def test_cutting_an_interval_into_touching_pieces_changes_nothing(
    agreed: Agreement, seen: Observed, data: st.DataObject
) -> None:
    whole = data.draw(intervals())
    length = (whole.end or WINDOW.end) - whole.start
    parts = sorted(data.draw(st.lists(st.floats(0, 1), min_size=1, max_size=4)))
    cuts = [whole.start + max(timedelta(0), length) * part for part in parts]
    pieces = [
        replace(whole, start=start, end=end)
        for start, end in zip([whole.start, *cuts], [*cuts, whole.end], strict=True)
    ]
    uncut = replace(seen, intervals=(*seen.intervals, whole))
    cut = replace(seen, intervals=(*seen.intervals, *pieces))
    assert rate(agreed, cut) == rate(agreed, uncut)


@given(histories, st.integers(min_value=1, max_value=5))
def test_a_feature_is_billed_exactly_when_its_hours_counted_one_by_one_reach_the_threshold(
    history: tuple[FeatureInterval, ...], days: int
) -> None:
    agreed = agreement(terms=terms(seats=features(both="0", threshold_days=days)))
    lines = rate(agreed, observed(intervals=history)).lines
    billed = {line.key for line in lines if line.kind is LineKind.FEATURE}
    expected = {
        f"feature:{code}:{name}@client.com"
        for name in NAMES
        for code in CODES
        if len(hours_on(history, name, code)) >= days * 24
    }
    assert billed == expected


@given(st.one_of(usage, near_boundary), st.one_of(usage, near_boundary))
def test_more_usage_never_costs_less(first: int, second: int) -> None:
    less, more = sorted((first, second))
    assert rate(agreement(), observed(less)).total <= rate(agreement(), observed(more)).total


@given(st.one_of(usage, near_boundary), st.integers(min_value=1, max_value=50))
def test_the_customer_can_redo_the_tranches_from_the_printed_usage(
    used_bytes: int, size: int
) -> None:
    (line,) = rate(agreement(terms=terms(size)), observed(used_bytes)).lines
    printed = Decimal(line.evidence["gb_used"])
    assert abs(printed * GB - used_bytes) <= Decimal("0.005") * GB
    assert line.quantity == 1 or (line.quantity - 1) * size < printed
    assert printed <= line.quantity * size


@given(observations(), st.integers(min_value=0, max_value=800))
def test_a_longer_time_on_never_costs_less(seen: Observed, hours: int) -> None:
    longer = FeatureInterval("bob@client.com", "eas", WINDOW.start, at_hour(hours))
    without_deletions = replace(seen, deletions=())
    more = replace(without_deletions, intervals=(*seen.intervals, longer))
    assert rate(agreement(), without_deletions).total <= rate(agreement(), more).total
