"""Suspend, release, end, change of package, adoption: nothing is ever deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.contract import ConflictError, ModuleError, NotFound, State, TemporaryError
from provisioning.modules.easymailarchive.module import EasyMailArchive
from provisioning.modules.easymailarchive.simulator import EasyMailArchiveSimulator
from tests.modules.easymailarchive.conftest import SLUG, ordered, sent
from tests.modules.panel import Panel


def status(simulator: EasyMailArchiveSimulator) -> str:
    return simulator.state.tenant(SLUG).status


def test_suspending_switches_and_reads_back(delivered, simulator) -> None:
    assert delivered.suspend().state is State.SUSPENDED
    assert sent(simulator) == [("PUT", f"/{SLUG}/suspend"), ("GET", f"/{SLUG}")]
    assert status(simulator) == "suspended"


@pytest.mark.parametrize("act", ["suspend", "unsuspend"])
def test_what_is_so_already_is_a_success_even_where_the_platform_refuses(
    delivered, simulator, act
) -> None:
    simulator.set_variants(repeated=409)
    wanted = {"suspend": State.SUSPENDED, "unsuspend": State.ACTIVE}[act]
    for _ in range(2):
        assert getattr(delivered, act)().state is wanted


def test_a_refused_suspension_is_a_failure_and_nothing_changes(delivered, simulator) -> None:
    simulator.fault("refusal", method="PUT", message="Not today.")
    with pytest.raises(ModuleError, match="Not today"):
        delivered.suspend()
    assert status(simulator) == "active"


def test_an_archive_that_is_gone_cannot_be_suspended(delivered, simulator) -> None:
    simulator.state.remove_tenant(SLUG)
    with pytest.raises(NotFound):
        delivered.suspend()
    assert delivered.observe().state is State.MISSING


def test_the_end_is_a_suspension_with_a_note_for_staff(delivered, simulator) -> None:
    done = delivered.terminate()
    assert done.state is State.SUSPENDED
    assert SLUG in done.notes[0]
    assert "support" in done.notes[0]
    assert status(simulator) == "suspended"
    assert SLUG in delivered.observe().detail
    assert delivered.account.data["slug"] == SLUG


def test_an_archive_suspended_before_its_end_needs_no_further_call(delivered, simulator) -> None:
    delivered.suspend()
    simulator.journal.clear()
    assert delivered.terminate().notes
    assert sent(simulator) == [("GET", f"/{SLUG}")]


def test_an_archive_deleted_by_the_vendor_ends_with_success_and_a_note(
    delivered, simulator
) -> None:
    simulator.state.remove_tenant(SLUG)
    done = delivered.terminate()
    assert done.state is State.MISSING
    assert "not there any more" in done.notes[0]


def test_an_archive_marked_deleted_is_missing(delivered, simulator) -> None:
    simulator.state.set_status(SLUG, "deleted")
    assert delivered.observe().state is State.MISSING
    assert delivered.terminate().state is State.MISSING
    assert not simulator.journal.find(method="PUT")


def test_a_suspension_without_effect_does_not_end_the_service(delivered, simulator) -> None:
    simulator.fault("status", method="PUT", status=200, body='{"status": "suspended"}')
    with pytest.raises(TemporaryError, match="active"):
        delivered.terminate()
    assert status(simulator) == "active"


def test_ending_a_creation_that_was_never_answered_suspends_what_it_made(panel, simulator) -> None:
    simulator.fault("apply-then-close", method="POST")
    simulator.fault("close", method="GET", nth=2, times=6)
    with pytest.raises(TemporaryError):
        panel.create()
    simulator.faults.clear()
    assert panel.terminate().state is State.SUSPENDED
    assert status(simulator) == "suspended"


def test_ending_what_was_never_made_leaves_the_archive_in_its_way_alone(panel, simulator) -> None:
    simulator.state.add_tenant(SLUG, name="Somebody else")
    assert panel.terminate().state is State.MISSING
    assert status(simulator) == "active"
    assert not simulator.journal.find(method="PUT")


def test_a_change_of_package_calls_nothing_but_a_look(delivered, simulator) -> None:
    done = delivered.change_package(included_users=50)
    assert (done.state, done.notes) == (State.ACTIVE, ())
    assert sent(simulator) == [("GET", f"/{SLUG}")]


def test_staff_hear_of_a_plan_that_only_the_vendor_can_change(delivered, simulator) -> None:
    simulator.set_variants(dialect="apis")
    assert delivered.change_package(plan="Starter").notes == ()
    (note,) = delivered.change_package(plan="business").notes
    assert "starter" in note
    assert "business" in note
    assert simulator.state.tenant(SLUG).plan == "starter"


def test_a_state_nobody_described_is_shown_in_the_platforms_words(delivered, simulator) -> None:
    simulator.state.set_status(SLUG, "migrating")
    seen = delivered.observe()
    assert seen.state is State.UNKNOWN
    assert "migrating" in seen.detail


def test_archives_are_listed_by_domain_or_by_their_own_host_name(panel, simulator) -> None:
    simulator.state.add_tenant("acme-corp", name="Acme Corp", users=4, storage=9)
    simulator.state.add_tenant("b-example-2", name="b.example")
    simulator.state.add_tenant("b-example", name="b.example", status="suspended")
    found = {row.domain: row for row in panel.run(lambda module: list(module.inventory()))}
    assert {domain: row.data["slug"] for domain, row in found.items()} == {
        "acme-corp.archive.host.example": "acme-corp",
        "b.example": "b-example-2",
        "b-example.archive.host.example": "b-example",
    }
    assert found["b-example.archive.host.example"].state is State.SUSPENDED
    row = found["acme-corp.archive.host.example"]
    assert (row.mailboxes, row.disk_bytes) == (4, 9)


@pytest.mark.parametrize("domain", ["b.example", "acme-corp.archive.host.example"])
def test_a_listed_archive_can_be_adopted_under_the_name_it_is_listed_by(
    link, simulator, domain
) -> None:
    simulator.state.add_tenant("acme-corp", name="Acme Corp")
    simulator.state.add_tenant("b-example", name="b.example")
    panel = Panel(EasyMailArchive, link, ordered(domain=domain))
    assert panel.adopt().state is State.ACTIVE
    assert panel.suspend().state is State.SUSPENDED
    slug = panel.account.data["slug"]
    assert [
        tenant.slug for tenant in simulator.state.tenants.values() if tenant.status != "active"
    ] == [slug]


def test_what_is_not_listed_cannot_be_adopted(panel, simulator) -> None:
    simulator.state.add_tenant("acme-corp", name="Acme Corp")
    with pytest.raises(NotFound):
        panel.adopt()
    assert panel.account.data == {}


def test_a_typed_name_in_use_is_seen_as_somebody_elses(panel, simulator) -> None:
    simulator.state.add_tenant(SLUG, name="Somebody else")
    panel.account = replace(ordered(auto_slug=False), inputs={"slug": SLUG})
    seen = panel.observe()
    assert seen.state is State.ACTIVE
    assert "did not create it" in seen.detail
    for act in (panel.suspend, panel.unsuspend, panel.terminate):
        with pytest.raises(ConflictError):
            act()
    assert status(simulator) == "active"
    assert not simulator.journal.find(method="PUT")


def test_in_a_whole_life_nothing_is_ever_deleted(panel, simulator) -> None:
    panel.create()
    for act in (panel.suspend, panel.unsuspend, panel.terminate, panel.terminate, panel.create):
        act()
    panel.terminate()
    assert {each.method for each in simulator.journal} == {"GET", "POST", "PUT"}
    assert list(simulator.state.tenants) == [SLUG]
