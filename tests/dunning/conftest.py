from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from config.celery import app
from tests.billing import build
from tests.support import fake_module


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 7, 1, 12, tzinfo=UTC), tick=False) as moment:
        yield moment


@pytest.fixture(autouse=True)
def _fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(app, "send_task", lambda *_args, **_options: None)
    with fake_module.installed(monkeypatch):
        yield


@pytest.fixture(autouse=True)
def _seller(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        build.seller(email="billing@northwind.example")
