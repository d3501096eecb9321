from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from pytest_django import Settings

from config import clock

WARSAW = ZoneInfo("Europe/Warsaw")


@time_machine.travel(datetime(2026, 3, 31, 23, 30, tzinfo=UTC), tick=False)
def test_today_is_the_date_at_the_sellers_place(settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Warsaw"
    assert clock.now() == datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    assert clock.today() == date(2026, 4, 1)
    assert clock.today(ZoneInfo("America/New_York")) == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 1, 1), datetime(2025, 12, 31, 23, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        (date(2026, 3, 30), datetime(2026, 3, 29, 22, tzinfo=UTC)),
    ],
)
def test_a_day_starts_at_local_midnight_on_both_sides_of_summer_time(
    day: date, expected: datetime
) -> None:
    assert clock.start_of_day(day, WARSAW) == expected


@time_machine.travel(datetime(2026, 5, 1, tzinfo=UTC), tick=False)
def test_every_process_that_names_the_clock_file_sees_the_move(
    settings: Settings, tmp_path: Path
) -> None:
    settings.CLOCK_FILE = tmp_path / "clock"
    assert clock.now() == datetime(2026, 5, 1, tzinfo=UTC)
    clock.move(timedelta(days=30))
    clock.move(timedelta(days=1))
    assert (tmp_path / "clock").read_text() == f"{31 * 86_400}\n"
    assert clock.now() == datetime(2026, 6, 1, tzinfo=UTC)


def test_without_a_clock_file_time_cannot_be_moved(settings: Settings) -> None:
    settings.CLOCK_FILE = None
    with pytest.raises(RuntimeError, match="CLOCK_FILE"):
        clock.move(timedelta(days=1))
    assert clock.offset() == timedelta(0)
