"""How a module says what a service is metered by. Values arrive here typed and clean:
reading an operator's settings, blanks and typos included, is the module's own work.

Prices are in the currency of the service being rated, per month.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provisioning.contract.meters import MeterTerms


class Unit(StrEnum):
    BYTES = "bytes"
    COUNT = "count"


class Aggregation(StrEnum):
    """How the readings of a period become the one value that is billed."""

    LAST = "last"
    HIGHEST = "highest"
    # Of the last reading of each day:
    AVERAGE = "average"
    P95 = "p95"  # nearest rank
    SUM = "sum"

    @property
    def is_daily(self) -> bool:
        return self in (Aggregation.AVERAGE, Aggregation.P95, Aggregation.SUM)


@dataclass(frozen=True)
class Metric:
    code: str
    label: str
    unit: Unit
    aggregation: Aggregation = Aggregation.LAST


@dataclass(frozen=True)
class TrancheTerms:
    """Usage is sold in whole tranches of `size_gb` GB (1024³ bytes), never fewer than `minimum`.

    The price of one tranche is the product's own recurring price.
    """

    metric: Metric
    size_gb: int
    minimum: int = 1

    def __post_init__(self) -> None:
        if self.metric.unit is not Unit.BYTES:
            raise ValueError(f"tranches need a metric in bytes, {self.metric.code!r} is not")
        if self.size_gb < 1:
            raise ValueError(f"a tranche is at least 1 GB, not {self.size_gb}")
        if self.minimum < 0:
            raise ValueError(f"the minimum is 0 tranches or more, not {self.minimum}")


@dataclass(frozen=True)
class SeatFeature:
    """Something switched on per mailbox; a price of 0 means offered without charge."""

    code: str
    label: str
    price: Decimal

    def __post_init__(self) -> None:
        _check_price(self.label, self.price)


@dataclass(frozen=True)
class CombinedPrice:
    """Replaces the single prices of a mailbox that has every feature; 0 bills them singly."""

    label: str
    price: Decimal

    def __post_init__(self) -> None:
        _check_price(self.label, self.price)


@dataclass(frozen=True)
class FeatureTerms:
    """`threshold_days` times 24 h of cumulative use in a period make a feature billable;
    0 bills what is on at the moment of invoicing. `months_multiply` charges the monthly
    price for each month of the cycle instead of once per invoice.
    """

    features: tuple[SeatFeature, ...]
    combined: CombinedPrice | None = None
    threshold_days: int = 1
    months_multiply: bool = True
    seat_days: bool = False  # each day of use counts, in place of the threshold

    def __post_init__(self) -> None:
        codes = [feature.code for feature in self.features]
        if not codes or len(set(codes)) != len(codes):
            raise ValueError(f"feature codes must be present and distinct, not {codes}")
        if self.combined and len(codes) < 2:
            raise ValueError("a combined price needs at least two features")
        if self.threshold_days < 0:
            raise ValueError(f"the threshold is 0 days or more, not {self.threshold_days}")


@dataclass(frozen=True)
class PerUnitTerms:
    """What is used beyond `included`, at `price` for each unit and month of use, beside the
    product's own price. Of a metric in bytes a unit is a GB (1024³ bytes), billed by hundredths.
    """

    metric: Metric
    included: int
    price: Decimal

    def __post_init__(self) -> None:
        _check_price(self.metric.label, self.price)
        if self.included < 0:
            raise ValueError(f"0 units or more are included, not {self.included}")


@dataclass(frozen=True)
class MeteringTerms:
    """Without tranches the service has a flat recurring price. Each further price model
    becomes one more optional part here, and one more file in rating.
    """

    tranche: TrancheTerms | None = None
    features: FeatureTerms | None = None
    units: tuple[PerUnitTerms, ...] = ()
    meters: tuple[MeterTerms, ...] = ()

    def __post_init__(self) -> None:
        codes = [each.metric.code for each in self.units]
        codes += [each.metric.code for each in self.meters]
        if len(set(codes)) != len(codes):
            raise ValueError(f"a metric is priced once, not as in {codes}")

    @property
    def arrears(self) -> bool:
        """Whether there are lines for the time that has passed."""
        return self.features is not None or bool(self.units) or bool(self.meters)

    def with_meters(self, meters: tuple[MeterTerms, ...]) -> MeteringTerms:
        """What a reseller has set for a metric replaces what the module says of it."""
        codes = {each.metric.code for each in meters}
        tranche = self.tranche
        return replace(
            self,
            tranche=None if tranche and tranche.metric.code in codes else tranche,
            units=tuple(each for each in self.units if each.metric.code not in codes),
            meters=meters,
        )


def _check_price(label: str, price: Decimal) -> None:
    if not isinstance(price, Decimal):
        raise TypeError(f"the price of {label!r} is a Decimal, never {type(price).__name__}")
    if not price.is_finite() or price < 0:
        raise ValueError(f"the price of {label!r} is 0 or more, not {price}")
