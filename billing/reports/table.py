"""What every report returns, ready for a page, a CSV file or a chart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from config.periods import DAY, Period, add_months


class Kind(StrEnum):
    TEXT = "text"
    MONEY = "money"  # in the currency of the row's currency column
    NUMBER = "number"
    PERCENT = "percent"


@dataclass(frozen=True)
class Column:
    code: str
    label: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Months:
    """Whole calendar months, both included."""

    first: date
    last: date

    @classmethod
    def ending(cls, day: date, *, count: int = 12) -> Months:
        this = day.replace(day=1)
        return cls(add_months(this, 1 - count), this)

    def __iter__(self) -> Iterator[Period]:
        start = self.first
        while start <= self.last:
            end = add_months(start, 1)
            yield Period(start, end)
            start = end

    @property
    def end(self) -> date:
        """The first day after them."""
        return add_months(self.last, 1)

    @property
    def last_day(self) -> date:
        return self.end - DAY


@dataclass(frozen=True, kw_only=True)
class Table:
    """`bars` are (label, height) of a chart in one currency; empty where it would say nothing."""

    columns: tuple[Column, ...]
    rows: list[dict[str, Any]]
    bars: list[tuple[str, Decimal]] = field(default_factory=list)
    bars_label: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """`dated`: whether the chosen months matter, or it shows how things stand now."""

    code: str
    title: str
    about: str
    make: Callable[[Months], Table]
    dated: bool = True
