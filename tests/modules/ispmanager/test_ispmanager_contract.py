from __future__ import annotations

import re
from typing import ClassVar

import pytest

from provisioning.modules.ispmanager.module import IspManager, IspManagerReseller
from tests.modules.contract_tests import ModuleContract

_MARKED = re.compile(r"\[service:[^:]+:([^\]]+)\]")


class HostingContract(ModuleContract):
    kind = IspManager
    settings_samples: ClassVar = {
        "incoming-mail": (
            {"defaction": "ignore", "greylist": True, "avcheck": True},
            {"defaction": "error", "spamassassin": True, "avcheck": False},
        )
    }

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
        simulator.state.add_user(domain.partition(".")[0], domain=domain)

    def domains(self, simulator) -> list[str]:
        return sorted(simulator.state.mail_domains)

    def alias_targets(self, panel, simulator):
        domain = panel.account.domain
        for local in ("amy", "zoe"):
            simulator.state.add_mailbox(f"{local}@{domain}")
        return (f"amy@{domain}",), (f"zoe@{domain}",)


class TestHosting(HostingContract):
    """Answers in JSON, name and password with each call."""


class TestHostingByXmlAndSession(HostingContract):
    @pytest.fixture
    def server_settings(self, server_settings):
        return {**server_settings, "answers": "xml", "sign_in": "session"}


class TestReseller(ModuleContract):
    kind = IspManagerReseller

    @pytest.fixture
    def simulator(self, simulator):
        return simulator

    @pytest.fixture
    def link(self, link):
        return link

    @pytest.fixture
    def account(self, reseller_account):
        return reseller_account

    def add_stranger(self, simulator, domain) -> None:
        simulator.state.add_reseller("stranger", domain=domain)

    def domains(self, simulator) -> list[str]:
        found = []
        for person in simulator.state.of_level(24):
            marked = _MARKED.search(person.comment)
            found.append(marked[1] if marked else person.brand_domain)
        return sorted(found)
