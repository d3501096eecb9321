"""What a reseller charges for a metric: three separate choices, how its readings become one value,
how that value is priced, and when.

Stored with a product as plain JSON, read here into terms for one currency. Prices are per month.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any

from provisioning.contract.metering import Aggregation, Metric

ZERO = Decimal(0)


class PriceModel(StrEnum):
    PER_UNIT = "per_unit"
    TRANCHE = "tranche"
    GRADUATED = "graduated"
    VOLUME = "volume"


class Timing(StrEnum):
    ADVANCE = "advance"
    ARREARS = "arrears"


class FixedRule(StrEnum):
    PLUS = "plus"
    AT_LEAST = "at_least"


@dataclass(frozen=True)
class Band:
    """`price` of one unit up to and including `up_to`; None is without end."""

    up_to: Decimal | None
    price: Decimal


@dataclass(frozen=True, kw_only=True)
class MeterTerms:
    """Of a metric in bytes a unit is a GB (1024³ bytes), counted in hundredths.

    `price` is that of a unit or tranche, `bands` those of graduated and volume prices. What is
    `included` costs nothing. `minimum` is what a whole month costs at least, on a line of its own.
    """

    metric: Metric
    model: PriceModel
    timing: Timing = Timing.ARREARS
    price: Decimal = ZERO
    included: Decimal = ZERO
    size: int = 1
    minimum_tranches: int = 0
    bands: tuple[Band, ...] = ()
    minimum: Decimal = ZERO
    fixed: Decimal = ZERO
    fixed_rule: FixedRule = FixedRule.PLUS

    def __post_init__(self) -> None:
        label = self.metric.label
        for amount in (self.price, self.minimum, self.fixed, *(each.price for each in self.bands)):
            if not amount.is_finite() or amount < 0:
                raise ValueError(f"{label}: a price is 0 or more, not {amount}")
        if self.included < 0 or self.size < 1 or self.minimum_tranches < 0:
            raise ValueError(f"{label}: 0 or more are included, and a tranche is at least 1")
        if self.model in BANDED:
            _check_bands(label, self.bands)

    @property
    def is_priced(self) -> bool:
        return any((self.price, self.minimum, self.fixed, *(each.price for each in self.bands)))


BANDED = (PriceModel.GRADUATED, PriceModel.VOLUME)


def read(
    rules: Iterable[Mapping[str, Any]], metrics: Sequence[Metric], currency: str
) -> tuple[MeterTerms, ...]:
    """Of rules as they are stored; what the platform does not measure, or has no price in the
    currency, is left out. ValueError.
    """
    known = {metric.code: metric for metric in metrics}
    found = (
        _terms(known[rule["metric"]], rule, currency) for rule in rules if rule["metric"] in known
    )
    return tuple(each for each in found if each.is_priced)


def _terms(metric: Metric, rule: Mapping[str, Any], currency: str) -> MeterTerms:
    return MeterTerms(
        metric=replace(metric, aggregation=Aggregation(rule["aggregation"])),
        model=PriceModel(rule["model"]),
        timing=Timing(rule["timing"]),
        price=_price(rule, "price", currency),
        included=Decimal(str(rule.get("included", 0))),
        size=int(rule.get("size", 1)),
        minimum_tranches=int(rule.get("minimum_tranches", 0)),
        bands=_bands(rule, currency),
        minimum=_price(rule, "minimum", currency),
        fixed=_price(rule, "fixed", currency),
        fixed_rule=FixedRule(rule.get("fixed_rule", FixedRule.PLUS)),
    )


def _price(rule: Mapping[str, Any], name: str, currency: str) -> Decimal:
    return Decimal(rule.get(name, {}).get(currency, 0))


def _bands(rule: Mapping[str, Any], currency: str) -> tuple[Band, ...]:
    if rule["model"] not in BANDED:
        return ()
    rows = rule.get("bands", {}).get(currency) or [[None, "0"]]
    return tuple(Band(None if end is None else Decimal(end), Decimal(price)) for end, price in rows)


def _check_bands(label: str, bands: Sequence[Band]) -> None:
    ends = [each.up_to for each in bands[:-1]]
    finite = [end for end in ends if end is not None]
    rising = all(low < high for low, high in pairwise(finite))
    if not bands or bands[-1].up_to is not None or len(finite) != len(ends) or not rising:
        raise ValueError(f"{label}: bands rise, and only the last one is without end")
    if any(end <= 0 for end in finite):
        raise ValueError(f"{label}: a band ends above 0")
