"""Every request and every answer of a command is broken in turn; retries end in the right state."""

from __future__ import annotations

from typing import Any

import pytest

from provisioning.contract import ModuleError, State
from tests.modules.breaking import USUAL, Ground

REFUSED = '{"success": false, "message": "FAULT_ON_DEMAND"}'
FAULTS: dict[str, dict[str, Any]] = USUAL | {
    "refused with HTTP 400": {"kind": "status", "status": 400, "body": REFUSED},
    "token rejected": {"kind": "status", "status": 401, "body": " "},
    "forbidden": {"kind": "status", "status": 403, "body": " "},
}


@pytest.fixture
def ground(simulator: Any) -> Ground:
    domains = simulator.state.domains
    return Ground(empty=domains.clear, held=lambda: len(domains))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_create_broken_anywhere_ends_in_exactly_one_domain_that_is_ours(
    broken_in_turn, panel, simulator, fault
) -> None:
    positions = 0
    for where in broken_in_turn(FAULTS[fault], panel.create):
        positions += 1
        assert list(simulator.state.domains) == ["client.example"], where
        domain = simulator.state.domain("client.example")
        assert list(domain.users) == [panel.account.data["admin"]], where
        assert domain.admin.password == panel.account.secrets["admin_password"]
        assert domain.settings["enableActiveSyncAccountManagement"], where
        assert panel.account.data["linked"]
        assert panel.observe().state is State.ACTIVE
    assert positions >= 6


@pytest.mark.parametrize("fault", FAULTS)
def test_a_terminate_broken_anywhere_ends_with_the_domain_gone(
    broken_in_turn, panel, simulator, fault
) -> None:
    for where in broken_in_turn(FAULTS[fault], panel.terminate, arrange=panel.create):
        assert not simulator.state.domains, where
        assert panel.observe().state is State.MISSING


@pytest.mark.parametrize("fault", FAULTS)
def test_a_change_of_package_broken_anywhere_ends_with_the_new_limits(
    broken_in_turn, panel, simulator, fault
) -> None:
    def change() -> object:
        return panel.change_package(max_users=5, outbound_ip="192.0.2.7")

    for where in broken_in_turn(FAULTS[fault], change, arrange=panel.create):
        settings = simulator.state.domain("client.example").settings
        assert settings["maxUsers"] == 6, where
        assert settings["outgoingIP"] == "192.0.2.7"
        assert panel.observe().state is State.ACTIVE


@pytest.mark.parametrize("fault", FAULTS)
def test_a_suspension_broken_anywhere_ends_suspended(
    broken_in_turn, panel, simulator, fault
) -> None:
    for where in broken_in_turn(FAULTS[fault], panel.suspend, arrange=panel.create):
        assert not simulator.state.domain("client.example").is_enabled, where


def test_the_marker_is_stored_before_the_domain_is_asked_for(panel, simulator) -> None:
    simulator.fault("close", "*/domain-put")
    with pytest.raises(ModuleError):
        panel.create()
    assert panel.account.data["admin"]
    assert panel.account.secrets["admin_password"]
    assert not simulator.state.domains


def test_settings_refused_for_good_take_the_new_domain_back(panel, simulator) -> None:
    simulator.fault("refusal", "*/domain-settings/*", times=None)
    with pytest.raises(ModuleError):
        panel.create()
    assert not simulator.state.domains


def test_settings_that_fail_for_now_leave_the_domain_to_be_resumed(panel, simulator) -> None:
    simulator.fault("status", "*/domain-settings/*", status=503)
    with pytest.raises(ModuleError):
        panel.create()
    assert list(simulator.state.domains) == ["client.example"]
    assert panel.create().state is State.ACTIVE
    assert len(simulator.journal.find("*/domain-put")) == 1


def test_a_domain_delivered_before_is_never_taken_back(delivered, simulator) -> None:
    simulator.fault("refusal", "*/domain-settings/*", times=None)
    with pytest.raises(ModuleError):
        delivered.create()
    assert list(simulator.state.domains) == ["client.example"]
    assert not simulator.journal.find("*/domain-delete/*")


def test_a_roll_back_that_fails_says_so(panel, simulator) -> None:
    simulator.fault("refusal", "*/domain-settings/*")
    simulator.fault("status", "*/domain-delete/*", status=500)
    with pytest.raises(ModuleError) as caught:
        panel.create()
    assert "could not be removed" in caught.value.detail
    assert panel.create().state is State.ACTIVE


def test_dkim_that_fails_is_a_note_and_not_a_failed_order(panel, simulator) -> None:
    simulator.fault("status", "*/dkim-*", status=500, times=None)
    done = panel.create()
    assert done.state is State.ACTIVE
    assert "DKIM is not set up" in done.notes[0]
