from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from accounts.models import Customer
from billing.models import Seller
from tests.billing import build
from tests.support.vies import ViesSimulator

GERMAN, FRENCH = "DE136695976", "FR40303265045"


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 4, 1, 12, tzinfo=UTC), tick=False) as moment:
        yield moment


@pytest.fixture
def vies(settings: Any) -> Iterator[ViesSimulator]:
    with ViesSimulator() as running:
        settings.VIES_URL = running.url
        yield running


@pytest.fixture
def german(db: None) -> Seller:
    """A seller in Germany, who charges 19 % at home and 20 % in France."""
    build.vat("19")
    build.vat("20", country="FR", name="TVA")
    return build.seller(tax_number=GERMAN)


@pytest.fixture
def french(german: Seller) -> Customer:
    return build.customer(country="FR", tax_number=FRENCH, company="Exemple SARL")
