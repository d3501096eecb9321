from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.contract import Capability, State
from provisioning.modules.easymailarchive.module import EasyMailArchive
from tests.modules.contract_tests import ModuleContract
from tests.modules.easymailarchive.conftest import SLUG, ordered


class TestEasyMailArchive(ModuleContract):
    """With a name that people typed, in each of the two published descriptions."""

    kind = EasyMailArchive

    @pytest.fixture(params=["help", "apis", "apis with slug"])
    def simulator(self, simulator, request):
        dialect, _, honoured = request.param.partition(" ")
        simulator.set_variants(dialect=dialect, slug_honoured=bool(honoured))
        return simulator

    @pytest.fixture
    def link(self, link):
        return link

    @pytest.fixture
    def account(self):
        return replace(ordered(auto_slug=False), inputs={"slug": SLUG})

    def add_stranger(self, simulator, domain) -> None:
        simulator.state.add_tenant(domain.replace(".", "-"), name=domain)

    def domains(self, simulator) -> list[str]:
        return sorted(tenant.name for tenant in simulator.state.tenants.values())

    def test_a_terminated_archive_is_kept_and_never_deleted(self, delivered, simulator) -> None:
        done = delivered.terminate()
        assert done.state is State.SUSPENDED
        assert "can delete it" in done.notes[0]
        assert self.domains(simulator) == [delivered.account.domain]
        assert not simulator.journal.find(method="DELETE")


def test_what_the_vendor_has_no_call_for_is_not_offered() -> None:
    missing = {
        Capability.CHANGE_PASSWORD,
        Capability.STAFF_LOGIN,
        Capability.CUSTOMER_LOGIN,
        Capability.MAILBOXES,
        Capability.DNS_GUIDE,
    }
    assert EasyMailArchive.capabilities.isdisjoint(missing)
