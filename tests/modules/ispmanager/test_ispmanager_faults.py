"""Every request and every answer of a command is broken in turn; retries end in the right state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from provisioning.contract import (
    ConflictError,
    MisconfiguredError,
    ModuleError,
    PermanentError,
    State,
    TemporaryError,
)
from provisioning.modules.ispmanager.simulator.state import State as PanelState
from tests.modules.ispmanager.conftest import ADMIN_PASSWORD, DOMAIN, forms
from tests.modules.panel import Panel, patience

ERROR = '{"doc":{"error":{"$type":"%s","$object":"%s","msg":{"$":"FAULT_ON_DEMAND"}}}}'
FORM = '{"doc":{"$func":"%s","name":{"$":""}}}'
FAULTS: dict[str, dict[str, Any]] = {
    "connection closed before the act": {"kind": "close"},
    "hang before the act": {"kind": "hang"},
    "refused": {"kind": "refusal"},
    "sign-in refused": {"kind": "status", "status": 200, "body": ERROR % ("auth", "badpassword")},
    "not allowed": {"kind": "status", "status": 200, "body": ERROR % ("access", "user")},
    "a form instead of ok": {"kind": "status", "status": 200, "body": FORM % "other"},
    "HTML page with HTTP 200": {"kind": "status", "status": 200, "body": "<html>Hello</html>"},
    "HTML page with HTTP 404": {"kind": "status", "status": 404, "body": "<html>None</html>"},
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
def server_settings(server_settings):
    return {**server_settings, "wait_seconds": 0.2}


@pytest.fixture
def account(account):
    """With two addresses, which are given one call at a time."""
    return replace(account, options={"ip": 2})


Break = Callable[..., Iterator[int]]


@pytest.fixture
def broken_in_turn(simulator) -> Break:
    """Yields once for each request of `act`, after it was struck and the command was retried."""

    def prepare(panel: Panel, ordered: Any, arrange: Callable[[], object]) -> None:
        simulator.faults.clear()
        simulator.state = PanelState(simulator.clock)
        simulator.state.add_admin("root", ADMIN_PASSWORD)
        panel.account = ordered
        arrange()
        simulator.journal.clear()

    def run(
        panel: Panel,
        fault: dict[str, Any],
        act: Callable[[], object],
        arrange: Callable[[], object] = list,
    ) -> Iterator[int]:
        panel.read_timeout = patience(fault)
        ordered = panel.account
        prepare(panel, ordered, arrange)
        act()
        for position in range(1, simulator.journal.total + 1):
            prepare(panel, ordered, arrange)
            simulator.fault(nth=position, **fault)
            _carry_out(simulator, act)
            simulator.faults.clear()
            yield position

    return run


def _carry_out(simulator: Any, act: Callable[[], object]) -> None:
    """Retries as the panel does, and as staff do once they have mended what they can."""
    for _ in range(ATTEMPTS):
        try:
            act()
        except ModuleError as error:
            assert error.detail and error.message
        else:
            return
        finally:
            assert len(simulator.state.of_level(16)) <= 1
            assert len(simulator.state.of_level(24)) <= 1
    raise AssertionError("the command never came to an end")


def given_addresses(simulator: Any) -> list[str]:
    return [one.name for one in simulator.state.addresses if one.owner == "client"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_create_broken_anywhere_ends_in_exactly_one_account_that_is_ours(
    broken_in_turn, panel, simulator, fault
) -> None:
    positions = 0
    for position in broken_in_turn(panel, FAULTS[fault], panel.create):
        positions += 1
        [person] = simulator.state.of_level(16)
        assert person.name == panel.account.data["login"] == "client", f"request {position}"
        assert person.password == panel.account.secrets["password"]
        assert simulator.state.mail_domains[DOMAIN].owner == "client"
        assert sorted(panel.account.data["addresses"]) == given_addresses(simulator)
        assert len(given_addresses(simulator)) == 2, f"request {position}"
        assert panel.observe().state is State.ACTIVE
    assert positions >= 12


@pytest.mark.parametrize("fault", FAULTS)
def test_a_reseller_broken_anywhere_ends_in_exactly_one(
    broken_in_turn, reseller_panel, simulator, fault
) -> None:
    for position in broken_in_turn(reseller_panel, FAULTS[fault], reseller_panel.create):
        assert [one.name for one in simulator.state.of_level(24)] == ["client"], position
        assert reseller_panel.observe().state is State.ACTIVE


@pytest.mark.parametrize("fault", FAULTS)
def test_a_terminate_broken_anywhere_ends_with_the_account_gone(
    broken_in_turn, panel, simulator, fault
) -> None:
    for position in broken_in_turn(panel, FAULTS[fault], panel.terminate, arrange=panel.create):
        assert not simulator.state.of_level(16), f"request {position}"
        assert not given_addresses(simulator)
        assert panel.observe().state is State.MISSING


@pytest.mark.parametrize("fault", FAULTS)
def test_a_change_of_package_broken_anywhere_ends_with_the_new_limits_and_addresses(
    broken_in_turn, panel, simulator, fault
) -> None:
    def change() -> object:
        panel.account = replace(panel.account, options={"ip": 3})
        return panel.change_package(template="mail-large", limit_emails="5")

    for position in broken_in_turn(panel, FAULTS[fault], change, arrange=panel.create):
        person = simulator.state.people["client"]
        assert (person.preset, person.limits["limit_emails"]) == ("mail-large", "5"), position
        assert len(given_addresses(simulator)) == 3, f"request {position}"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_suspension_broken_anywhere_ends_suspended(
    broken_in_turn, panel, simulator, fault
) -> None:
    for position in broken_in_turn(panel, FAULTS[fault], panel.suspend, arrange=panel.create):
        assert not simulator.state.people["client"].active, f"request {position}"


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
