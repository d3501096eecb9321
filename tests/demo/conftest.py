from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.demo import Demo


@dataclass(frozen=True)
class FirstStart:
    folder: Path
    seconds: float


@pytest.fixture(scope="session")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> FirstStart:
    folder = tmp_path_factory.mktemp("demo") / "data"
    started = time.monotonic()
    with Demo(folder) as demo:
        demo.wait_until_up()
        took = time.monotonic() - started
    assert demo.process.returncode == 0, demo.said
    return FirstStart(folder, took)


@pytest.fixture(scope="session")
def seeded(first_start: FirstStart) -> Path:
    """The directory of a demo that was started once and stopped."""
    return first_start.folder


@pytest.fixture(scope="module")
def demo(seeded: Path) -> Iterator[Demo]:
    with Demo(seeded) as running:
        running.wait_until_up()
        yield running
