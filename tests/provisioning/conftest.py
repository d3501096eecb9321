from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from config.celery import app
from provisioning.models import Server, Service
from tests.factories import ServerFactory, ServiceFactory
from tests.support import fake_module
from tests.support.fake_module import PLATFORMS, Platform


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with fake_module.installed(monkeypatch):
        yield


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the broker was given: (task, *arguments). The broker of tests keeps it in memory."""
    tasks: list[tuple[Any, ...]] = []

    def take(name: str, args: tuple[Any, ...] = (), **_options: Any) -> None:
        tasks.append((name.rpartition(".")[2], *args))

    monkeypatch.setattr(app, "send_task", take)
    return tasks


@pytest.fixture
def travel(time_machine: Any) -> Any:
    """A clock that stands still until `travel.shift(seconds)`."""
    time_machine.move_to("2026-03-10T12:00:00+00:00", tick=False)
    return time_machine


@pytest.fixture
def server(db: None) -> Server:
    return ServerFactory()


@pytest.fixture
def platform(server: Server) -> Platform:
    return PLATFORMS[server.hostname]


@pytest.fixture
def service(server: Server) -> Service:
    """Ordered, on `server`, not delivered."""
    return ServiceFactory(server=server)


@pytest.fixture
def active(server: Server, platform: Platform) -> Service:
    """Delivered, and really there."""
    service = ServiceFactory(server=server, delivered=True)
    platform.domains[service.domain] = fake_module.Domain(marker=service.public_id)
    return service
