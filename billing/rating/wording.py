"""How rating writes days and moments. Month names are fixed, never the machine's locale."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from config.periods import MOMENT, Window

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def long_day(day: date) -> str:
    """`12 Mar 2026`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """`03-Mar`."""
    return f"{day.day:02}-{MONTHS[day.month - 1]}"


def long_moment(instant: datetime) -> str:
    """`5 Mar 2026 09:00:00 UTC+01:00`, in the zone the instant carries."""
    return f"{long_day(instant)} {instant:%H:%M:%S %Z}"


def day_range(span: Window, zone: tzinfo) -> str:
    """`from 03-Mar to 12-Mar`; a span that ends at midnight does not touch the new day."""
    first, last = span.start.astimezone(zone), (span.end - MOMENT).astimezone(zone)
    return f"from {short_day(first)} to {short_day(last)}"


def duration(seconds: int) -> str:
    """`71 h 59 min 30 s`, without the parts that are zero at the end."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours:,} h"]
    if minutes or rest:
        parts.append(f"{minutes} min")
    if rest:
        parts.append(f"{rest} s")
    return " ".join(parts)
