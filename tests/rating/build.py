"""The service of the worked examples: 6.00 for 10 GB, EAS 2.00, MAPI 3.00, both 4.50, in March."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from billing.rating import Agreement, FeatureInterval, Observed, Rating, Reading, rate
from config.periods import CYCLES, Period
from provisioning.contract.metering import (
    CombinedPrice,
    FeatureTerms,
    MeteringTerms,
    Metric,
    SeatFeature,
    TrancheTerms,
    Unit,
)

GB = 1024**3
DISK = Metric("disk", "Disk usage", Unit.BYTES)
MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
WINDOW = MARCH.window(UTC)
MEASURED_AT = datetime(2026, 3, 31, 23, tzinfo=UTC)


def march(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def features(
    eas: str = "2.00", mapi: str = "3.00", both: str = "4.50", **overrides: Any
) -> FeatureTerms:
    return FeatureTerms(
        features=(
            SeatFeature("eas", "ActiveSync (EAS)", Decimal(eas)),
            SeatFeature("mapi", "MAPI/Exchange", Decimal(mapi)),
        ),
        combined=CombinedPrice("EAS + MAPI/Exchange", Decimal(both)),
        **overrides,
    )


def terms(size_gb: int = 10, minimum: int = 1, seats: FeatureTerms | None = None) -> MeteringTerms:
    return MeteringTerms(TrancheTerms(DISK, size_gb, minimum), seats or features())


def agreement(**overrides: Any) -> Agreement:
    usual = Agreement(
        title="Email hosting",
        currency="EUR",
        cycle=CYCLES["monthly"],
        price=Decimal("6.00"),
        period=MARCH,
        zone=UTC,
        terms=terms(),
    )
    return replace(usual, **overrides)


def observed(used_bytes: int | None = 3 * GB, **overrides: Any) -> Observed:
    reading = None
    if used_bytes is not None:
        reading = Reading(used_bytes, MEASURED_AT, "usage of all domains")
    return replace(Observed(window=WINDOW, reading=reading), **overrides)


def on(
    name: str, feature: str, start: datetime | None = None, end: datetime | None = None
) -> FeatureInterval:
    """On for `name`@client.com, since long before the period unless a start is given."""
    return FeatureInterval(
        f"{name}@client.com", feature, start or datetime(2025, 1, 1, tzinfo=UTC), end
    )


def both(name: str) -> tuple[FeatureInterval, FeatureInterval]:
    return on(name, "eas"), on(name, "mapi")


def printed(rating: Rating) -> list[tuple[str, str]]:
    return [(line.description, str(line.amount)) for line in rating.lines]


def feature_lines(intervals: Iterable[FeatureInterval], **overrides: Any) -> list[tuple[str, str]]:
    """What is printed below the base line for these intervals."""
    seen = observed(intervals=tuple(intervals))
    return printed(rate(agreement(**overrides), seen))[1:]
