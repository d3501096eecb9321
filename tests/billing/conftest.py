from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

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
