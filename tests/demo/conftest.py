from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.demo import Demo


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a demo that was started once and stopped."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    with Demo(folder) as demo:
        demo.wait_until_up()
    assert demo.process.returncode == 0, demo.said
    return folder


@pytest.fixture(scope="module")
def demo(seeded: Path) -> Iterator[Demo]:
    with Demo(seeded) as running:
        running.wait_until_up()
        yield running
