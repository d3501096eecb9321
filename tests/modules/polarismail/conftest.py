from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest

from provisioning.contract import Account, HttpClient, HttpOptions, ServerLink
from provisioning.modules.polarismail.module import PolarisMail
from provisioning.modules.polarismail.simulator import PolarisMailSimulator
from tests.modules.panel import MemoryTokens, Panel

RESELLER_PASSWORD = 'R&D "<Simulated>" r+é%=0'
DOMAIN = "client.example"
OPTIONS = {
    "total_mailboxes": 5,
    "total_enhanced_mailboxes": 2,
    "mailbox_quota_gb": 10,
    "total_aliases": 3,
    "total_distribution_lists": 2,
}


@pytest.fixture
def simulator() -> Iterator[PolarisMailSimulator]:
    with PolarisMailSimulator(admin_password=RESELLER_PASSWORD) as running:
        yield running


@pytest.fixture
def link(simulator: PolarisMailSimulator) -> Iterator[ServerLink]:
    http = HttpClient(simulator.url, HttpOptions(allow_private=True))
    yield ServerLink(
        hostname="panel.host.example",
        port=simulator.port,
        secure=False,
        username="reseller",
        password=RESELLER_PASSWORD,
        settings=PolarisMail.server_fields.defaults(),
        http=http,
        tokens=MemoryTokens(),
    )
    http.close()


@pytest.fixture
def account() -> Account:
    settings = {**PolarisMail.product_fields.defaults(), "max_domain_aliases": 3}
    return Account(key="service-1", domain=DOMAIN, settings=settings, options=OPTIONS)


@pytest.fixture
def panel(link: ServerLink, account: Account) -> Panel:
    return Panel(PolarisMail, link, account)


@pytest.fixture
def delivered(panel: Panel, simulator: PolarisMailSimulator) -> Panel:
    """Created, and its ownership proven."""
    panel.create()
    simulator.state.publish_verification(panel.account.domain)
    panel.keep(panel.observe())
    panel.calls.clear()
    simulator.journal.clear()
    return panel


@pytest.fixture
def bob(delivered: Panel, simulator: PolarisMailSimulator) -> str:
    return simulator.state.add_user(f"bob@{DOMAIN}", usage=2000)


Call = tuple[str, dict[str, str]]


def forms(simulator: PolarisMailSimulator, *actions: str) -> list[dict[str, str]]:
    """What was sent, without the token; of these actions, or of all."""
    found = [dict(parse_qsl(e.body.decode(), keep_blank_values=True)) for e in simulator.journal]
    kept = [form for form in found if not actions or form["action"] in actions]
    return [{name: value for name, value in form.items() if name != "token"} for form in kept]


@pytest.fixture
def sent(
    delivered: Panel, simulator: PolarisMailSimulator
) -> Callable[[Callable[[Any], object]], list[dict[str, str]]]:
    """Runs an act and gives the forms it sent, signing in left out."""

    def run(act: Callable[[Any], object]) -> list[dict[str, str]]:
        simulator.journal.clear()
        delivered.run(act)
        return [form for form in forms(simulator) if form["action"] != "login"]

    return run
