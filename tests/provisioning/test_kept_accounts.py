"""Platforms that keep a terminated account: what counts as the end is the module's to say."""

from __future__ import annotations

import pytest

from config import clock
from provisioning import services
from provisioning.contract import Account, Observed, State, TemporaryError
from provisioning.engine import execution
from provisioning.models import Command, Service
from tests.support.fake_module import FakeModule, Platform

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent")]
KEPT = "The account is kept; ask the vendor to delete it."


def carried_out(command: Command | None) -> Command:
    assert command is not None
    Command.objects.filter(pk=command.pk).update(not_before=clock.now())
    execution.carry_out(command.pk)
    command.refresh_from_db()
    return command


@pytest.fixture
def keeps_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    def terminate(self: FakeModule, account: Account) -> Observed:
        with self.platform.doing("terminate"):
            self.platform.domain(account).state = State.SUSPENDED
        return Observed(state=State.SUSPENDED, notes=(KEPT,))

    monkeypatch.setattr(FakeModule, "terminate", terminate)
    ends = frozenset({State.MISSING, State.SUSPENDED})
    monkeypatch.setattr(FakeModule, "after_terminate", ends)


@pytest.mark.usefixtures("keeps_accounts")
def test_a_terminated_account_may_stay_suspended_where_the_platform_keeps_it(
    active: Service, platform: Platform
) -> None:
    command = carried_out(services.terminate(active, cause="staff:1"))

    active.refresh_from_db()
    assert command.status == Command.Status.DONE
    assert KEPT in command.notes
    assert active.observed == State.SUSPENDED
    assert active.terminated_at is not None
    assert platform.domains[active.domain].state is State.SUSPENDED


@pytest.mark.usefixtures("keeps_accounts")
def test_the_note_for_staff_survives_a_lost_answer(active: Service, platform: Platform) -> None:
    platform.fail("terminate", TemporaryError("gone", maybe_applied=True), after=True)
    command = carried_out(services.terminate(active, cause="staff:1"))
    assert command.status == Command.Status.QUEUED

    command = carried_out(command)

    assert command.status == Command.Status.DONE
    assert KEPT in command.notes


def test_elsewhere_an_account_that_is_still_there_is_not_the_end(
    active: Service, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def terminate(self: FakeModule, account: Account) -> Observed:
        return Observed(state=State.MISSING)

    monkeypatch.setattr(FakeModule, "terminate", terminate)
    command = carried_out(services.terminate(active, cause="staff:1"))

    assert command.status == Command.Status.QUEUED
    assert "the account is active" in command.detail
    assert active.domain in platform.domains
