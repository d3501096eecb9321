from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.billing import build


@pytest.fixture(autouse=True)
def _on_the_first_of_april() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 4, 1, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def seller(db: None) -> None:
    build.seller()


@pytest.fixture
def time_machine_at() -> Iterator[Callable[[int], None]]:
    """Moves to noon of the day so many days after 31 March."""
    with time_machine.travel(datetime(2026, 4, 1, 12, tzinfo=UTC), tick=False) as clock:
        yield lambda day: clock.move_to(datetime(2026, 3, 31, 12, tzinfo=UTC) + timedelta(days=day))
