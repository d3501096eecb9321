"""Figures come as numbers or as texts, empty lists as anything: read with patience."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

_TAGS = re.compile(r"<[^>]*>")
_LONGEST = 300
_LARGEST = Decimal(2**63)


def figure(value: Any) -> Decimal | None:
    """A number of at least 0; None when it is anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found < _LARGEST else None


def whole(value: Any) -> int | None:
    found = figure(value)
    return int(found) if found is not None and found == int(found) else None


def truth(value: Any) -> bool | None:
    """0, "0", 1, "1" and JSON's own; None when it is anything else."""
    if isinstance(value, bool):
        return value
    return {"0": False, "1": True}.get(str(whole(value)))


def text(value: Any) -> str:
    """Plain words in one line, without markup."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    return " ".join(_TAGS.sub(" ", str(value)).split())[:_LONGEST]


def name(value: Any) -> str:
    return value.strip().lower() if isinstance(value, str) else ""


def rows(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; everything but an array is an empty list."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def moment(value: Any) -> datetime | None:
    """A time without a zone is taken as UTC."""
    if isinstance(value, str) and not value.strip().isdigit():
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    seconds = whole(value)
    try:
        return datetime.fromtimestamp(seconds, tz=UTC) if seconds else None
    except (OverflowError, OSError, ValueError):
        return None
