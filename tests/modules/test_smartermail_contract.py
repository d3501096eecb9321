from __future__ import annotations

import pytest

from provisioning.modules.smartermail.module import SmarterMail
from tests.modules.contract_tests import ModuleContract


class TestSmarterMail(ModuleContract):
    kind = SmarterMail

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
