"""Every request and every answer of a command is broken in turn; retries end in the right state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from provisioning.contract import (
    ConflictError,
    MailboxChange,
    ModuleError,
    PermanentError,
    State,
    TemporaryError,
)
from tests.modules.breaking import USUAL, Ground
from tests.modules.opensrs.conftest import DOMAIN, PASSWORD, add, bodies

FAULTS: dict[str, dict[str, Any]] = USUAL | {
    "try again later": {"kind": "refusal", "message": "20"},
    "credentials rejected": {"kind": "refusal", "message": "1"},
    "JSON without success": {"kind": "status", "status": 200, "body": '{"audit": "x"}'},
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
        assert list(simulator.state.domains) == [DOMAIN], where
        assert _limits(simulator) == (5, 3), where
        assert panel.account.data["linked"]
        assert panel.observe().state is State.ACTIVE
    assert positions >= 3


@pytest.mark.parametrize("fault", FAULTS)
def test_a_terminate_broken_anywhere_ends_with_the_domain_and_its_users_gone(
    broken_in_turn, panel, simulator, fault
) -> None:
    def arrange() -> None:
        panel.create()
        simulator.state.add_user(f"bob@{DOMAIN}", aliases=[f"sales@{DOMAIN}"])
        simulator.state.add_user(f"all@{DOMAIN}", kind="forward")

    for where in broken_in_turn(FAULTS[fault], panel.terminate, arrange=arrange):
        assert not simulator.state.domains, where
        assert panel.observe().state is State.MISSING


@pytest.mark.parametrize("fault", FAULTS)
def test_a_change_of_package_broken_anywhere_ends_with_the_new_limits(
    broken_in_turn, panel, simulator, fault
) -> None:
    def change() -> object:
        panel.account = replace(panel.account, options={"mailboxes": 9, "forwards": 4})
        return panel.change_package()

    for where in broken_in_turn(FAULTS[fault], change, arrange=panel.create):
        assert _limits(simulator) == (9, 4), where
        assert panel.observe().state is State.ACTIVE


@pytest.mark.parametrize("fault", FAULTS)
def test_a_suspension_broken_anywhere_ends_suspended(
    broken_in_turn, panel, simulator, fault
) -> None:
    for where in broken_in_turn(FAULTS[fault], panel.suspend, arrange=panel.create):
        assert simulator.state.domains[DOMAIN].disabled, where
        assert panel.observe().state is State.SUSPENDED


@pytest.mark.parametrize("fault", FAULTS)
def test_a_new_mailbox_broken_anywhere_is_one_mailbox_and_no_alias_is_lost(
    broken_in_turn, panel, simulator, fault
) -> None:
    def make() -> object:
        try:
            return add(panel, "bob", aliases=(f"sales@{DOMAIN}",))
        except ConflictError:  # a lost answer: the form is sent again, and edits what is there
            change = MailboxChange(password=PASSWORD, aliases=(f"sales@{DOMAIN}",))
            return panel.run(
                lambda module: module.mailboxes(panel.account).update(f"bob@{DOMAIN}", change)
            )

    for where in broken_in_turn(FAULTS[fault], make, arrange=panel.create):
        domain = simulator.state.domains[DOMAIN]
        assert list(domain.accounts) == [f"bob@{DOMAIN}"], where


def test_the_mark_is_stored_before_the_domain_is_asked_for(panel, simulator, protocol) -> None:
    asked = {"oma": "/api/change_domain", "app": "/app/create_domain"}[protocol]
    simulator.fault("close", asked)
    with pytest.raises(ModuleError):
        panel.create()
    assert panel.account.data["asked"] and panel.account.data["mark"]
    assert not simulator.state.domains


def test_a_refused_creation_leaves_no_claim_to_what_others_make_later(
    panel, simulator, protocol
) -> None:
    asked = {"oma": "/api/change_domain", "app": "/app/create_domain"}[protocol]
    simulator.fault("refusal", asked, message="14")
    with pytest.raises(PermanentError):
        panel.create()
    simulator.state.add_domain(DOMAIN)
    with pytest.raises(ConflictError):
        panel.create()
    with pytest.raises(ConflictError):
        panel.terminate()
    assert list(simulator.state.domains) == [DOMAIN]


def test_a_domain_that_others_filled_after_our_lost_request_is_not_ours(
    panel, simulator, protocol
) -> None:
    asked = {"oma": "/api/change_domain", "app": "/app/create_domain"}[protocol]
    simulator.fault("close", asked)
    with pytest.raises(TemporaryError):
        panel.create()
    simulator.state.add_domain(DOMAIN)
    simulator.state.add_user(f"theirs@{DOMAIN}")
    with pytest.raises(ConflictError):
        panel.create()
    assert list(simulator.state.domains[DOMAIN].accounts) == [f"theirs@{DOMAIN}"]


def test_a_terminated_service_has_no_claim_to_a_later_domain_of_that_name(
    delivered, simulator
) -> None:
    delivered.terminate()
    simulator.state.add_domain(DOMAIN)
    with pytest.raises(ConflictError):
        delivered.terminate()
    with pytest.raises(ConflictError):
        delivered.run(lambda module: module.mailboxes(delivered.account))
    assert list(simulator.state.domains) == [DOMAIN]


@pytest.mark.parametrize("act", ["create", "suspend"])
def test_a_domain_of_another_reseller_is_neither_taken_nor_touched(panel, simulator, act) -> None:
    simulator.state.add_domain(DOMAIN, owner="others")
    with pytest.raises((ConflictError, PermanentError)):
        getattr(panel, act)()
    assert panel.observe().state is not State.ACTIVE
    assert simulator.state.domains[DOMAIN].owner == "others"
    assert not simulator.state.domains[DOMAIN].disabled


def test_a_domain_that_went_to_another_reseller_is_not_deleted_there(delivered, simulator) -> None:
    simulator.state.domains[DOMAIN].owner = "others"
    try:
        delivered.terminate()
    except ConflictError as error:
        assert error.detail
    assert list(simulator.state.domains) == [DOMAIN]


@pytest.mark.parametrize("protocol", ["oma"])
def test_a_session_that_ends_in_mid_run_is_opened_once_and_the_work_goes_on(
    delivered, simulator
) -> None:
    simulator.platform.tokens.end_all()
    simulator.journal.clear()
    assert delivered.suspend().state is State.SUSPENDED
    assert len(bodies(simulator, "authenticate")) == 1


@pytest.mark.parametrize("protocol", ["app"])
def test_an_idle_session_that_was_ended_is_opened_anew(delivered, simulator) -> None:
    def act(module: Any) -> object:
        module.observe(delivered.account)
        simulator.end_app_sessions()
        return module.suspend(delivered.account, "unpaid")

    assert delivered.run(act).state is State.SUSPENDED
    assert len(simulator.journal.find("/app/login")) == 2


def _limits(simulator: Any) -> tuple[int, int]:
    """(mailboxes, forwards) as the platform keeps them; OMA has only one number for both."""
    domain = simulator.state.domains[DOMAIN]
    if domain.limits:
        return domain.limits["mailbox"], domain.limits["forward_only"]
    return {8: (5, 3), 13: (9, 4)}[domain.attributes["limit_users"]]
