from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import Customer
from billing.gateways.registry import open_gateway
from billing.gateways.stripe.gateway import StripeGateway
from billing.gateways.stripe.simulator import StripeSimulator
from billing.models import Invoice, Seller
from config.celery import app
from tests.payments import build


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the broker was given: (task, *arguments)."""
    tasks: list[tuple[Any, ...]] = []

    def take(name: str, args: tuple[Any, ...] = (), **_options: Any) -> None:
        tasks.append((name.rpartition(".")[2], *args))

    monkeypatch.setattr(app, "send_task", take)
    return tasks


@pytest.fixture
def simulator(settings: Any) -> Iterator[StripeSimulator]:
    with StripeSimulator() as running:
        settings.STRIPE_API_BASE = running.url
        yield running


@pytest.fixture
def stripe(db: None, simulator: StripeSimulator) -> StripeSimulator:
    """Switched on in the panel."""
    build.stripe_account()
    return simulator


@pytest.fixture
def gateway(stripe: StripeSimulator) -> StripeGateway:
    found = open_gateway("stripe")
    assert isinstance(found, StripeGateway)
    return found


@pytest.fixture
def seller(db: None) -> Seller:
    return Seller.objects.create(name="Northwind Mail", country="DE")


@pytest.fixture
def owner(db: None) -> Customer:
    return build.customer(company="Acme Ltd")


@pytest.fixture
def invoice(owner: Customer) -> Invoice:
    """18.00 and 19 % VAT: 21.42."""
    return build.invoice(owner)
