from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from accounts.models import Customer
from config.celery import app
from provisioning.models import Server
from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from tests.billing import build
from tests.factories import CustomerFactory, ServerFactory
from tests.orders.build import PASSWORD


@pytest.fixture(autouse=True)
def clock_stands() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 6, 1, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the tasks the broker was given."""
    names: list[str] = []
    monkeypatch.setattr(app, "send_task", lambda name, *_args, **_options: names.append(name))
    return names


@pytest.fixture
def seller(db: None) -> None:
    build.seller()


@pytest.fixture
def acme(seller: None) -> Customer:
    customer: Customer = CustomerFactory(company="Acme Ltd")
    return customer


@pytest.fixture
def simulator() -> Iterator[SmarterMailSimulator]:
    with SmarterMailSimulator(admin_password=PASSWORD) as running:
        yield running


@pytest.fixture
def server(db: None, simulator: SmarterMailSimulator) -> Any:
    found: Server = ServerFactory(
        module="smartermail", hostname="127.0.0.1", port=simulator.port, secure=False,
        allow_private=True, username="admin", password=PASSWORD,
    )  # fmt: skip
    return found
