"""Every request and every answer of a command is broken in turn; retries end in the right state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from provisioning.contract import ModuleError, State
from tests.modules.easymailarchive.conftest import SLUG
from tests.modules.panel import patience

REFUSED = '{"message": "FAULT_ON_DEMAND"}'
JSON = "application/json"
FAULTS: dict[str, dict[str, Any]] = {
    "connection closed before the act": {"kind": "close"},
    "hang before the act": {"kind": "hang"},
    "refused with HTTP 422": {"kind": "refusal"},
    "refused with HTTP 400": {"kind": "status", "status": 400, "body": REFUSED},
    "HTML page with HTTP 200": {"kind": "status", "status": 200, "body": "<html>Hello</html>"},
    "HTML page with HTTP 404": {"kind": "status", "status": 404, "body": "<html>Nothing</html>"},
    "key rejected": {"kind": "status", "status": 401, "body": REFUSED, "content_type": JSON},
    "too many requests": {"kind": "status", "status": 429, "body": REFUSED},
    "HTTP 500 before the act": {"kind": "status", "status": 500},
    "garbage instead of the act": {"kind": "garbage"},
    "empty body instead of the act": {"kind": "empty"},
    "done, then the connection closed": {"kind": "apply-then-close"},
    "done, then a hang": {"kind": "apply-then-hang"},
    "done, then HTTP 500": {"kind": "apply-then-500"},
    "done, then garbage": {"kind": "apply-then-garbage"},
    "done, then half an answer": {"kind": "truncated"},
}
# Of a read, which is repeated, so that the repetitions fail as well; of a change just once.
STRIKES = (1, 3)
ATTEMPTS = 4


@pytest.fixture(params=["help", "apis"])
def broken_in_turn(simulator, panel, request):
    """Yields for each request of `act`, after it was struck and the command was retried."""
    simulator.set_variants(dialect=request.param)
    ordered = panel.account

    def prepare(arrange: Callable[[], object]) -> None:
        simulator.faults.clear()
        simulator.state.tenants.clear()
        simulator.state.used.clear()
        panel.account = ordered
        arrange()
        simulator.journal.clear()

    def run(
        fault: dict[str, Any], act: Callable[[], object], arrange: Callable[[], object] = list
    ) -> Iterator[str]:
        panel.read_timeout = patience(fault)
        prepare(arrange)
        act()
        for position in range(1, simulator.journal.total + 1):
            for times in STRIKES:
                prepare(arrange)
                simulator.fault(nth=position, times=times, **fault)
                _carry_out(simulator, act)
                simulator.faults.clear()
                yield f"request {position}, struck {times} times"

    return run


def _carry_out(simulator: Any, act: Callable[[], object]) -> None:
    """Retries as the panel does, or as staff who have mended what they could."""
    for _ in range(ATTEMPTS):
        try:
            act()
        except ModuleError as error:
            assert error.detail and " " in error.message
        else:
            return
        finally:
            assert len(simulator.state.tenants) <= 1
    raise AssertionError("the command never came to an end")


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
