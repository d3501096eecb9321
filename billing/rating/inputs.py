"""The facts a service is rated from: what was agreed, and what was observed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

from config.money import exact, validate_currency
from config.periods import Cycle, Period, Window
from provisioning.contract.metering import MeteringTerms

ZERO = Decimal(0)


@dataclass(frozen=True)
class OptionLine:
    """A chosen option. `setup` is per unit and only set on the invoice that charges it."""

    code: str
    label: str
    quantity: int
    unit_price: Decimal
    setup: Decimal = ZERO
    position: int = 0

    def __post_init__(self) -> None:
        exact(self.unit_price)
        exact(self.setup)
        if self.quantity < 0:
            raise ValueError(f"option {self.code!r} has a negative quantity, {self.quantity}")


@dataclass(frozen=True)
class Reading:
    """A believable usage, in bytes or pieces. `stale`: nothing as new as it should be is known."""

    value: int
    at: datetime
    source: str
    stale: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", _instant(self.at))
        if self.value < 0:
            raise ValueError(f"usage is never negative, not {self.value}")


@dataclass(frozen=True, kw_only=True)
class MonthOfUse:
    """The reading of a metric that counts for a month of use; None when nothing is known of it.

    `days` are the last readings of each day, where the value is worked out of them all.
    """

    metric: str
    period: Period
    reading: Reading | None
    days: tuple[tuple[date, int], ...] = ()


@dataclass(frozen=True)
class FeatureInterval:
    """A feature was on for this mailbox from `start`, and still is when `end` is None."""

    address: str
    feature: str
    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", normalise_address(self.address))
        object.__setattr__(self, "start", _instant(self.start))
        if self.end is not None:
            object.__setattr__(self, "end", _instant(self.end))
            if self.end < self.start:
                raise ValueError(f"{self.feature} of {self.address} ends before it starts")


@dataclass(frozen=True)
class MailboxDeleted:
    address: str
    at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "address", normalise_address(self.address))
        object.__setattr__(self, "at", _instant(self.at))


@dataclass(frozen=True)
class LiveFeatures:
    """What was on at `at`, as (address, feature code) pairs; read only when the threshold is 0."""

    at: datetime
    on: frozenset[tuple[str, str]]
    stale: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", _instant(self.at))
        pairs = frozenset((normalise_address(address), code) for address, code in self.on)
        object.__setattr__(self, "on", pairs)


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """`price` is that of one tranche for the whole cycle, or the flat price of the cycle;
    `period` is what the base line pays for; `setup_fee` is only set on the first invoice;
    `zone` is the seller's, for every date and time that is printed.
    """

    title: str
    currency: str
    cycle: Cycle
    price: Decimal
    period: Period
    zone: tzinfo
    terms: MeteringTerms = field(default_factory=MeteringTerms)
    options: tuple[OptionLine, ...] = ()
    setup_fee: Decimal = ZERO
    share: tuple[int, int] | None = None  # (days, of days) of a period that is not a whole one
    usage_months: int | None = None  # how many months a bill of usage is for; None: the cycle's

    def __post_init__(self) -> None:
        exact(self.price)
        exact(self.setup_fee)
        validate_currency(self.currency)
        codes = [option.code for option in self.options]
        if len(set(codes)) != len(codes):
            raise ValueError(f"an option appears twice: {sorted(codes)}")


@dataclass(frozen=True, kw_only=True)
class Observed:
    """`window` is the time that has passed and is now billed; it ends no later than what has
    been observed, because an open interval counts up to its end. None on a first invoice,
    when nothing has been used yet.
    """

    window: Window | None = None
    reading: Reading | None = None
    months: tuple[MonthOfUse, ...] = ()
    intervals: tuple[FeatureInterval, ...] = ()
    deletions: tuple[MailboxDeleted, ...] = ()
    live: LiveFeatures | None = None


def normalise_address(address: str) -> str:
    """Mail platforms ignore case; two spellings must never become two lines."""
    return address.strip().lower()


def _instant(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"an instant carries its zone, {moment} does not")
    return moment.astimezone(UTC)
