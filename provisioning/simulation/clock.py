"""The simulated server's own clock: it stands for another machine, so it is not the panel's."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def system_time() -> datetime:
    return datetime.fromtimestamp(time.time(), tz=UTC)


class SimClock:
    """Real time plus a movable offset; ``source`` replaces real time (the demo's shared clock)."""

    def __init__(self, source: Callable[[], datetime] = system_time) -> None:
        self._source = source
        self._offset = timedelta()

    def now(self) -> datetime:
        """Aware, UTC."""
        return self._source() + self._offset

    def advance(self, seconds: float) -> datetime:
        self._offset += timedelta(seconds=seconds)
        return self.now()

    def set(self, instant: datetime) -> datetime:
        """Go to ``instant`` (aware) and run on from there."""
        if instant.tzinfo is None:
            raise ValueError("the simulator's clock needs an instant with a time zone")
        self._offset = instant - self._source()
        return self.now()

    def reset(self) -> datetime:
        self._offset = timedelta()
        return self.now()
