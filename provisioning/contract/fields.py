"""Settings that a module declares: named, typed, versioned fields; the panel makes forms of them.

Stored as JSON: decimals and moments as strings, lines as a list, prices as {"USD": "2.00"}.
`FieldSet.load` gives typed values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

Values = Mapping[str, Any]


class Kind(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    PRICE = "price"  # one amount per currency of the panel: {"USD": Decimal("2.00")}
    BOOLEAN = "boolean"
    CHOICE = "choice"
    SECRET = "secret"  # noqa: S105
    LONG_TEXT = "long_text"  # lines end in "\n"
    MOMENT = "moment"  # an aware UTC datetime, or None; people type it in their own time zone
    LINES = "lines"  # a tuple of texts, one a line


@dataclass(frozen=True, kw_only=True)
class Field:
    """One input. `default` is typed; `live_choices` are read from the server when it answers.

    Of lines, `max_length` is that of each, and `maximum` how many there may be.
    """

    code: str
    label: str
    kind: Kind = Kind.TEXT
    help: str = ""
    default: Any = None
    required: bool = False
    minimum: int | Decimal | None = None
    maximum: int | Decimal | None = None
    max_length: int = 250
    choices: tuple[tuple[str, str], ...] = ()
    live_choices: bool = False
    section: str = ""
    validate: Callable[[Any], str | None] | None = None  # a sentence on what is wrong, or None

    def load(self, stored: Any) -> Any:
        """The typed value of a stored one; the default when nothing was stored."""
        if stored is None:
            return self.default
        return _LOADERS.get(self.kind, lambda value: value)(stored)

    def dump(self, value: Any) -> Any:
        return _DUMPERS.get(self.kind, lambda typed: typed)(value) if value is not None else None


def _load_price(stored: Mapping[str, str]) -> dict[str, Decimal]:
    return {currency: Decimal(amount) for currency, amount in stored.items()}


def _dump_price(value: Mapping[str, Decimal]) -> dict[str, str]:
    return {currency: str(amount) for currency, amount in value.items()}


_LOADERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.INTEGER: int,
    Kind.DECIMAL: Decimal,
    Kind.BOOLEAN: bool,
    Kind.PRICE: _load_price,
    Kind.MOMENT: datetime.fromisoformat,
    Kind.LINES: tuple,
}
_DUMPERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.DECIMAL: str,
    Kind.PRICE: _dump_price,
    Kind.MOMENT: datetime.isoformat,
    Kind.LINES: list,
}


def _unchanged(version: int, stored: dict[str, Any]) -> dict[str, Any]:
    return stored


@dataclass(frozen=True)
class FieldSet:
    """`migrate(version, stored)` lifts values stored under an older version to this one."""

    fields: tuple[Field, ...] = ()
    version: int = 1
    migrate: Callable[[int, dict[str, Any]], dict[str, Any]] = field(default=_unchanged)

    def load(self, stored: Values, *, version: int | None = None) -> dict[str, Any]:
        values = dict(stored)
        if version is not None and version != self.version:
            values = self.migrate(version, values)
        return {item.code: item.load(values.get(item.code)) for item in self.fields}

    def dump(self, typed: Values) -> dict[str, Any]:
        return {item.code: item.dump(typed.get(item.code)) for item in self.fields}

    def defaults(self) -> dict[str, Any]:
        return {item.code: item.default for item in self.fields}

    def secrets(self) -> frozenset[str]:
        return frozenset(item.code for item in self.fields if item.kind is Kind.SECRET)

    def __getitem__(self, code: str) -> Field:
        return next(item for item in self.fields if item.code == code)
