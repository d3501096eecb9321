"""What a service owes for a period, computed from facts alone: no database, no clock, no I/O."""

from billing.rating.engine import rate
from billing.rating.explain import explain
from billing.rating.inputs import (
    Agreement,
    FeatureInterval,
    LiveFeatures,
    MailboxDeleted,
    MonthOfUse,
    Observed,
    OptionLine,
    Reading,
)
from billing.rating.lines import LineKind, Notice, NoticeCode, RatedLine, Rating

__all__ = [
    "Agreement",
    "FeatureInterval",
    "LineKind",
    "LiveFeatures",
    "MailboxDeleted",
    "MonthOfUse",
    "Notice",
    "NoticeCode",
    "Observed",
    "OptionLine",
    "RatedLine",
    "Rating",
    "Reading",
    "explain",
    "rate",
]
