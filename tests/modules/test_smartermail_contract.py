from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from provisioning.modules.smartermail.module import SmarterMail
from tests.modules.contract_tests import ModuleContract

SETTINGS: dict[str, Any] = {
    "catch-all": ({"alias": "info"}, {"alias": ""}),
    "spam": (
        {"override": True, "low_weight": 5, "low_action": "prefix", "low_prefix": "[?] <b>"},
        {"override": False, "low_weight": 7, "low_action": "junk", "low_prefix": ""},
    ),
    "trusted-senders": (
        {"addresses": ("a@partner.example", "B@partner.example"), "domains": ("x.example",)},
        {"addresses": (), "domains": ("xn--bcher-kva.example", "x.example")},
    ),
    "signature": ({"text": 'Client Ltd\n\n<&> "Quay" 7'}, {"text": ""}),
    "auto-responder": (
        {
            "enabled": True,
            "subject": "Away",
            "body": "Back <soon>\n& rested",
            "audience": "2",
            "external": "Write to info@client.example",
            "starts": datetime(2026, 8, 1, 6, 30, tzinfo=UTC),
            "ends": datetime(2026, 8, 15, 22, 0, tzinfo=UTC),
            "direct_only": True,
        },
        {"enabled": False, "audience": "0", "external": "", "starts": None, "ends": None},
    ),
    "own-signature": ({"text": "Bob\nSales"}, {"text": "Robert & Co"}),
}


class TestSmarterMail(ModuleContract):
    kind = SmarterMail
    settings_samples = SETTINGS

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

    def prepare_settings(self, simulator, panel) -> None:
        simulator.state.add_alias("info@client.example", ["bob@client.example"])

    def domains(self, simulator) -> list[str]:
        return sorted(simulator.state.domains)
