"""Every request and every answer of a command is broken in turn; retries end in the right state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from provisioning.contract import MisconfiguredError, ModuleError, State
from tests.modules.panel import Panel, patience

REFUSED = '{"success": false, "message": "FAULT_ON_DEMAND"}'
FAULTS: dict[str, dict[str, Any]] = {
    "connection closed before the act": {"kind": "close"},
    "hang before the act": {"kind": "hang"},
    "refused with HTTP 200": {"kind": "refusal"},
    "refused with HTTP 400": {"kind": "status", "status": 400, "body": REFUSED},
    "HTML page with HTTP 200": {"kind": "status", "status": 200, "body": "<html>Hello</html>"},
    "HTML page with HTTP 404": {"kind": "status", "status": 404, "body": "<html>Nothing</html>"},
    "token rejected": {"kind": "status", "status": 401, "body": " "},
    "forbidden": {"kind": "status", "status": 403, "body": " "},
    "too many requests": {"kind": "status", "status": 429, "body": " "},
    "HTTP 500 before the act": {"kind": "status", "status": 500},
    "garbage instead of the act": {"kind": "garbage"},
    "empty body instead of the act": {"kind": "empty"},
    "done, then the connection closed": {"kind": "apply-then-close"},
    "done, then a hang": {"kind": "apply-then-hang"},
    "done, then HTTP 500": {"kind": "apply-then-500"},
    "done, then garbage": {"kind": "apply-then-garbage"},
    "done, then half an answer": {"kind": "truncated"},
}
ATTEMPTS = 4


@pytest.fixture
def broken_in_turn(simulator, panel):
    """Yields once for each request of `act`, after it was struck and the command was retried."""
    ordered = panel.account

    def prepare(arrange: Callable[[], object]) -> None:
        simulator.faults.clear()
        simulator.state.domains.clear()
        panel.link.tokens.forget()
        panel.account = ordered
        arrange()
        panel.link.tokens.forget()  # so that signing in is among the requests to break
        simulator.journal.clear()

    def run(
        fault: dict[str, Any], act: Callable[[], object], arrange: Callable[[], object] = list
    ) -> Iterator[int]:
        panel.read_timeout = patience(fault)
        prepare(arrange)
        act()
        for position in range(1, simulator.journal.total + 1):
            prepare(arrange)
            simulator.fault(nth=position, **fault)
            _carry_out(panel, simulator, act)
            simulator.faults.clear()
            yield position

    return run


def _carry_out(panel: Panel, simulator: Any, act: Callable[[], object]) -> None:
    """Retries as the panel does; staff mend what only they can, by a Test Connection."""
    for _ in range(ATTEMPTS):
        try:
            act()
        except MisconfiguredError:
            panel.run(lambda module: module.check_connection())
        except ModuleError:
            continue
        else:
            return
        finally:
            assert len(simulator.state.domains) <= 1
    raise AssertionError("the command never came to an end")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_create_broken_anywhere_ends_in_exactly_one_domain_that_is_ours(
    broken_in_turn, panel, simulator, fault
) -> None:
    positions = 0
    for position in broken_in_turn(FAULTS[fault], panel.create):
        positions += 1
        assert list(simulator.state.domains) == ["client.example"], f"request {position}"
        domain = simulator.state.domain("client.example")
        assert list(domain.users) == [panel.account.data["admin"]], f"request {position}"
        assert domain.admin.password == panel.account.secrets["admin_password"]
        assert domain.settings["enableActiveSyncAccountManagement"], f"request {position}"
        assert panel.account.data["linked"]
        assert panel.observe().state is State.ACTIVE
    assert positions >= 6


@pytest.mark.parametrize("fault", FAULTS)
def test_a_terminate_broken_anywhere_ends_with_the_domain_gone(
    broken_in_turn, panel, simulator, fault
) -> None:
    for position in broken_in_turn(FAULTS[fault], panel.terminate, arrange=panel.create):
        assert not simulator.state.domains, f"request {position}"
        assert panel.observe().state is State.MISSING


@pytest.mark.parametrize("fault", FAULTS)
def test_a_change_of_package_broken_anywhere_ends_with_the_new_limits(
    broken_in_turn, panel, simulator, fault
) -> None:
    def change() -> object:
        return panel.change_package(max_users=5, outbound_ip="192.0.2.7")

    for position in broken_in_turn(FAULTS[fault], change, arrange=panel.create):
        settings = simulator.state.domain("client.example").settings
        assert settings["maxUsers"] == 6, f"request {position}"
        assert settings["outgoingIP"] == "192.0.2.7"
        assert panel.observe().state is State.ACTIVE


@pytest.mark.parametrize("fault", FAULTS)
def test_a_suspension_broken_anywhere_ends_suspended(
    broken_in_turn, panel, simulator, fault
) -> None:
    for position in broken_in_turn(FAULTS[fault], panel.suspend, arrange=panel.create):
        assert not simulator.state.domain("client.example").is_enabled, f"request {position}"


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
