"""Work that goes on after the panel has answered."""

from __future__ import annotations

import pytest

from provisioning.contract import (
    State,
    TemporaryError,
)
from tests.modules.ispmanager.conftest import forms


def test_work_that_goes_on_after_the_answer_is_waited_for(panel, simulator) -> None:
    simulator.set_variants(late_seconds=0.3)
    assert panel.create().state is State.ACTIVE
    assert len(forms(simulator, "user.add.finish")) == 1
    assert not forms(simulator, "emaildomain.edit")
    assert panel.terminate().state is State.MISSING


def test_an_account_that_comes_very_late_is_found_by_the_next_attempt(panel, simulator) -> None:
    simulator.set_variants(late_seconds=60)
    for _ in range(2):
        with pytest.raises(TemporaryError):
            panel.create()
    simulator.clock.advance(61)
    assert panel.create().state is State.ACTIVE
    assert [one.name for one in simulator.state.of_level(16)] == ["client"]


def test_a_removal_that_takes_long_is_not_reported_as_done(delivered, simulator) -> None:
    simulator.set_variants(late_seconds=60)
    with pytest.raises(TemporaryError):
        delivered.terminate()
    simulator.clock.advance(61)
    assert delivered.terminate().state is State.MISSING
