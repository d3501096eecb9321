"""Every request and every answer of a command is broken in turn; retries end in the right state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from provisioning.contract import (
    ConflictError,
    ModuleError,
    State,
    TemporaryError,
)
from provisioning.modules.polarismail.simulator import PolarisMailSimulator
from tests.modules.breaking import USUAL, Ground
from tests.modules.polarismail.conftest import DOMAIN, OPTIONS, forms

FAULTS: dict[str, dict[str, Any]] = USUAL | {
    "forbidden": {"kind": "status", "status": 403, "body": " "},
    "JSON without a return code": {"kind": "status", "status": 200, "body": '{"returndata": "x"}'},
    "done, then a refusal": {"kind": "apply-then-refusal"},
}


@pytest.fixture
def ground(simulator: Any) -> Ground:
    domains = simulator.state.domains
    return Ground(empty=domains.clear, held=lambda: len(domains))


@pytest.fixture
def working(panel, simulator):
    """A domain that is proven, with a mailbox of the old size and one of a size of its own."""

    def arrange() -> None:
        panel.create()
        simulator.state.publish_verification(DOMAIN)
        panel.keep(panel.observe())
        simulator.state.add_user(f"bob@{DOMAIN}", quota=10_000)
        simulator.state.add_user(f"amy@{DOMAIN}", quota=2_000)

    return arrange


@pytest.mark.parametrize("fault", FAULTS)
def test_a_create_broken_anywhere_ends_in_exactly_one_domain_that_is_ours(
    broken_in_turn, panel, simulator, fault
) -> None:
    positions = 0
    for where in broken_in_turn(FAULTS[fault], panel.create):
        positions += 1
        assert list(simulator.state.domains) == [DOMAIN], where
        kept = panel.account.data
        assert kept["claim"] == DOMAIN, where
        assert kept["verification"]["value"] == simulator.state.domain(DOMAIN).txt
        assert panel.observe().state is State.WAITING
    assert positions >= 6


@pytest.mark.parametrize("fault", FAULTS)
def test_a_terminate_broken_anywhere_ends_with_the_domain_gone(
    broken_in_turn, panel, simulator, working, fault
) -> None:
    for where in broken_in_turn(FAULTS[fault], panel.terminate, arrange=working):
        assert not simulator.state.domains, where
        assert panel.observe().state is State.MISSING


@pytest.mark.parametrize("fault", FAULTS)
def test_a_change_of_package_broken_anywhere_ends_with_the_new_sizes(
    broken_in_turn, panel, simulator, working, fault
) -> None:
    def change() -> object:
        options = {**OPTIONS, "mailbox_quota_gb": 20}
        panel.account = replace(panel.account, options=options)
        return panel.change_package()

    for where in broken_in_turn(FAULTS[fault], change, arrange=working):
        users = simulator.state.domain(DOMAIN).users
        assert (users["bob"].quota, users["amy"].quota) == (20_000, 2_000), where
        assert panel.account.data["quota_gb"] == "20"
        assert panel.observe().state is State.ACTIVE


@pytest.mark.parametrize("fault", FAULTS)
def test_a_suspension_broken_anywhere_ends_suspended(
    broken_in_turn, panel, simulator, working, fault
) -> None:
    for where in broken_in_turn(FAULTS[fault], panel.suspend, arrange=working):
        assert not simulator.state.domain(DOMAIN).active, where


def test_the_claim_is_stored_before_the_domain_is_asked_for(panel, simulator) -> None:
    simulator.fault("close", contains="action=addDomain", times=None)
    with pytest.raises(TemporaryError):
        panel.create()
    assert panel.account.data["claim"] == DOMAIN
    assert not simulator.state.domains


def test_an_add_that_is_seen_not_to_have_happened_is_tried_once_more(panel, simulator) -> None:
    simulator.fault("close", contains="action=addDomain")
    assert panel.create().state is State.WAITING
    assert len(forms(simulator, "addDomain")) == 2
    assert len(simulator.state.domains) == 1


def test_an_add_whose_outcome_cannot_be_seen_is_not_tried_again(panel, simulator) -> None:
    simulator.fault("apply-then-close", contains="action=addDomain")
    simulator.fault("close", contains="action=getAllDomains", nth=2)
    with pytest.raises(TemporaryError):
        panel.create()
    assert len(forms(simulator, "addDomain")) == 1
    assert panel.create().state is State.WAITING
    assert len(forms(simulator, "addDomain")) == 1


def test_a_name_that_was_refused_for_good_is_not_claimed(panel, simulator) -> None:
    simulator.set_variants(max_domains=0)
    with pytest.raises(ModuleError, match="maximum number of domains"):
        panel.create()
    simulator.set_variants(max_domains=5)
    simulator.state.add_domain(DOMAIN)
    for act in (panel.create, panel.terminate):
        with pytest.raises(ConflictError):
            act()
    assert list(simulator.state.domains) == [DOMAIN]


def test_a_domain_of_the_same_name_with_another_number_is_not_ours(delivered, simulator) -> None:
    simulator.state.remove_domain(DOMAIN)
    simulator.state.add_domain(DOMAIN)
    for act in (delivered.suspend, delivered.terminate):
        with pytest.raises(ConflictError):
            act()
    assert simulator.state.domain(DOMAIN).active


@pytest.fixture
def two_hosts(panel, simulator):
    with PolarisMailSimulator(twin=simulator) as other:
        settings = {**panel.link.settings, "fallback_host": f"127.0.0.1:{other.port}"}
        panel.link = replace(panel.link, settings=settings)
        yield other


def test_a_first_host_in_trouble_hands_over_to_the_second_with_the_same_token(
    delivered, simulator, two_hosts
) -> None:
    simulator.fault("status", status=502, times=None)
    assert delivered.observe().state is State.ACTIVE
    first, second = simulator.journal[-1], two_hosts.journal[-1]
    assert (first.path, first.body) == (second.path, second.body)
    assert not forms(two_hosts, "login")


def test_an_add_on_a_host_in_trouble_is_looked_for_before_the_second_host_is_asked(
    panel, simulator, two_hosts
) -> None:
    simulator.fault("apply-then-500", contains="action=addDomain")
    assert panel.create().state is State.WAITING
    assert len(forms(simulator, "addDomain")) == 1
    assert not forms(two_hosts, "addDomain")
    assert forms(two_hosts, "getAllDomains")


def test_an_add_that_did_not_happen_goes_to_the_second_host(panel, simulator, two_hosts) -> None:
    simulator.fault("status", status=503, contains="action=addDomain", times=None)
    assert panel.create().state is State.WAITING
    assert len(forms(two_hosts, "addDomain")) == 1


def test_a_first_host_that_is_down_hands_over_too(delivered, simulator, two_hosts) -> None:
    simulator.stop()
    assert delivered.observe().state is State.ACTIVE


def test_two_hosts_in_trouble_are_a_temporary_error(delivered, simulator, two_hosts) -> None:
    for host in (simulator, two_hosts):
        host.fault("status", status=500, times=None)
    with pytest.raises(TemporaryError):
        delivered.observe()
    assert (len(simulator.journal), len(two_hosts.journal)) == (1, 1)
