"""Every request and every answer of a command is broken in turn; retries end in the right state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from provisioning.contract import (
    ConflictError,
    MisconfiguredError,
    PermanentError,
    State,
    TemporaryError,
)
from provisioning.modules.ispmanager.simulator.state import State as PanelState
from tests.modules.breaking import USUAL, Ground
from tests.modules.ispmanager.conftest import ADMIN_PASSWORD, DOMAIN, forms

ERROR = '{"doc":{"error":{"$type":"%s","$object":"%s","msg":{"$":"FAULT_ON_DEMAND"}}}}'
FORM = '{"doc":{"$func":"%s","name":{"$":""}}}'
FAULTS: dict[str, dict[str, Any]] = USUAL | {
    "sign-in refused": {"kind": "status", "status": 200, "body": ERROR % ("auth", "badpassword")},
    "not allowed": {"kind": "status", "status": 200, "body": ERROR % ("access", "user")},
    "a form instead of ok": {"kind": "status", "status": 200, "body": FORM % "other"},
}


@pytest.fixture
def server_settings(server_settings):
    return {**server_settings, "wait_seconds": 0.2}


@pytest.fixture
def account(account):
    """With two addresses, which are given one call at a time."""
    return replace(account, options={"ip": 2})


@pytest.fixture
def ground(simulator: Any) -> Ground:
    def empty() -> None:
        simulator.state = PanelState(simulator.clock)
        simulator.state.add_admin("root", ADMIN_PASSWORD)

    def held() -> int:
        return max(len(simulator.state.of_level(level)) for level in (16, 24))

    return Ground(empty, held)


def given_addresses(simulator: Any) -> list[str]:
    return [one.name for one in simulator.state.addresses if one.owner == "client"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_create_broken_anywhere_ends_in_exactly_one_account_that_is_ours(
    broken_in_turn, panel, simulator, fault
) -> None:
    positions = 0
    for where in broken_in_turn(FAULTS[fault], panel.create):
        positions += 1
        [person] = simulator.state.of_level(16)
        assert person.name == panel.account.data["login"] == "client", where
        assert person.password == panel.account.secrets["password"]
        assert simulator.state.mail_domains[DOMAIN].owner == "client"
        assert sorted(panel.account.data["addresses"]) == given_addresses(simulator)
        assert len(given_addresses(simulator)) == 2, where
        assert panel.observe().state is State.ACTIVE
    assert positions >= 12


@pytest.mark.parametrize("fault", FAULTS)
def test_a_reseller_broken_anywhere_ends_in_exactly_one(
    broken_in_turn, reseller_panel, simulator, fault
) -> None:
    create = reseller_panel.create
    for where in broken_in_turn(FAULTS[fault], create, panel=reseller_panel):
        assert [one.name for one in simulator.state.of_level(24)] == ["client"], where
        assert reseller_panel.observe().state is State.ACTIVE


@pytest.mark.parametrize("fault", FAULTS)
def test_a_terminate_broken_anywhere_ends_with_the_account_gone(
    broken_in_turn, panel, simulator, fault
) -> None:
    for where in broken_in_turn(FAULTS[fault], panel.terminate, arrange=panel.create):
        assert not simulator.state.of_level(16), where
        assert not given_addresses(simulator)
        assert panel.observe().state is State.MISSING


@pytest.mark.parametrize("fault", FAULTS)
def test_a_change_of_package_broken_anywhere_ends_with_the_new_limits_and_addresses(
    broken_in_turn, panel, simulator, fault
) -> None:
    def change() -> object:
        panel.account = replace(panel.account, options={"ip": 3})
        return panel.change_package(template="mail-large", limit_emails="5")

    for where in broken_in_turn(FAULTS[fault], change, arrange=panel.create):
        person = simulator.state.people["client"]
        assert (person.preset, person.limits["limit_emails"]) == ("mail-large", "5"), where
        assert len(given_addresses(simulator)) == 3, where


@pytest.mark.parametrize("fault", FAULTS)
def test_a_suspension_broken_anywhere_ends_suspended(
    broken_in_turn, panel, simulator, fault
) -> None:
    for where in broken_in_turn(FAULTS[fault], panel.suspend, arrange=panel.create):
        assert not simulator.state.people["client"].active, where


def test_the_login_is_stored_before_the_account_is_asked_for(panel, simulator) -> None:
    simulator.fault("close", contains="user.add.finish")
    with pytest.raises(TemporaryError):
        panel.create()
    assert panel.account.data["login"] == "client"
    assert panel.account.secrets["password"]
    assert not simulator.state.of_level(16)


def test_a_call_that_changes_something_is_never_repeated_by_itself(panel, simulator) -> None:
    simulator.fault("status", contains="user.add.finish", status=500, times=None)
    with pytest.raises(TemporaryError):
        panel.create()
    assert len(forms(simulator, "user.add.finish")) == 1


def test_addresses_that_cannot_be_had_leave_an_account_that_can_be_resumed_or_removed(
    panel, simulator
) -> None:
    for address in simulator.state.addresses[1:10]:
        address.iprole = "reserved"
    with pytest.raises(PermanentError) as caught:
        panel.create()
    assert "The account client exists, its addresses do not" in caught.value.detail
    assert len(given_addresses(simulator)) == 1
    simulator.state.addresses[1].iprole = "free"
    assert panel.create().state is State.ACTIVE
    assert len(given_addresses(simulator)) == 2
    assert len(forms(simulator, "user.add.finish")) == 1


def test_a_mail_domain_that_is_missing_is_made_when_the_creation_is_resumed(
    panel, simulator
) -> None:
    simulator.fault("status", contains="func=ipaddr&", status=500)
    with pytest.raises(TemporaryError):
        panel.create()
    simulator.state.drop_mail_domain(DOMAIN)
    panel.create()
    assert simulator.state.mail_domains[DOMAIN].owner == "client"
    [edit] = forms(simulator, "emaildomain.edit")
    assert (edit["name"], edit["owner"], edit["sok"]) == (DOMAIN, "client", "ok")


def test_a_mail_domain_that_another_has_taken_meanwhile_is_left_to_him(panel, simulator) -> None:
    simulator.fault("status", contains="func=ipaddr&", status=500)
    with pytest.raises(TemporaryError):
        panel.create()
    simulator.state.mail_domains[DOMAIN].owner = "other"
    with pytest.raises(ConflictError):
        panel.create()
    assert simulator.state.mail_domains[DOMAIN].owner == "other"


def test_a_wrong_password_in_mid_creation_is_for_staff(panel, simulator) -> None:
    simulator.fault(**FAULTS["sign-in refused"], contains="user.add.finish")
    with pytest.raises(MisconfiguredError) as caught:
        panel.create()
    assert "two-factor" in caught.value.detail
