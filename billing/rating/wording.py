"""How rating writes days and moments, in the language in force."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from django.utils.translation import gettext as _

from config.language import ENGLISH, grouped, short_day, speaking
from config.language import day as long_day
from config.periods import MOMENT, Window


def staff_day(on: date) -> str:
    """As notices to staff have it, whatever the customer's language."""
    with speaking(ENGLISH):
        return long_day(on)


def long_moment(instant: datetime) -> str:
    """`5 Mar 2026 09:00:00 UTC+01:00`, in the zone the instant carries."""
    return f"{long_day(instant)} {instant:%H:%M:%S %Z}"


def day_range(span: Window, zone: tzinfo) -> str:
    """`from 03-Mar to 12-Mar`; a span that ends at midnight does not touch the new day."""
    first, last = span.start.astimezone(zone), (span.end - MOMENT).astimezone(zone)
    days = {"first": short_day(first), "last": short_day(last)}
    return _("from %(first)s to %(last)s") % days


def duration(seconds: int) -> str:
    """`71 h 59 min 30 s`, without the parts that are zero at the end."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{grouped(hours)} h"]
    if minutes or rest:
        parts.append(f"{minutes} min")
    if rest:
        parts.append(f"{rest} s")
    return " ".join(parts)
