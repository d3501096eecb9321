"""Workgroups, what was deleted, and the directory as a whole; on both wires unless said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from provisioning.contract import (
    ConflictError,
    InvalidInput,
    NotFound,
    PermanentError,
    TemporaryError,
)
from provisioning.modules.opensrs.settings import GB
from tests.modules.opensrs.conftest import DOMAIN, add, bodies, oma_only, with_options


def test_workgroups_are_listed_made_filled_and_emptied(delivered, bob) -> None:
    def groups():
        return delivered.run(lambda module: module.groups(delivered.account).all())

    delivered.run(lambda module: module.groups(delivered.account).create("sales"))
    delivered.run(lambda module: module.groups(delivered.account).move([bob], "sales"))
    found = {group.name: (group.members, group.is_default) for group in groups()}
    assert found == {"staff": (0, True), "sales": (1, False)}
    with pytest.raises(PermanentError, match="has 1 members"):
        delivered.run(lambda module: module.groups(delivered.account).delete("sales"))
    delivered.run(lambda module: module.groups(delivered.account).move([bob], "staff"))
    for _ in range(2):
        delivered.run(lambda module: module.groups(delivered.account).delete("sales"))
    assert [group.name for group in groups()] == ["staff"]


def test_the_default_workgroup_is_protected(delivered, domain) -> None:
    with pytest.raises(PermanentError) as caught:
        delivered.run(lambda module: module.groups(delivered.account).delete("staff"))
    assert caught.value.message == "The default workgroup cannot be deleted."
    assert domain.workgroups == ["staff"]


def test_workgroups_of_wrong_or_taken_names_are_refused(delivered, domain) -> None:
    for name, kind in (
        ("two words", InvalidInput),
        ("x" * 31, InvalidInput),
        ("Staff", ConflictError),
    ):
        with pytest.raises(kind):
            delivered.run(lambda m: m.groups(delivered.account).create(name))  # noqa: B023
    assert domain.workgroups == ["staff"]


def test_those_that_cannot_be_moved_are_named(delivered, bob) -> None:
    gone = f"gone@{DOMAIN}"
    delivered.run(lambda module: module.groups(delivered.account).create("sales"))
    written = delivered.run(
        lambda module: module.groups(delivered.account).move([gone, bob], "sales")
    )
    assert len(written.incomplete) == 1 and gone in written.incomplete[0]
    found = delivered.run(lambda module: module.mailboxes(delivered.account).get(bob))
    assert found.extra["workgroup"] == "sales"


def test_a_new_mailbox_goes_into_the_workgroup_that_was_chosen(delivered) -> None:
    delivered.run(lambda module: module.groups(delivered.account).create("sales"))
    bob = add(delivered, "bob", extra={"workgroup": "sales"})
    found = delivered.run(lambda module: module.mailboxes(delivered.account).get(bob))
    assert found.extra["workgroup"] == "sales"


@oma_only
def test_a_deleted_mailbox_comes_back_under_its_name(delivered, domain, bob) -> None:
    delivered.run(lambda module: module.mailboxes(delivered.account).delete(bob))
    (row,) = delivered.run(lambda module: module.deleted(delivered.account).all())
    assert (row.address, row.kind) == (bob, "mailbox") and row.deleted_at
    restored = delivered.run(lambda module: module.deleted(delivered.account).restore(row.id))
    assert restored == bob and list(domain.accounts) == [bob]
    assert delivered.run(lambda module: module.deleted(delivered.account).all()) == ()


@oma_only
def test_nothing_is_restored_over_a_name_in_use_or_beyond_what_was_bought(
    delivered, domain, simulator, bob
) -> None:
    delivered.run(lambda module: module.mailboxes(delivered.account).delete(bob))
    (row,) = delivered.run(lambda module: module.deleted(delivered.account).all())
    simulator.state.add_user(bob)
    with pytest.raises(ConflictError):
        delivered.run(lambda module: module.deleted(delivered.account).restore(row.id))
    with_options(delivered, 1, 0)
    with pytest.raises(PermanentError, match="1 of 1 mailboxes"):
        delivered.run(lambda module: module.deleted(delivered.account).restore(row.id))
    assert len(domain.accounts) == 1 and len(domain.deleted) == 1


@oma_only
def test_after_thirty_days_it_is_gone_for_good(delivered, domain, simulator, bob) -> None:
    delivered.run(lambda module: module.mailboxes(delivered.account).delete(bob))
    number = str(domain.deleted[0].account.number)
    simulator.clock.advance(timedelta(days=31).total_seconds())
    with pytest.raises(NotFound):
        delivered.run(lambda module: module.deleted(delivered.account).restore(number))
    assert not domain.accounts


@oma_only
def test_a_large_domain_is_read_in_pages_and_in_brief(delivered, simulator) -> None:
    simulator.set_variants(largest_page=40)
    for number in range(100):
        simulator.state.add_user(f"u{number:03}@{DOMAIN}", aliases=[f"a{number}@{DOMAIN}"])
    found = delivered.run(lambda module: module.snapshot(delivered.account))
    assert len(found.mailboxes) == len(found.aliases) == 100
    assert all(mailbox.brief for mailbox in found.mailboxes)
    assert len(bodies(simulator, "search_users")) == 5
    assert not bodies(simulator, "get_user")


@oma_only
def test_a_small_domain_is_read_in_full(delivered, simulator) -> None:
    simulator.state.add_user(f"bob@{DOMAIN}", name="Bob", bytes_used=3 * GB)
    found = delivered.run(lambda module: module.snapshot(delivered.account))
    (bob,) = found.mailboxes
    assert (bob.display_name, bob.size_bytes, bob.quota_bytes) == ("Bob", 3 * GB, 5 * GB)
    assert not bob.brief


@oma_only
def test_details_that_fail_leave_the_list_and_a_sentence(delivered, simulator, bob) -> None:
    simulator.fault("status", "/api/get_user", status=500, times=None)
    found = delivered.run(lambda module: module.snapshot(delivered.account))
    assert [(one.address, one.brief) for one in found.mailboxes] == [(bob, True)]
    assert "Names and sizes could not all be read" in found.unreadable[0]


@oma_only
def test_a_list_that_never_ends_well_is_trouble_and_not_an_empty_domain(
    delivered, simulator, bob
) -> None:
    simulator.fault("status", "/api/search_users", status=200, body='{"success": true}')
    with pytest.raises(TemporaryError, match="has no users"):
        delivered.run(lambda module: module.snapshot(delivered.account))


def test_a_service_that_was_never_delivered_gets_to_no_mailbox(panel, simulator) -> None:
    simulator.state.add_domain(DOMAIN)
    simulator.state.add_user(f"theirs@{DOMAIN}")
    stores = ("mailboxes", "aliases", "lists", "domain_aliases", "groups", "deleted", "snapshot")
    before = simulator.journal.total
    for store in stores:
        with pytest.raises(ConflictError):
            panel.run(lambda module: getattr(module, store)(panel.account))  # noqa: B023
    assert simulator.journal.total == before
