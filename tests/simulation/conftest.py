from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from tests.simulation.wire import Api

Start = Callable[..., SmarterMailSimulator]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start simulators with given variants; a domain with two mailboxes is there already."""
    running: list[SmarterMailSimulator] = []

    def begin(**options: Any) -> SmarterMailSimulator:
        sim = SmarterMailSimulator(**options)
        sim.state.add_domain("client.com")
        sim.state.add_user("bob@client.com", full_name="Bob", size=1048576)
        sim.state.add_user("amy@client.com", full_name="Amy", size=2048)
        running.append(sim.start())
        return sim

    yield begin
    for sim in running:
        sim.stop()


@pytest.fixture
def sim(start: Start) -> SmarterMailSimulator:
    return start()


@pytest.fixture
def api(sim: SmarterMailSimulator) -> Api:
    return Api(sim.url)


@pytest.fixture
def admin(api: Api) -> Api:
    return api.as_admin()


@pytest.fixture
def inside(admin: Api) -> Api:
    """System administrator within client.com."""
    return admin.inside("client.com")
