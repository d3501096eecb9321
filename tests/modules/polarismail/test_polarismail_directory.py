"""Mailboxes, aliases, lists, forwards: limits, one name space, and what the platform leaves open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

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
from provisioning.modules.polarismail.module import PolarisMail
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


def test_zero_aliases_and_zero_lists_allow_none(
    delivered, simulator, aliases, lists, bob
) -> None:
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
def test_mailboxes_aliases_and_lists_share_one_name_space(
    delivered, simulator, boxes, aliases, lists, bob, taken_by
) -> None:
    domain = simulator.state.domain(DOMAIN)
    {
        "mailbox": lambda: simulator.state.add_user(at("info")),
        "alias": lambda: simulator.state.add_alias(at("info"), bob),
        "list": lambda: domain.lists.update(info=[]),
    }[taken_by]()
    attempts = (
        lambda: boxes(lambda s: s.create(at("info"), NEW)),
        lambda: aliases(lambda s: s.save(Alias(address=at("info"), targets=(bob,)), create=True)),
        lambda: lists(lambda s: s.create(MailingList(address=at("info")))),
    )
    for attempt in attempts:
        with pytest.raises(ConflictError, match=taken_by):
            attempt()
    assert not forms(simulator, "addUser", "addAlias", "addList")


# Lost answers


@pytest.mark.parametrize("fault", ["apply-then-close", "apply-then-500", "close", "truncated"])
def test_an_add_with_a_lost_answer_is_made_once(
    simulator, boxes, aliases, lists, bob, fault
) -> None:
    for action in ("addUser", "addAlias", "addList&", "addListMember"):
        simulator.fault(fault, contains=f"action={action}")
    boxes(lambda s: s.create(at("amy"), NEW))
    aliases(lambda s: s.save(Alias(address=at("sales"), targets=(bob,)), create=True))
    lists(lambda s: s.create(MailingList(address=at("team"), members=("x@y.example",))))
    domain = simulator.state.domain(DOMAIN)
    assert (set(domain.users), domain.aliases) == ({"bob", "amy"}, {"sales": bob})
    assert domain.lists == {"team": ["x@y.example"]}


@pytest.mark.parametrize("fault", ["apply-then-close", "apply-then-refusal", "close"])
def test_a_removal_with_a_lost_answer_is_a_success_once_it_is_gone(
    simulator, boxes, aliases, lists, bob, fault
) -> None:
    simulator.state.add_alias(at("sales"), bob)
    domain = simulator.state.domain(DOMAIN)
    domain.lists["team"] = []
    for action in ("removeUser", "removeAlias", "removeList"):
        simulator.fault(fault, contains=f"action={action}")
    aliases(lambda s: s.delete(at("sales")))
    lists(lambda s: s.delete(at("team")))
    boxes(lambda s: s.delete(bob))
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


# What the platform leaves open


@pytest.fixture
def snapshot(delivered):
    return lambda: delivered.run(lambda m: m.snapshot(delivered.account))


@pytest.mark.parametrize("variant", [
    {"empty_list": "null"}, {"empty_list": "false"}, {"empty_list": "array"},
    {"figures": "texts"}, {"figures": "numbers"}, {"returncode": "text"},
])  # fmt: skip
def test_loose_types_and_shapes_of_nothing_are_all_read(
    delivered, simulator, snapshot, boxes, variant
) -> None:
    simulator.set_variants(**variant)
    seen = snapshot()
    assert (seen.mailboxes, seen.aliases, seen.lists, seen.domain_aliases) == ((), (), (), ())
    boxes(lambda s: s.create(at("amy"), replace(NEW, quota_bytes=GB)))
    (amy,) = snapshot().mailboxes
    assert (amy.quota_bytes, amy.size_bytes, amy.enabled) == (GB, 0, True)
    assert delivered.observe().state == "active"


def test_an_empty_list_may_come_as_a_refusal_when_the_figures_say_so(
    delivered, simulator, boxes
) -> None:
    simulator.set_variants(empty_list="refusal")
    boxes(lambda s: s.create(at("amy"), NEW))
    assert "amy" in simulator.state.domain(DOMAIN).users
    delivered.terminate()
    assert delivered.observe().state == "missing"


def test_a_refused_list_that_is_not_empty_is_not_taken_for_empty(
    delivered, simulator, snapshot, boxes, bob
) -> None:
    simulator.fault("refusal", contains="action=getAllUsersDomain", times=None, message="Busy")
    for act in (snapshot, lambda: boxes(lambda s: s.create(at("amy"), NEW))):
        with pytest.raises(PermanentError, match="Busy"):
            act()
    assert not forms(simulator, "addUser")


def test_a_part_that_cannot_be_read_is_named_and_the_rest_is_there(simulator, snapshot, bob) -> None:
    simulator.fault("refusal", contains="action=getAliasDomains", times=None)
    seen = snapshot()
    assert (len(seen.mailboxes), seen.domain_aliases) == (1, None)
    assert "Domain aliases" in seen.unreadable[0]


@pytest.mark.parametrize("variant", [{}, {"page_cap": 25}, {"page_cap": 25, "meta": False}])
def test_more_than_a_page_of_mailboxes_is_read(simulator, snapshot, variant) -> None:
    simulator.set_variants(**variant)
    for number in range(1203 if not variant else 60):
        simulator.state.add_user(at(f"u{number}"))
    assert len(snapshot().mailboxes) == len(simulator.state.domain(DOMAIN).users)


@pytest.mark.parametrize(("base", "half"), [(1000, 500), (1024, 512)])
def test_half_a_gigabyte_goes_in_as_a_decimal_and_comes_back_as_half(
    delivered, simulator, boxes, base, half
) -> None:
    simulator.set_variants(mb_per_gb=base)
    delivered.link = replace(
        delivered.link, settings={"mb_per_gb": "auto" if base == 1000 else "1024"}
    )
    boxes(lambda s: s.create(at("amy"), replace(NEW, quota_bytes=GB // 2)))
    assert simulator.state.domain(DOMAIN).users["amy"].quota == half
    assert boxes(lambda s: s.get(at("amy"))).quota_bytes == GB // 2


def test_a_size_that_is_whole_in_1024_is_read_so_without_being_told(simulator, boxes) -> None:
    simulator.state.add_user(at("amy"), quota=10_240)
    simulator.state.add_user(at("bea"), quota=10_000)
    sizes = [boxes(lambda s, local=local: s.get(at(local))).quota_bytes for local in ("amy", "bea")]
    assert sizes == [10 * GB, 10 * GB]


def test_a_mailbox_whose_own_answer_lacks_the_size_is_read_from_the_list(simulator, boxes) -> None:
    simulator.set_variants(user_info_has_quota=False)
    simulator.state.add_user(at("amy"), quota=4_000, last_auth="2026-03-01 10:00:00")
    seen = boxes(lambda s: s.get(at("amy")))
    assert seen.quota_bytes == 4 * GB
    assert seen.last_login_at == datetime(2026, 3, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("host", ["relative", "full"])
def test_dkim_that_waits_for_its_record_is_on_standby(delivered, simulator, host) -> None:
    simulator.set_variants(dkim_host=host)
    simulator.state.domain(DOMAIN).published = False
    key = delivered.run(lambda m: m.dkim(delivered.account).enable())
    assert (key.state, key.selector) == ("standby", "ea1")
    assert key.public_key.startswith("v=DKIM1")


def test_a_key_that_is_shown_after_switching_off_is_disabled(delivered, simulator) -> None:
    simulator.set_variants(dkim_known_when_off=True)
    delivered.run(lambda m: m.dkim(delivered.account).enable())
    assert delivered.run(lambda m: m.dkim(delivered.account).disable()).state == "disabled"


def test_domain_aliases_keep_to_the_products_limit(delivered, simulator) -> None:
    settings = {**delivered.account.settings, "max_domain_aliases": 1}
    delivered.account = replace(delivered.account, settings=settings)
    delivered.run(lambda m: m.domain_aliases(delivered.account).add("one.example"))
    with pytest.raises(InvalidInput):
        delivered.run(lambda m: m.domain_aliases(delivered.account).add("two.example"))
    assert set(simulator.state.domain(DOMAIN).alias_domains) == {"one.example"}


def test_the_webmail_of_the_vendors_own_hosts_is_known() -> None:
    url = PolarisMail.webmail_url("cp.emailarray.com", 443, secure=True)
    assert url == "https://al.emailarray.com/"
    assert PolarisMail.webmail_url("cp.brand.example", 443, secure=True) == ""
