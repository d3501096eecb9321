"""Add only while fewer exist than were bought; when more exist, delete first. On both wires."""

from __future__ import annotations

import threading

import pytest

from provisioning.contract import (
    DoesNotFit,
    Limits,
    ModuleError,
    PermanentError,
)
from provisioning.modules.opensrs.module import OpenSrs
from provisioning.modules.opensrs.settings import GB
from tests.modules.opensrs.conftest import DOMAIN, add, forward, with_options


def test_mailboxes_are_added_only_while_fewer_exist_than_were_bought(
    delivered, simulator, domain
) -> None:
    for number in range(5):
        add(delivered, f"u{number}")
    writes = len(domain.accounts), simulator.state.revision
    with pytest.raises(PermanentError) as caught:
        add(delivered, "one-more")
    assert caught.value.message.startswith("All 5 mailboxes that you have bought are in use.")
    assert (len(domain.accounts), simulator.state.revision) == writes
    forward(delivered, "still-room")


def test_forwards_are_counted_apart_from_mailboxes(delivered, domain) -> None:
    for number in range(3):
        forward(delivered, f"f{number}")
    with pytest.raises(PermanentError, match="3 of 3 forwards"):
        forward(delivered, "one-more")
    assert domain.counts()["forward"] == 3
    add(delivered, "bob")


def test_aliases_and_filters_are_free_and_not_counted(delivered, simulator, bob) -> None:
    simulator.state.add_user(f"scan@{DOMAIN}", kind="filter")
    simulator.state.account(bob).aliases = [f"alias{number}@{DOMAIN}" for number in range(9)]
    with_options(delivered, 2, 0)
    add(delivered, "ann")


def test_when_fewer_are_bought_than_exist_something_is_deleted_first(
    delivered, domain, simulator
) -> None:
    for number in range(4):
        simulator.state.add_user(f"u{number}@{DOMAIN}")
    with_options(delivered, 2, 3)
    with pytest.raises(PermanentError) as caught:
        add(delivered, "one-more")
    assert caught.value.message == (
        "4 mailboxes exist and 2 are bought. Delete 2 first, or buy more."
    )
    assert len(domain.accounts) == 4


def test_a_downgrade_below_what_exists_is_refused_and_changes_nothing(
    delivered, domain, simulator
) -> None:
    for number in range(4):
        simulator.state.add_user(f"u{number}@{DOMAIN}")
    before = simulator.state.revision
    with_options(delivered, 2, 3)
    sentence = "4 mailboxes exist and 2 are bought: delete 2 first"
    assert delivered.run(lambda module: module.plan_change(delivered.account)) == (sentence,)
    with pytest.raises(DoesNotFit, match=sentence):
        delivered.change_package()
    assert simulator.state.revision == before


def test_where_the_product_allows_it_a_downgrade_is_a_note_and_deletes_nothing(
    delivered, domain, simulator
) -> None:
    for number in range(4):
        simulator.state.add_user(f"u{number}@{DOMAIN}")
    with_options(delivered, 2, 3)
    done = delivered.change_package(downgrade="allow")
    assert done.notes == ("4 mailboxes exist and 2 are bought: delete 2 first",)
    assert len(domain.accounts) == 4
    assert delivered.run(lambda module: module.plan_change(delivered.account)) == ()


def test_two_at_once_for_the_last_place_make_one_mailbox(delivered, domain, simulator) -> None:
    with_options(delivered, 1, 0)
    refused: list[ModuleError] = []

    def attempt(local: str) -> None:
        try:
            add(delivered, local)
        except ModuleError as error:
            refused.append(error)

    both = [threading.Thread(target=attempt, args=(local,)) for local in ("ann", "ben")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(domain.accounts) == 1 and len(refused) == 1


def test_limits_are_what_was_bought() -> None:
    settings = OpenSrs.product_fields.defaults()
    limits = OpenSrs.limits(settings, {"mailboxes": 7, "forwards": "2"})
    assert limits == Limits(mailboxes=7, lists=2, max_quota_bytes=100 * GB)
    assert OpenSrs.limits(settings, {}).mailboxes == 0
    assert OpenSrs.limits(settings, {"mailboxes": "many"}).mailboxes == 0
