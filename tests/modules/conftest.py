from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from provisioning.contract import Account, HttpClient, HttpOptions, ServerLink
from provisioning.modules.smartermail.module import SmarterMail
from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from tests.modules.breaking import Breaker, Ground
from tests.modules.panel import MemoryTokens, Panel

SYSADMIN_PASSWORD = 'R&D "<Simulated>" 4dmin'


@pytest.fixture
def simulator() -> Iterator[SmarterMailSimulator]:
    with SmarterMailSimulator(admin_password=SYSADMIN_PASSWORD) as running:
        yield running


@pytest.fixture
def link(simulator: SmarterMailSimulator) -> Iterator[ServerLink]:
    http = HttpClient(simulator.url, HttpOptions(allow_private=True))
    yield ServerLink(
        hostname="mail.host.example",
        port=simulator.port,
        secure=False,
        username="admin",
        password=SYSADMIN_PASSWORD,
        settings=SmarterMail.server_fields.defaults(),
        http=http,
        tokens=MemoryTokens(),
    )
    http.close()


@pytest.fixture
def account() -> Account:
    return Account(
        key="service-1",
        domain="client.example",
        settings={**SmarterMail.product_fields.defaults(), "max_domain_aliases": 3},
    )


@pytest.fixture
def panel(link: ServerLink, account: Account) -> Panel:
    return Panel(SmarterMail, link, account)


@pytest.fixture
def delivered(panel: Panel) -> Panel:
    panel.create()
    panel.calls.clear()
    return panel


@pytest.fixture
def broken_in_turn(simulator: Any, panel: Panel, ground: Ground) -> Breaker:
    return Breaker(simulator, panel, ground)
