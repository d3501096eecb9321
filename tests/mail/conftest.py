from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from accounts.models import Customer
from config.celery import app
from tests.billing import build
from tests.support.smtp_server import SmtpServer


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 7, 1, 12, tzinfo=UTC), tick=False) as moment:
        yield moment


@pytest.fixture(autouse=True)
def hints(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the broker was given."""
    found: list[Any] = []
    monkeypatch.setattr(app, "send_task", lambda name, args=(), **_options: found.append(args))
    return found


@pytest.fixture
def smtp(settings: Any) -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


@pytest.fixture
def acme(db: None) -> Customer:
    build.seller(email="billing@northwind.example")
    return build.customer(company="Acme Ltd", name="Ada", email="ada@acme.example")
