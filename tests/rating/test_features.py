from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from billing.rating import FeatureInterval, LiveFeatures, MailboxDeleted, NoticeCode, rate
from config.periods import CYCLES, Period, Window
from provisioning.contract.metering import FeatureTerms, MeteringTerms, SeatFeature
from tests.rating.build import (
    WINDOW,
    agreement,
    both,
    feature_lines,
    features,
    march,
    observed,
    on,
    printed,
    terms,
)

LIVE = agreement(terms=terms(seats=features(threshold_days=0)))
BOB_EAS = ("ActiveSync (EAS): bob@client.com", "2.00")
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("missing", "billed"), [(timedelta(0), 1), (timedelta.resolution, 0)])
def test_the_threshold_is_met_to_the_microsecond_and_not_to_the_nearest_hour(
    missing: timedelta, billed: int
) -> None:
    assert len(feature_lines([on("bob", "eas", march(5), march(6) - missing)])) == billed


def test_fractions_of_seconds_add_up_before_they_are_cut_off() -> None:
    half = timedelta(milliseconds=500)
    pieces = [
        on("bob", "eas", march(5), march(5, 12) - half),
        on("bob", "eas", march(9), march(9, 12) + half),
    ]
    assert len(feature_lines(pieces)) == 1


def test_overlapping_intervals_count_once() -> None:
    twice = [on("bob", "eas", march(5), march(5, 13)), on("bob", "eas", march(5, 6), march(5, 23))]
    assert feature_lines(twice) == []


def test_time_outside_the_period_does_not_count() -> None:
    before = on("bob", "eas", march(1) - timedelta(days=9), march(1, 23))
    after = on("amy", "eas", march(31, 1))
    assert feature_lines([before, after]) == []


def test_an_interval_of_no_length_is_nothing() -> None:
    assert feature_lines([on("bob", "eas", march(5), march(5))]) == []


def test_a_feature_on_until_the_very_end_prints_no_range() -> None:
    assert feature_lines([on("bob", "eas", march(5), WINDOW.end)]) == [BOB_EAS]
    until_just_before = on("bob", "eas", march(5), WINDOW.end - SECOND)
    (line,) = feature_lines([until_just_before])
    assert line[0].endswith("(Active from 05-Mar to 31-Mar)")


def test_a_feature_switched_off_at_midnight_was_last_active_the_day_before() -> None:
    ((text, _),) = feature_lines([on("bob", "eas", march(5), march(10))])
    assert text.endswith("(Active from 05-Mar to 09-Mar)")


def test_the_range_is_printed_in_the_zone_of_the_seller() -> None:
    interval = on("bob", "eas", march(5, 23, 30), march(9, 23, 30))
    ((text, _),) = feature_lines([interval], zone=ZoneInfo("Europe/Berlin"))
    assert text.endswith("(Active from 06-Mar to 10-Mar)")


def test_a_combined_line_names_the_feature_that_is_off_while_the_other_is_on() -> None:
    ((text, amount),) = feature_lines(
        [on("jean", "eas", march(2), march(6, 9)), on("jean", "mapi")]
    )
    assert text == (
        "EAS + MAPI/Exchange: jean@client.com (ActiveSync (EAS) active from 02-Mar to 06-Mar)"
    )
    assert amount == "4.50"


def test_two_spellings_of_an_address_are_one_mailbox() -> None:
    shouted = FeatureInterval("BOB@Client.com ", "eas", march(2))
    assert feature_lines([shouted, on("bob", "eas")]) == [BOB_EAS]


def test_nothing_is_on_after_its_mailbox_was_deleted_until_it_is_switched_on_again() -> None:
    seen = observed(
        intervals=(on("bob", "eas", march(3)), on("amy", "eas", march(3), march(4))),
        deletions=(
            MailboxDeleted("Bob@client.com", march(3, 23)),
            MailboxDeleted("amy@client.com", march(3, 1)),
        ),
    )
    assert printed(rate(agreement(), seen))[1:] == []
    again = replace(seen, intervals=(*seen.intervals, on("bob", "eas", march(20))))
    # Bob's first interval has no end of its own, so it reaches the second and both end together.
    assert printed(rate(agreement(), again))[1:] == []
    ended = (on("bob", "eas", march(3), march(3, 23)), on("bob", "eas", march(20)))
    assert printed(rate(agreement(), replace(seen, intervals=ended)))[1:] == [BOB_EAS]


def test_a_mailbox_deleted_before_the_period_owes_nothing_in_it() -> None:
    gone = MailboxDeleted("bob@client.com", march(1) - timedelta(days=3))
    seen = observed(intervals=(on("bob", "eas"),), deletions=(gone,))
    assert printed(rate(agreement(), seen))[1:] == []


def test_a_feature_below_its_threshold_does_not_take_part_in_the_combined_price() -> None:
    fifteen = terms(seats=features(threshold_days=15))
    intervals = [on("jean", "eas"), on("jean", "mapi", march(2), march(14))]
    assert feature_lines(intervals, terms=fifteen) == [
        ("ActiveSync (EAS): jean@client.com", "2.00")
    ]


def test_lines_are_ordered_by_kind_and_then_by_address() -> None:
    intervals = [on("b", "mapi"), *both("z"), on("y", "eas"), on("a", "mapi"), *both("c")]
    assert [text for text, _ in feature_lines(intervals)] == [
        "EAS + MAPI/Exchange: c@client.com",
        "EAS + MAPI/Exchange: z@client.com",
        "ActiveSync (EAS): y@client.com",
        "MAPI/Exchange: a@client.com",
        "MAPI/Exchange: b@client.com",
    ]


def test_a_single_feature_without_a_combined_price_is_billed_on_its_own() -> None:
    archive = FeatureTerms((SeatFeature("archive", "Archive", Decimal("1.5")),))
    lines = feature_lines([on("bob", "archive")], terms=MeteringTerms(features=archive))
    assert lines == [("Archive: bob@client.com", "1.50")]


@pytest.mark.parametrize(
    ("code", "multiply", "quantity"),
    [("monthly", True, 1), ("quarterly", True, 3), ("quarterly", False, 1), ("onetime", True, 1)],
)
def test_the_monthly_price_is_multiplied_by_the_months_of_the_cycle_when_so_agreed(
    code: str, multiply: bool, quantity: int
) -> None:
    seats = features(months_multiply=multiply)
    agreed = agreement(cycle=CYCLES[code], terms=terms(seats=seats))
    line = rate(agreed, observed(intervals=(on("bob", "eas"),))).lines[1]
    assert line.quantity == quantity
    assert line.amount == quantity * Decimal("2.00")


def test_feature_lines_pay_for_the_period_that_ended_and_the_base_for_its_own() -> None:
    april = Period(date(2026, 4, 1), date(2026, 5, 1))
    cut_short = Window(WINDOW.start, march(20, 14))
    seen = observed(intervals=(on("bob", "eas"),), window=cut_short)
    base, feature = rate(agreement(period=april), seen).lines
    assert base.period == april
    assert feature.period == Period(date(2026, 3, 1), date(2026, 3, 21))


def test_a_first_invoice_has_no_feature_lines_because_nothing_has_passed() -> None:
    seen = observed(window=None, intervals=(on("bob", "eas"),))
    assert len(rate(agreement(), seen).lines) == 1


@pytest.mark.parametrize("since", [0, 1])
def test_live_billing_drops_a_mailbox_deleted_since_the_features_were_read(since: int) -> None:
    live = LiveFeatures(
        march(31), frozenset({("bob@client.com", "eas"), ("Amy@client.com", "eas")})
    )
    gone = MailboxDeleted("bob@client.com", march(31, since))
    rating = rate(LIVE, observed(live=live, deletions=(gone,)))
    assert printed(rating)[1:] == [("ActiveSync (EAS): amy@client.com", "2.00")]
    assert rating.notices == ()


def test_live_billing_on_an_old_look_tells_staff_how_old() -> None:
    live = LiveFeatures(march(29), frozenset({("bob@client.com", "eas")}), stale=True)
    rating = rate(LIVE, observed(live=live))
    assert printed(rating)[1:] == [BOB_EAS]
    assert [notice.code for notice in rating.notices] == [NoticeCode.LIVE_STALE]
    assert "29 Mar 2026" in rating.notices[0].text


def test_live_billing_without_any_look_bills_no_feature_and_tells_staff() -> None:
    rating = rate(LIVE, observed(intervals=(on("bob", "eas"),)))
    assert len(rating.lines) == 1
    assert [notice.code for notice in rating.notices] == [NoticeCode.LIVE_UNKNOWN]


def test_a_feature_in_use_that_has_no_price_is_reported_and_not_billed() -> None:
    rating = rate(agreement(), observed(intervals=(on("bob", "fax"),)))
    assert len(rating.lines) == 1
    assert [notice.code for notice in rating.notices] == [NoticeCode.UNKNOWN_FEATURE]
    assert "'fax'" in rating.notices[0].text


def test_an_interval_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        on("bob", "eas", march(5), march(4))
