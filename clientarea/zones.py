from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config import clock


def zone_or_default(name: str) -> ZoneInfo:
    """A customer's time zone; the seller's when the name means nothing on this machine."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return clock.business_zone()
