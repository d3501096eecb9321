from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from provisioning.contract import (
    Account,
    HttpClient,
    HttpOptions,
    MailboxChange,
    MailingList,
    ServerLink,
)
from provisioning.modules.opensrs.module import OpenSrs
from provisioning.modules.opensrs.simulator import OpenSrsSimulator
from tests.modules.panel import MemoryTokens, Panel

ADMIN = "admin@reseller.adm"
ADMIN_PASSWORD = 'R&D "<Simulated>" r+é%=0'
DOMAIN = "client.example"
PASSWORD = "Quiet-Harbour-7!x"
SALES = f"sales@{DOMAIN}"
oma_only = pytest.mark.parametrize("protocol", ["oma"])


@pytest.fixture(params=["oma", "app"])
def protocol(request: pytest.FixtureRequest) -> str:
    """Tests that name no protocol hold on both."""
    return str(request.param)


@pytest.fixture
def tls() -> bool:
    return False


@pytest.fixture
def simulator(tls: bool) -> Iterator[OpenSrsSimulator]:
    with OpenSrsSimulator(admin_password=ADMIN_PASSWORD, tls=tls) as running:
        yield running


@pytest.fixture
def link(simulator: OpenSrsSimulator, protocol: str) -> Iterator[ServerLink]:
    http = HttpClient(simulator.url, HttpOptions(allow_private=True, verify_tls=False))
    yield ServerLink(
        hostname="127.0.0.1",
        port=simulator.port,
        secure=simulator.certificate is not None,
        username=ADMIN,
        password=ADMIN_PASSWORD,
        settings={
            **OpenSrs.server_fields.defaults(),
            "protocol": protocol,
            "app_port": simulator.app_port,
        },
        http=http,
        tokens=MemoryTokens(),
    )
    http.close()


@pytest.fixture
def account() -> Account:
    return Account(
        key="service-1",
        domain=DOMAIN,
        settings=OpenSrs.product_fields.defaults(),
        options={"mailboxes": 5, "forwards": 3},
    )


@pytest.fixture
def panel(link: ServerLink, account: Account) -> Panel:
    return Panel(OpenSrs, link, account, verify_tls=False)


@pytest.fixture
def delivered(panel: Panel, simulator: OpenSrsSimulator) -> Panel:
    panel.create()
    panel.calls.clear()
    simulator.journal.clear()
    return panel


@pytest.fixture
def domain(delivered: Panel, simulator: OpenSrsSimulator) -> Any:
    """The delivered domain as the platform has it."""
    return simulator.state.domains[DOMAIN]


@pytest.fixture
def bob(delivered: Panel, simulator: OpenSrsSimulator) -> str:
    return simulator.state.add_user(f"bob@{DOMAIN}", name="Bob").address


def add(panel: Panel, local: str, **terms: Any) -> str:
    """A mailbox made through the module."""
    address, change = f"{local}@{DOMAIN}", MailboxChange(password=PASSWORD, **terms)
    panel.run(lambda module: module.mailboxes(panel.account).create(address, change))
    return address


def forward(panel: Panel, local: str, *members: str) -> str:
    wanted = MailingList(address=f"{local}@{DOMAIN}", members=members or ("a@home.example",))
    panel.run(lambda module: module.lists(panel.account).create(wanted))
    return wanted.address


def with_options(panel: Panel, mailboxes: int, forwards: int) -> None:
    options = {"mailboxes": mailboxes, "forwards": forwards}
    panel.account = replace(panel.account, options=options)


def bodies(simulator: OpenSrsSimulator, *methods: str) -> list[tuple[str, dict[str, Any]]]:
    """OMA's methods and fields as sent, credentials left out; of these methods, or of all."""
    sent: list[tuple[str, Any]] = [
        (each.path.removeprefix("/api/"), each.json()) for each in simulator.journal
    ]
    kept = [(name, body) for name, body in sent if not methods or name in methods]
    return [(name, {k: v for k, v in body.items() if k != "credentials"}) for name, body in kept]


def lines(simulator: OpenSrsSimulator, *commands: str) -> list[str]:
    """APP's commands as sent, without those that begin and end a session."""
    frame = {"/app/greeting", "/app/ver", "/app/login", "/app/quit"}
    wanted = {f"/app/{command}" for command in commands}
    return [
        each.body.decode()
        for each in simulator.journal
        if (each.path in wanted if wanted else each.path not in frame)
    ]
