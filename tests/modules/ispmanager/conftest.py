from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from provisioning.contract import Account, HttpClient, HttpOptions, Owner, ServerLink
from provisioning.modules.ispmanager.module import IspManager, IspManagerReseller
from provisioning.modules.ispmanager.simulator import IspManagerSimulator
from tests.modules.panel import MemoryTokens, Panel

ADMIN_PASSWORD = 'R&D:"<Simulated>" 4dm+é%=0'
DOMAIN = "client.example"
OWNER = Owner(name="Lee Ann & Söhne", email="lee@client.example")


@pytest.fixture(params=["json", "xml"])
def answers(request) -> str:
    return str(request.param)


@pytest.fixture
def simulator() -> Iterator[IspManagerSimulator]:
    with IspManagerSimulator(admin_password=ADMIN_PASSWORD) as running:
        yield running


@pytest.fixture
def server_settings() -> dict[str, Any]:
    return {**IspManager.server_fields.defaults(), "wait_seconds": 1}


@pytest.fixture
def link(simulator: IspManagerSimulator, server_settings: dict[str, Any]) -> Iterator[ServerLink]:
    http = HttpClient(simulator.url, HttpOptions(allow_private=True))
    yield ServerLink(
        hostname="panel.host.example",
        port=simulator.port,
        secure=False,
        username="root",
        password=ADMIN_PASSWORD,
        settings=server_settings,
        http=http,
        tokens=MemoryTokens(),
    )
    http.close()


@pytest.fixture
def account() -> Account:
    settings = {**IspManager.product_fields.defaults(), "template": "mail-small"}
    return Account(key="service-1", domain=DOMAIN, settings=settings, owner=OWNER)


@pytest.fixture
def reseller_account() -> Account:
    settings = {**IspManagerReseller.product_fields.defaults(), "template": "reseller-base"}
    return Account(key="service-r", domain=DOMAIN, settings=settings, owner=OWNER)


@pytest.fixture
def panel(link: ServerLink, account: Account) -> Panel:
    return Panel(IspManager, link, account)


@pytest.fixture
def reseller_panel(link: ServerLink, reseller_account: Account) -> Panel:
    return Panel(IspManagerReseller, link, reseller_account)


@pytest.fixture
def delivered(panel: Panel, simulator: IspManagerSimulator) -> Panel:
    panel.create()
    panel.calls.clear()
    simulator.journal.clear()
    return panel


@pytest.fixture
def bob(delivered: Panel, simulator: IspManagerSimulator) -> str:
    return simulator.state.add_mailbox(f"bob@{DOMAIN}")


Form = dict[str, str]
COMMON = {"out", "lang", "authinfo", "auth"}


def forms(simulator: IspManagerSimulator, *functions: str) -> list[Form]:
    """What was sent, without what each call has; of these functions, or of all."""
    found = [dict(parse_qsl(e.body.decode(), keep_blank_values=True)) for e in simulator.journal]
    kept = [form for form in found if not functions or form["func"] in functions]
    return [{name: text for name, text in form.items() if name not in COMMON} for form in kept]


@pytest.fixture
def sent(
    delivered: Panel, simulator: IspManagerSimulator
) -> Callable[[Callable[[Any], object]], list[Form]]:
    def run(act: Callable[[Any], object]) -> list[Form]:
        simulator.journal.clear()
        delivered.run(act)
        return forms(simulator)

    return run
