from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import StaffRole
from config.celery import app
from provisioning.models import Server, Service
from tests.backoffice.world import World, make_world
from tests.factories import ServerFactory, ServiceFactory, StaffFactory
from tests.support import fake_module
from tests.support.fake_module import PLATFORMS, Platform

ClientOf = Callable[[str], Client]


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with fake_module.installed(monkeypatch):
        yield


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the broker was given: (task, *arguments)."""
    tasks: list[tuple[Any, ...]] = []

    def take(name: str, args: tuple[Any, ...] = (), _kwargs: Any = None, **_options: Any) -> None:
        tasks.append((name.rpartition(".")[2], *args))

    monkeypatch.setattr(app, "send_task", take)
    return tasks


@pytest.fixture
def owner(db: None) -> User:
    return StaffFactory()


@pytest.fixture
def boss(client: Client, owner: User) -> Client:
    """Signed in as the owner, who may do everything."""
    client.force_login(owner)
    return client


@pytest.fixture
def signed_in(db: None) -> ClientOf:
    def make(role: str) -> Client:
        browser = Client()
        browser.force_login(StaffFactory(staff_role=StaffRole(role)))
        return browser

    return make


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def server(db: None) -> Server:
    return ServerFactory()


@pytest.fixture
def platform(server: Server) -> Platform:
    return PLATFORMS[server.hostname]


@pytest.fixture
def active(server: Server, platform: Platform) -> Service:
    """Delivered, and really there."""
    service = ServiceFactory(server=server, delivered=True)
    platform.domains[service.domain] = fake_module.Domain(marker=service.public_id)
    return service
