from __future__ import annotations

import pytest

from provisioning.modules.opensrs.module import OpenSrs
from tests.modules.contract_tests import ModuleContract
from tests.modules.opensrs.conftest import DOMAIN


class _OpenSrs(ModuleContract):
    kind = OpenSrs

    @pytest.fixture
    def simulator(self, simulator):
        return simulator

    @pytest.fixture
    def link(self, link):
        return link

    @pytest.fixture
    def account(self, account):
        return account

    @pytest.fixture
    def panel(self, panel):
        return panel

    def add_stranger(self, simulator, domain) -> None:
        simulator.state.add_domain(domain)

    def domains(self, simulator) -> list[str]:
        return sorted(simulator.state.domains)

    def alias_targets(self, panel, simulator):
        made = [simulator.state.add_user(f"{local}@{DOMAIN}") for local in ("ann", "ben")]
        return (made[0].address,), (made[1].address,)


class TestOma(_OpenSrs):
    @pytest.fixture
    def protocol(self) -> str:
        return "oma"


class TestApp(_OpenSrs):
    """Over TLS, as the platform has it."""

    method = "APP"

    @pytest.fixture
    def tls(self) -> bool:
        return True

    @pytest.fixture
    def protocol(self) -> str:
        return "app"
