"""Features switched on per mailbox: which of them are billable, and at which prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from billing.rating.inputs import Agreement, FeatureInterval, LiveFeatures, Observed
from billing.rating.intervals import ActiveTime, active_time
from billing.rating.lines import Notice, NoticeCode
from billing.rating.wording import staff_day
from config.periods import Window
from provisioning.contract.metering import FeatureTerms, SeatFeature

DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Seat:
    """One mailbox and the features it is billed for; `times` stay empty when billed live."""

    address: str
    billable: frozenset[str]
    times: Mapping[str, ActiveTime] = field(default_factory=dict)


@dataclass(frozen=True)
class Tariff:
    """One price for one set of features; `rank` is its place among the lines."""

    rank: int
    label: str
    price: Decimal
    features: tuple[SeatFeature, ...]


def is_priced(terms: FeatureTerms) -> bool:
    """Without any single price nothing is billed, not even the combined one."""
    return any(feature.price for feature in terms.features)


def owed_tariffs(
    terms: FeatureTerms, observed: Observed, window: Window
) -> list[tuple[Tariff, Seat]]:
    """By rank (the combined price first, then as declared), then by address."""
    if terms.threshold_days == 0:
        seats = _live_seats(observed)
    else:
        seats = _measured_seats(terms, observed, window)
    owed = [(tariff, seat) for seat in seats for tariff in tariffs(terms, seat.billable)]
    return sorted(owed, key=lambda pair: (pair[0].rank, pair[1].address))


def feature_notices(agreement: Agreement, terms: FeatureTerms, observed: Observed) -> list[Notice]:
    reported = {interval.feature for interval in observed.intervals}
    notices = []
    if terms.threshold_days == 0 and not terms.seat_days:
        reported = {code for _, code in observed.live.on} if observed.live else set()
        notices = _live_notices(agreement, observed.live)
    unknown = reported.difference(feature.code for feature in terms.features)
    return notices + [
        Notice(
            NoticeCode.UNKNOWN_FEATURE,
            f"{agreement.title}: {code!r} is in use but has no price, so it is not billed",
        )
        for code in sorted(unknown)
    ]


def tariffs(terms: FeatureTerms, billable: frozenset[str]) -> list[Tariff]:
    combined = terms.combined
    has_all = billable.issuperset(feature.code for feature in terms.features)
    if combined and combined.price and has_all:
        return [Tariff(0, combined.label, combined.price, terms.features)]
    return [
        Tariff(rank, feature.label, feature.price, (feature,))
        for rank, feature in enumerate(terms.features, start=1)
        if feature.code in billable and feature.price
    ]


def _measured_seats(terms: FeatureTerms, observed: Observed, window: Window) -> list[Seat]:
    deletions = defaultdict(list)
    for deletion in observed.deletions:
        deletions[deletion.address].append(deletion.at)
    seats = []
    for address, history in histories(observed.intervals).items():
        times = {
            code: active_time(intervals, deletions=deletions[address], window=window)
            for code, intervals in history.items()
        }
        seats.append(Seat(address, _past_threshold(terms, times), times))
    return seats


def _past_threshold(terms: FeatureTerms, times: Mapping[str, ActiveTime]) -> frozenset[str]:
    threshold = terms.threshold_days * DAY_SECONDS
    return frozenset(code for code, time in times.items() if time.seconds >= threshold)


def histories(
    intervals: tuple[FeatureInterval, ...],
) -> dict[str, dict[str, list[FeatureInterval]]]:
    """Address to feature code to its intervals."""
    histories: dict[str, dict[str, list[FeatureInterval]]] = {}
    for interval in intervals:
        history = histories.setdefault(interval.address, {})
        history.setdefault(interval.feature, []).append(interval)
    return histories


def _live_seats(observed: Observed) -> list[Seat]:
    live = observed.live
    if live is None:
        return []
    gone = {deletion.address for deletion in observed.deletions if deletion.at >= live.at}
    on = defaultdict(set)
    for address, code in live.on:
        on[address].add(code)
    return [Seat(address, frozenset(codes)) for address, codes in on.items() if address not in gone]


def _live_notices(agreement: Agreement, live: LiveFeatures | None) -> list[Notice]:
    if live is None:
        text = f"{agreement.title}: the features in use are not known, so none are billed"
        return [Notice(NoticeCode.LIVE_UNKNOWN, text)]
    if live.stale:
        day = staff_day(live.at.astimezone(agreement.zone))
        text = f"{agreement.title}: features are billed as last seen on {day}"
        return [Notice(NoticeCode.LIVE_STALE, text)]
    return []
