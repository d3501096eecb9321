"""Aliases are whole lists on the platform, and none is ever lost."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from provisioning.contract import (
    Alias,
    ConflictError,
    InvalidInput,
    MailboxChange,
    MailingList,
    PermanentError,
)
from tests.modules.opensrs.conftest import DOMAIN, PASSWORD, SALES, bodies, oma_only


def test_adding_an_alias_keeps_the_others(delivered, simulator, bob) -> None:
    simulator.state.add_domain("elsewhere.example")
    held = [f"info@{DOMAIN}", "bob@elsewhere.example"]
    simulator.state.account(bob).aliases = list(held)
    new = Alias(address=SALES, targets=(bob,))
    delivered.run(lambda module: module.aliases(delivered.account).save(new, create=True))
    assert sorted(simulator.state.account(bob).aliases) == sorted([*held, SALES])


def test_deleting_an_alias_keeps_its_owner_and_the_others(delivered, simulator, bob) -> None:
    simulator.state.account(bob).aliases = [SALES, f"info@{DOMAIN}"]
    delivered.run(lambda module: module.aliases(delivered.account).delete(SALES))
    assert simulator.state.account(bob).aliases == [f"info@{DOMAIN}"]


def test_setting_a_mailboxs_aliases_leaves_those_of_other_domains(
    delivered, simulator, bob
) -> None:
    simulator.state.add_domain("elsewhere.example")
    simulator.state.account(bob).aliases = ["bob@elsewhere.example", f"old@{DOMAIN}"]
    change = MailboxChange(aliases=(SALES,))
    delivered.run(lambda module: module.mailboxes(delivered.account).update(bob, change))
    assert sorted(simulator.state.account(bob).aliases) == ["bob@elsewhere.example", SALES]


@oma_only
def test_two_aliases_at_once_are_both_kept(delivered, simulator, bob) -> None:
    names = [f"name{number}@{DOMAIN}" for number in range(4)]

    def attempt(name: str) -> None:
        alias = Alias(address=name, targets=(bob,))
        delivered.run(lambda module: module.aliases(delivered.account).save(alias, create=True))

    threads = [threading.Thread(target=attempt, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(simulator.state.account(bob).aliases) == names


@oma_only
def test_an_alias_list_is_read_merged_written_and_read_back(delivered, simulator, bob) -> None:
    simulator.state.account(bob).aliases = [f"info@{DOMAIN}"]
    new = Alias(address=SALES, targets=(bob,))
    delivered.run(lambda module: module.aliases(delivered.account).save(new, create=True))
    sent = bodies(simulator)
    write = sent.index(
        ("change_user", {"user": bob, "attributes": {"aliases": [f"info@{DOMAIN}", SALES]}})
    )
    assert sent[write - 1] == sent[write + 1] == ("get_user", {"user": bob})


@oma_only
def test_an_alias_that_somebody_else_adds_meanwhile_is_not_overwritten(
    delivered, simulator, bob, monkeypatch
) -> None:
    account, respond = simulator.state.account(bob), simulator.respond
    intruders = [f"meanwhile@{DOMAIN}"]

    def respond_and_intrude(request):
        response = respond(request)
        if request.path == "/api/change_user" and intruders:
            account.aliases = [intruders.pop()]  # another panel wrote the list it had read
        return response

    monkeypatch.setattr(simulator, "respond", respond_and_intrude)
    new = Alias(address=SALES, targets=(bob,))
    delivered.run(lambda module: module.aliases(delivered.account).save(new, create=True))
    assert sorted(account.aliases) == [f"meanwhile@{DOMAIN}", SALES]


def test_an_alias_moves_to_another_mailbox(delivered, simulator, bob) -> None:
    ann = simulator.state.add_user(f"ann@{DOMAIN}").address
    simulator.state.account(bob).aliases = [SALES]
    move = Alias(address=SALES, targets=(ann,))
    delivered.run(lambda module: module.aliases(delivered.account).save(move, create=False))
    assert simulator.state.account(ann).aliases == [SALES]
    assert simulator.state.account(bob).aliases == []


def test_an_alias_that_could_not_move_is_back_where_it_was(
    delivered, simulator, bob, protocol
) -> None:
    ann = simulator.state.add_user(f"ann@{DOMAIN}").address
    simulator.state.account(bob).aliases = [SALES]
    second = {"oma": ("/api/change_user", 2), "app": ("/app/create_alias_mailbox", 1)}[protocol]
    simulator.fault("refusal", second[0], nth=second[1], message="14")
    move = Alias(address=SALES, targets=(ann,))
    with pytest.raises(PermanentError):
        delivered.run(lambda module: module.aliases(delivered.account).save(move, create=False))
    assert simulator.state.account(bob).aliases == [SALES]
    assert simulator.state.account(ann).aliases == []


@pytest.mark.parametrize(
    "targets",
    [("x@home.example",), (f"bob@{DOMAIN}", f"ann@{DOMAIN}"), (), (f"nobody@{DOMAIN}",),
     (f"info@{DOMAIN}",), (SALES,)],
)  # fmt: skip
def test_an_alias_belongs_to_exactly_one_account_of_the_domain(
    delivered, simulator, bob, targets
) -> None:
    simulator.state.account(bob).aliases = [f"info@{DOMAIN}"]
    before = simulator.state.revision
    wrong = Alias(address=SALES, targets=targets)
    with pytest.raises(InvalidInput) as caught:
        delivered.run(lambda module: module.aliases(delivered.account).save(wrong, create=True))
    assert caught.value.field == "targets"
    assert simulator.state.revision == before


def test_a_name_is_given_out_once_whatever_has_it(delivered, simulator, bob) -> None:
    simulator.state.account(bob).aliases = [SALES]
    team = MailingList(address=SALES, members=("a@home.example",))
    taken = MailboxChange(password=PASSWORD)
    for act in (
        lambda module: module.mailboxes(delivered.account).create(SALES, taken),
        lambda module: module.lists(delivered.account).create(team),
        lambda module: module.aliases(delivered.account).save(
            Alias(address=SALES, targets=(bob,)), create=True
        ),
    ):
        with pytest.raises(ConflictError):
            delivered.run(act)
    assert simulator.state.account(bob).aliases == [SALES]


def test_a_limit_of_aliases_holds(delivered, simulator, bob) -> None:
    delivered.account = replace(
        delivered.account, settings={**delivered.account.settings, "alias_limit": 1}
    )
    simulator.state.account(bob).aliases = [f"info@{DOMAIN}"]
    with pytest.raises(PermanentError, match="1 of 1 aliases"):
        delivered.run(
            lambda module: module.aliases(delivered.account).save(
                Alias(address=SALES, targets=(bob,)), create=True
            )
        )
    swap = MailboxChange(aliases=(SALES,))
    delivered.run(lambda module: module.mailboxes(delivered.account).update(bob, swap))
    assert simulator.state.account(bob).aliases == [SALES]
