from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from provisioning.contract import Account, HttpClient, HttpOptions, Owner, ServerLink
from provisioning.modules.easymailarchive.module import EasyMailArchive
from provisioning.modules.easymailarchive.simulator import EasyMailArchiveSimulator
from tests.modules.panel import MemoryTokens, Panel

API_KEY = "Planted-Reseller-Key-77"
BASE_DOMAIN = "archive.host.example"
SLUG = "client-example"


@pytest.fixture
def simulator() -> Iterator[EasyMailArchiveSimulator]:
    with EasyMailArchiveSimulator(admin_password=API_KEY, base_domain=BASE_DOMAIN) as running:
        yield running


@pytest.fixture
def link(simulator: EasyMailArchiveSimulator) -> Iterator[ServerLink]:
    http = HttpClient(simulator.url, HttpOptions(allow_private=True))
    yield ServerLink(
        hostname="api.vendor.example",
        port=simulator.port,
        secure=False,
        username="",
        password=API_KEY,
        settings={**EasyMailArchive.server_fields.defaults(), "base_domain": BASE_DOMAIN},
        http=http,
        tokens=MemoryTokens(),
    )
    http.close()


@pytest.fixture
def account() -> Account:
    """With a generated name."""
    return ordered()


@pytest.fixture
def panel(link: ServerLink, account: Account) -> Panel:
    return Panel(EasyMailArchive, link, account)


@pytest.fixture
def delivered(panel: Panel, simulator: EasyMailArchiveSimulator) -> Panel:
    panel.create()
    panel.calls.clear()
    simulator.journal.clear()
    return panel


def ordered(*, key: str = "service-1", domain: str = "client.example", **settings: Any) -> Account:
    return Account(
        key=key,
        domain=domain,
        settings={**EasyMailArchive.product_fields.defaults(), **settings},
        owner=Owner(name="Jean Martin", company="Acme Corp", email="jean@client.example"),
    )


def sent(simulator: EasyMailArchiveSimulator) -> list[tuple[str, str]]:
    """(method, what follows the path of all tenants) in order."""
    start = "/api/reseller/tenants"
    return [(each.method, each.path.removeprefix(start)) for each in simulator.journal]


def price(amount: str) -> dict[str, Decimal]:
    return {"EUR": Decimal(amount)}
