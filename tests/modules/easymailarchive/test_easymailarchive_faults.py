"""Every request and every answer of a command is broken in turn; retries end in the right state."""

from __future__ import annotations

from typing import Any

import pytest

from provisioning.contract import ModuleError, State
from tests.modules.breaking import ATTEMPTS, USUAL, Ground
from tests.modules.easymailarchive.conftest import SLUG

REFUSED = '{"message": "FAULT_ON_DEMAND"}'
JSON = "application/json"
FAULTS: dict[str, dict[str, Any]] = USUAL | {
    "refused with HTTP 400": {"kind": "status", "status": 400, "body": REFUSED},
    "key rejected": {"kind": "status", "status": 401, "body": REFUSED, "content_type": JSON},
    "too many requests": {"kind": "status", "status": 429, "body": REFUSED},
}


@pytest.fixture(params=["help", "apis"])
def ground(simulator: Any, request: pytest.FixtureRequest) -> Ground:
    """A read is repeated, so it is also struck so often that the repetitions fail as well."""
    simulator.set_variants(dialect=request.param)

    def empty() -> None:
        simulator.state.tenants.clear()
        simulator.state.used.clear()

    return Ground(empty, held=lambda: len(simulator.state.tenants), strikes=(1, 3))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_create_broken_anywhere_ends_in_exactly_one_archive_that_is_ours(
    broken_in_turn, panel, simulator, fault
) -> None:
    rounds = 0
    for where in broken_in_turn(FAULTS[fault], panel.create):
        rounds += 1
        assert list(simulator.state.tenants) == [SLUG], where
        assert panel.account.data["slug"] == SLUG, where
        assert panel.observe().state is State.ACTIVE, where
        made = simulator.state.tenant(SLUG)
        shown = panel.account.secrets["admin_password"]
        assert not shown or shown == made.admin_password, where
    assert rounds >= 4


@pytest.mark.parametrize("fault", FAULTS)
def test_a_terminate_broken_anywhere_ends_with_the_archive_kept_and_suspended(
    broken_in_turn, panel, simulator, fault
) -> None:
    notes: list[str] = []

    def terminate() -> None:
        notes[:] = panel.terminate().notes

    for where in broken_in_turn(FAULTS[fault], terminate, arrange=panel.create):
        assert simulator.state.tenant(SLUG).status == "suspended", where
        assert panel.observe().state is State.SUSPENDED, where
        assert "support" in notes[0], where


@pytest.mark.parametrize("fault", FAULTS)
def test_a_change_of_package_broken_anywhere_changes_nothing_there(
    broken_in_turn, panel, simulator, fault
) -> None:
    def change() -> object:
        return panel.change_package(included_users=5)

    for where in broken_in_turn(FAULTS[fault], change, arrange=panel.create):
        assert simulator.state.tenant(SLUG).status == "active", where
        assert panel.observe().state is State.ACTIVE, where


@pytest.mark.parametrize("fault", FAULTS)
def test_a_suspension_and_a_release_broken_anywhere_end_as_wanted(
    broken_in_turn, panel, simulator, fault
) -> None:
    for where in broken_in_turn(FAULTS[fault], panel.suspend, arrange=panel.create):
        assert simulator.state.tenant(SLUG).status == "suspended", where
        assert panel.unsuspend().state is State.ACTIVE, where


def test_a_creation_lost_again_and_again_is_never_made_twice(panel, simulator) -> None:
    simulator.fault("apply-then-close", method="POST", times=None)
    simulator.fault("close", method="GET", nth=2, times=9)
    for _ in range(ATTEMPTS):
        with pytest.raises(ModuleError):
            panel.create()
        if simulator.journal.total > 9:
            break
    simulator.faults.clear()
    assert panel.create().state is State.ACTIVE
    assert list(simulator.state.tenants) == [SLUG]
    assert len(simulator.journal.find(method="POST")) == 1
