"""The panel's only source of "now" and "today".

Tests move it with time-machine; the demo moves it for all of its processes at once through
the file named by CLOCK_FILE, which holds an offset in seconds.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings


def business_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def offset() -> timedelta:
    return timedelta(seconds=settings.CLOCK_OFFSET_SECONDS + _shared_seconds())


def now() -> datetime:
    """An aware instant in UTC."""
    return datetime.now(UTC) + offset()


def today(zone: ZoneInfo | None = None) -> date:
    """The business date in ``zone``, by default the seller's."""
    return now().astimezone(zone or business_zone()).date()


def start_of_day(day: date, zone: ZoneInfo | None = None) -> datetime:
    """The first instant of ``day`` in ``zone`` (default the seller's), as aware UTC."""
    midnight = datetime.combine(day, time.min, tzinfo=zone or business_zone())
    return midnight.astimezone(UTC)


def move(by: timedelta) -> None:
    """Shift the shared clock of every process that names the same CLOCK_FILE."""
    if settings.CLOCK_FILE is None:
        raise RuntimeError("CLOCK_FILE is not set, so there is no shared clock to move.")
    seconds = _shared_seconds() + by.total_seconds()
    fresh = settings.CLOCK_FILE.with_suffix(".new")
    fresh.write_text(f"{seconds:.0f}\n")
    fresh.replace(settings.CLOCK_FILE)  # readers see the old or the new offset, never half


def _shared_seconds() -> float:
    path: Path | None = settings.CLOCK_FILE
    if path is None:
        return 0.0
    try:
        return float(path.read_text())
    except FileNotFoundError:
        return 0.0
