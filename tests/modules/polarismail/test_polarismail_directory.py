"""Mailboxes, aliases, lists, forwards: limits, one name space, lost answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import pytest

from provisioning.contract import (
    Alias,
    ConflictError,
    InvalidInput,
    MailboxChange,
    MailingList,
    ModuleError,
    NotFound,
    PermanentError,
)
from tests.modules.contract_tests import PASSWORD
from tests.modules.polarismail.conftest import DOMAIN, forms

GB = 1024**3
NEW = MailboxChange(password=PASSWORD)


def at(local: str) -> str:
    return f"{local}@{DOMAIN}"


@pytest.fixture
def boxes(delivered):
    """Runs an act on the mailbox store."""
    return lambda act: delivered.run(lambda m: act(m.mailboxes(delivered.account)))


@pytest.fixture
def aliases(delivered):
    return lambda act: delivered.run(lambda m: act(m.aliases(delivered.account)))


@pytest.fixture
def lists(delivered):
    return lambda act: delivered.run(lambda m: act(m.lists(delivered.account)))


@pytest.fixture
def mail(boxes, aliases, lists):
    return SimpleNamespace(boxes=boxes, aliases=aliases, lists=lists)


def buy(panel, **options) -> None:
    panel.account = replace(panel.account, options={**panel.account.options, **options})


# Limits


def test_two_tabs_cannot_pass_the_limit_together(delivered, simulator, boxes) -> None:
    buy(delivered, total_mailboxes=1, total_enhanced_mailboxes=0)
    simulator.fault("delay", contains="action=addUser", seconds=0.2, times=None)

    def create(local: str) -> str:
        try:
            boxes(lambda store: store.create(at(local), NEW))
        except ModuleError as error:
            return type(error).__name__
        return "made"

    with ThreadPoolExecutor(2) as tabs:
        assert sorted(tabs.map(create, ("amy", "bea"))) == ["InvalidInput", "made"]
    assert len(simulator.state.domain(DOMAIN).users) == 1


@pytest.mark.parametrize("disabled", [False, True])
def test_a_full_package_refuses_a_mailbox_and_sends_no_add(
    delivered, simulator, boxes, disabled
) -> None:
    buy(delivered, total_mailboxes=1, total_enhanced_mailboxes=0)
    simulator.state.add_user(at("amy"), disabled=disabled)
    with pytest.raises(InvalidInput, match="1 Basic mailboxes"):
        boxes(lambda store: store.create(at("bea"), NEW))
    assert not forms(simulator, "addUser")


def test_each_type_has_its_own_limit(delivered, simulator, boxes) -> None:
    buy(delivered, total_mailboxes=0, total_enhanced_mailboxes=1)
    basic = replace(NEW, extra={"account_type": "basic"})
    with pytest.raises(InvalidInput, match="0 Basic mailboxes"):
        boxes(lambda store: store.create(at("amy"), basic))
    boxes(lambda store: store.create(at("amy"), NEW))
    assert simulator.state.domain(DOMAIN).users["amy"].account_type == 2


def test_a_change_of_type_needs_a_free_place(delivered, simulator, boxes) -> None:
    buy(delivered, total_enhanced_mailboxes=1)
    for local in ("amy", "bea"):
        simulator.state.add_user(at(local))
    enhanced = MailboxChange(extra={"account_type": "enhanced"})
    boxes(lambda store: store.update(at("amy"), enhanced))
    with pytest.raises(InvalidInput, match="1 Enhanced mailboxes"):
        boxes(lambda store: store.update(at("bea"), enhanced))
    users = simulator.state.domain(DOMAIN).users
    assert (users["amy"].account_type, users["bea"].account_type) == (2, 1)
    assert boxes(lambda store: store.get(at("amy"))).extra == {"account_type": "enhanced"}


def test_zero_aliases_and_zero_lists_allow_none(delivered, simulator, aliases, lists, bob) -> None:
    buy(delivered, total_aliases=0, total_distribution_lists=0)
    with pytest.raises(InvalidInput):
        aliases(lambda s: s.save(Alias(address=at("x"), targets=(bob,)), create=True))
    with pytest.raises(InvalidInput):
        lists(lambda s: s.create(MailingList(address=at("team"))))
    assert not forms(simulator, "addAlias", "addList")


@pytest.mark.parametrize("size", [0, 10 * GB + 1, 11 * GB])
def test_a_size_beyond_the_package_is_refused_beside_its_field(boxes, simulator, size) -> None:
    with pytest.raises(InvalidInput) as caught:
        boxes(lambda store: store.create(at("amy"), replace(NEW, quota_bytes=size)))
    assert caught.value.field == "quota_bytes"
    assert not forms(simulator, "addUser")


def test_a_mailbox_above_a_smaller_package_may_keep_its_size(delivered, simulator, boxes) -> None:
    simulator.state.add_user(at("amy"), quota=20_000)
    boxes(lambda s: s.update(at("amy"), MailboxChange(display_name="Amy", quota_bytes=20 * GB)))
    assert simulator.state.domain(DOMAIN).users["amy"].quota == 20_000


@pytest.mark.parametrize("taken_by", ["mailbox", "alias", "list"])
def test_mailboxes_aliases_and_lists_share_one_name_space(simulator, mail, bob, taken_by) -> None:
    domain = simulator.state.domain(DOMAIN)
    {
        "mailbox": lambda: simulator.state.add_user(at("info")),
        "alias": lambda: simulator.state.add_alias(at("info"), bob),
        "list": lambda: domain.lists.update(info=[]),
    }[taken_by]()
    alias = Alias(address=at("info"), targets=(bob,))
    attempts = (
        lambda: mail.boxes(lambda s: s.create(at("info"), NEW)),
        lambda: mail.aliases(lambda s: s.save(alias, create=True)),
        lambda: mail.lists(lambda s: s.create(MailingList(address=at("info")))),
    )
    for attempt in attempts:
        with pytest.raises(ConflictError, match=taken_by):
            attempt()
    assert not forms(simulator, "addUser", "addAlias", "addList")


# Lost answers


@pytest.mark.parametrize("fault", ["apply-then-close", "apply-then-500", "close", "truncated"])
def test_an_add_with_a_lost_answer_is_made_once(simulator, mail, bob, fault) -> None:
    for action in ("addUser", "addAlias", "addList&", "addListMember"):
        simulator.fault(fault, contains=f"action={action}")
    mail.boxes(lambda s: s.create(at("amy"), NEW))
    mail.aliases(lambda s: s.save(Alias(address=at("sales"), targets=(bob,)), create=True))
    mail.lists(lambda s: s.create(MailingList(address=at("team"), members=("x@y.example",))))
    domain = simulator.state.domain(DOMAIN)
    assert (set(domain.users), domain.aliases) == ({"bob", "amy"}, {"sales": bob})
    assert domain.lists == {"team": ["x@y.example"]}


@pytest.mark.parametrize("fault", ["apply-then-close", "apply-then-refusal", "close"])
def test_a_removal_with_a_lost_answer_is_a_success_once_it_is_gone(
    simulator, mail, bob, fault
) -> None:
    simulator.state.add_alias(at("sales"), bob)
    domain = simulator.state.domain(DOMAIN)
    domain.lists["team"] = []
    for action in ("removeUser", "removeAlias", "removeList"):
        simulator.fault(fault, contains=f"action={action}")
    mail.aliases(lambda s: s.delete(at("sales")))
    mail.lists(lambda s: s.delete(at("team")))
    mail.boxes(lambda s: s.delete(bob))
    assert (domain.users, domain.aliases, domain.lists) == ({}, {}, {})


# Aliases


def test_an_alias_leads_to_exactly_one_mailbox_of_the_domain(simulator, aliases, bob) -> None:
    for targets in ((bob, at("amy")), (), (at("nobody"),), ("x@elsewhere.example",)):
        with pytest.raises(InvalidInput) as caught:
            aliases(lambda s, t=targets: s.save(Alias(address=at("x"), targets=t), create=True))
        assert caught.value.field == "targets"
    assert not forms(simulator, "addAlias")


def test_an_alias_that_cannot_be_made_anew_is_put_back(simulator, aliases, bob) -> None:
    amy = simulator.state.add_user(at("amy"))
    simulator.state.add_alias(at("sales"), bob)
    simulator.fault("refusal", contains="action=addAlias", times=2, message="No")
    with pytest.raises(PermanentError, match="No"):
        aliases(lambda s: s.save(Alias(address=at("sales"), targets=(amy,)), create=False))
    assert simulator.state.domain(DOMAIN).aliases == {"sales": bob}


def test_an_alias_that_is_lost_for_good_is_said_to_be(simulator, aliases, bob) -> None:
    amy = simulator.state.add_user(at("amy"))
    simulator.state.add_alias(at("sales"), bob)
    simulator.fault("refusal", contains="action=addAlias", times=None)
    with pytest.raises(PermanentError) as caught:
        aliases(lambda s: s.save(Alias(address=at("sales"), targets=(amy,)), create=False))
    assert "was lost" in caught.value.message


def test_the_aliases_of_a_mailbox_are_set_by_difference(simulator, boxes, bob) -> None:
    simulator.state.add_alias(at("old"), bob)
    simulator.state.add_alias(at("stays"), bob)
    change = MailboxChange(aliases=(at("stays"), at("new")))
    assert boxes(lambda s: s.update(bob, change)).incomplete == ()
    assert simulator.state.domain(DOMAIN).aliases == {"stays": bob, "new": bob}


def test_an_alias_beyond_the_limit_is_named_and_the_mailbox_is_made(
    delivered, simulator, boxes
) -> None:
    buy(delivered, total_aliases=1)
    change = replace(NEW, aliases=(at("one"), at("two")))
    written = boxes(lambda s: s.create(at("amy"), change))
    assert len(written.incomplete) == 1
    assert "two" in written.incomplete[0]
    assert set(simulator.state.domain(DOMAIN).aliases) == {"one"}


# Lists


def test_members_that_fail_are_named_and_the_list_is_kept(simulator, lists) -> None:
    simulator.fault("refusal", contains="newmember=bad", times=None, message="Blocked")
    members = ("bad@y.example", "good@y.example")
    with pytest.raises(PermanentError) as caught:
        lists(lambda s: s.create(MailingList(address=at("team"), members=members)))
    assert "bad@y.example" in caught.value.message
    assert "good@y.example" not in caught.value.message
    assert simulator.state.domain(DOMAIN).lists == {"team": ["good@y.example"]}


def test_members_are_changed_by_difference(simulator, lists) -> None:
    simulator.state.domain(DOMAIN).lists["team"] = ["a@y.example", "b@y.example"]
    wanted = MailingList(address=at("team"), members=("b@y.example", "c@y.example"))
    lists(lambda s: s.update(wanted))
    assert simulator.state.domain(DOMAIN).lists["team"] == ["b@y.example", "c@y.example"]
    assert len(forms(simulator, "addListMember", "removeListMember")) == 2


def test_a_list_that_is_not_there_is_not_found(lists) -> None:
    with pytest.raises(NotFound):
        lists(lambda s: s.members(at("team")))


# Forwards


def test_a_mailbox_always_keeps_a_copy(simulator, boxes, bob) -> None:
    change = MailboxChange(forward_to=("x@y.example",), forward_keeps_copy=False)
    with pytest.raises(InvalidInput) as caught:
        boxes(lambda s: s.update(bob, change))
    assert caught.value.field == "forward_keeps_copy"
    assert not forms(simulator, "getOTPass")


def test_a_forward_with_a_lost_answer_is_added_once(simulator, boxes, bob) -> None:
    simulator.fault("apply-then-close", contains="action=addForward")
    boxes(lambda s: s.update(bob, MailboxChange(forward_to=("x@y.example",))))
    assert simulator.state.domain(DOMAIN).users["bob"].forwards == ["x@y.example"]


def test_forwards_that_cannot_be_set_are_told_and_the_mailbox_is_made(simulator, boxes) -> None:
    simulator.fault("refusal", "/json.php", times=None)
    change = replace(NEW, forward_to=("x@y.example",))
    written = boxes(lambda s: s.create(at("amy"), change))
    assert "Forwarding could not be changed" in written.incomplete[0]
    assert "amy" in simulator.state.domain(DOMAIN).users


def test_a_change_of_nothing_but_forwards_that_fails_is_an_error(simulator, boxes, bob) -> None:
    simulator.fault("refusal", "/json.php", times=None)
    with pytest.raises(PermanentError):
        boxes(lambda s: s.update(bob, MailboxChange(forward_to=("x@y.example",))))


def test_what_cannot_be_changed_later_is_told(boxes, bob) -> None:
    change = MailboxChange(display_name="Bob", extra={"timezone": "Europe/Berlin"})
    assert "Language and time zone" in boxes(lambda s: s.update(bob, change)).incomplete[0]


def test_a_fault_in_the_package_does_not_keep_a_password_from_being_changed(
    delivered, simulator, boxes, bob
) -> None:
    delivered.account = replace(delivered.account, options={})
    boxes(lambda s: s.set_password(bob, PASSWORD))
    user = simulator.state.domain(DOMAIN).users["bob"]
    assert (user.password, user.quota) == (PASSWORD, 10_000)
