from __future__ import annotations

import pytest

from provisioning.contract import State
from provisioning.modules.polarismail.module import PolarisMail
from tests.modules.contract_tests import ModuleContract


class TestPolarisMail(ModuleContract):
    kind = PolarisMail
    created = State.WAITING

    @pytest.fixture
    def simulator(self, simulator):
        return simulator

    @pytest.fixture
    def link(self, link):
        return link

    @pytest.fixture
    def account(self, account):
        return account

    def add_stranger(self, simulator, domain) -> None:
        simulator.state.add_domain(domain)

    def domains(self, simulator) -> list[str]:
        return sorted(simulator.state.domains)

    def settle(self, simulator, panel) -> None:
        """The customer's DNS proves who owns the domain."""
        simulator.state.publish_verification(panel.account.domain)

    def alias_targets(self, panel, simulator):
        one, two = (self.at(panel, local) for local in ("one", "two"))
        for address in (one, two):
            simulator.state.add_user(address)
        return (one,), (two,)
