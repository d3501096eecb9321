"""What rating returns: lines that carry their own evidence, and notices for staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from billing.rating.inputs import Agreement
from config.money import quantize
from config.periods import Period

Evidence = dict[str, Any]


class LineKind(StrEnum):
    BASE = "base"
    OPTION = "option"
    FEATURE = "feature"
    USAGE = "usage"
    SETUP = "setup"
    DISCOUNT = "discount"
    CHANGE = "change"  # a part of a term, when the plan changed in its middle
    ADJUSTMENT = "adjustment"  # what belonged on an earlier document


class NoticeCode(StrEnum):
    NEVER_MEASURED = "never_measured"
    STALE_USAGE = "stale_usage"
    LIVE_UNKNOWN = "live_unknown"
    LIVE_STALE = "live_stale"
    UNKNOWN_FEATURE = "unknown_feature"


@dataclass(frozen=True, order=True)
class Notice:
    """Something a person on the seller's side should know about this rating."""

    code: NoticeCode
    text: str


@dataclass(frozen=True, kw_only=True)
class RatedLine:
    """`key` is unique among the lines of one rating and the same whenever it is repeated.
    `evidence` holds JSON values only, and everything needed to compute the amount again.
    """

    kind: LineKind
    key: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    period: Period
    evidence: Evidence


@dataclass(frozen=True)
class Rating:
    lines: tuple[RatedLine, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def total(self) -> Decimal:
        """Before tax."""
        return sum((line.amount for line in self.lines), Decimal(0))


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A line before its amount is known; `facts` name the rule and what it was applied to."""

    kind: LineKind
    key: str
    description: str
    quantity: int | Decimal
    unit_price: Decimal
    amount: Decimal | None = None  # where it is not quantity times price; rounded later
    facts: Mapping[str, Any] = field(default_factory=dict)


def priced(charge: Charge, agreement: Agreement, period: Period) -> RatedLine:
    quantity = Decimal(charge.quantity)
    exact = quantity * charge.unit_price if charge.amount is None else charge.amount
    amount = quantize(exact, agreement.currency)
    price = charge.unit_price if charge.amount is None else amount
    evidence = dict(charge.facts) | {
        "quantity": charge.quantity if isinstance(charge.quantity, int) else str(quantity),
        "unit_price": str(price),
        "amount": str(amount),
        "currency": agreement.currency,
        "cycle": agreement.cycle.code,
        "period": [period.start.isoformat(), period.end.isoformat()],
    }
    return RatedLine(
        kind=charge.kind,
        key=charge.key,
        description=charge.description,
        quantity=quantity,
        unit_price=price,
        amount=amount,
        period=period,
        evidence=evidence,
    )
