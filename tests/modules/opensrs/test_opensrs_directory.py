"""Mailboxes and forwards; on both wires."""

from __future__ import annotations

import pytest

from provisioning.contract import (
    InvalidInput,
    MailboxChange,
    MailingList,
    NotFound,
)
from provisioning.modules.opensrs.settings import GB
from tests.modules.opensrs.conftest import DOMAIN, PASSWORD, SALES, add, forward


def test_a_forward_can_be_edited_with_its_recipients_shown(delivered) -> None:
    team = forward(delivered, "team", "a@home.example", "b@home.example")
    members = delivered.run(lambda module: module.lists(delivered.account).members(team))
    assert members == ("a@home.example", "b@home.example")
    wanted = MailingList(address=team, members=("c@home.example",))
    delivered.run(lambda module: module.lists(delivered.account).update(wanted))
    assert delivered.run(lambda module: module.lists(delivered.account).members(team)) == (
        "c@home.example",
    )


def test_a_forward_that_would_loop_is_refused(delivered, simulator, bob) -> None:
    delivered.run(lambda module: module.domain_aliases(delivered.account).add("twin.example"))
    simulator.state.account(bob).aliases = [SALES]
    for target in (bob, SALES, "bob@twin.example"):
        loop = MailboxChange(forward_to=(target,))
        with pytest.raises(InvalidInput) as caught:
            delivered.run(lambda module: module.mailboxes(delivered.account).update(bob, loop))  # noqa: B023
        assert caught.value.field == "forward_to"
    with pytest.raises(InvalidInput):
        forward(delivered, "team", f"team@{DOMAIN}")
    assert not simulator.state.account(bob).attributes.get("delivery_forward")


def test_a_forward_keeps_a_recipient_at_least(delivered) -> None:
    team = forward(delivered, "team")
    with pytest.raises(InvalidInput, match="delete it otherwise"):
        delivered.run(
            lambda module: module.lists(delivered.account).change_members(
                team, add=(), remove=["a@home.example"]
            )
        )


def test_a_mailbox_is_no_forward_and_a_forward_no_mailbox(delivered, bob) -> None:
    team = forward(delivered, "team")
    for act in (
        lambda module: module.lists(delivered.account).delete(bob),
        lambda module: module.mailboxes(delivered.account).delete(team),
        lambda module: module.mailboxes(delivered.account).set_password(team, PASSWORD),
    ):
        with pytest.raises(NotFound):
            delivered.run(act)
    snapshot = delivered.run(lambda module: module.snapshot(delivered.account))
    assert [one.address for one in snapshot.mailboxes] == [bob]
    assert [one.address for one in snapshot.lists] == [team]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "has a blank in it"}, "password"),
        ({"password": 'has"quotes"inside'}, "password"),
        ({"password": "{SSHA}0123456789abcdef"}, "password"),
        ({"password": "umlaut-müller-12"}, "password"),
        ({"password": "1234-bob-5678"}, "password"),
        ({"password": "x" * 55}, "password"),
        ({"quota_bytes": 7 * GB}, "quota_bytes"),
        ({"quota_bytes": 0}, "quota_bytes"),
        ({"display_name": "x" * 513}, "display_name"),
        ({"forward_to": ("nonsense",)}, "forward_to"),
        ({"aliases": ("sales@other.example",)}, "aliases"),
        ({"aliases": (f"a..b@{DOMAIN}",)}, "aliases"),
        ({"extra": {"title": "x" * 61}}, "title"),
        ({"extra": {"phone": "0" * 31}}, "phone"),
        ({"extra": {"workgroup": "two words"}}, "workgroup"),
        ({"extra": {"spam_level": "Extreme"}}, "spam_level"),
        ({"extra": {"password": "sneaked-in"}}, "password"),
    ],
)
def test_wrong_input_is_named_and_nothing_is_made(delivered, domain, change, field) -> None:
    with pytest.raises(InvalidInput) as caught:
        add(delivered, "bob", **change) if "password" not in change else delivered.run(
            lambda module: module.mailboxes(delivered.account).create(
                f"bob@{DOMAIN}", MailboxChange(**change)
            )
        )
    assert caught.value.field == field
    assert not domain.accounts


@pytest.mark.parametrize("local", ["-x", "a..b", "x" * 65, "ümlaut", "a b", "a+b", ""])
def test_addresses_the_platform_would_refuse_are_refused_here(delivered, simulator, local) -> None:
    before = simulator.journal.total
    with pytest.raises(InvalidInput):
        add(delivered, local)
    assert simulator.journal.total == before


def test_a_size_outside_the_tiers_that_is_there_already_may_stay(delivered, simulator, bob) -> None:
    simulator.state.account(bob).attributes["quota"] = 7 * GB
    change = MailboxChange(quota_bytes=7 * GB, display_name="Robert")
    delivered.run(lambda module: module.mailboxes(delivered.account).update(bob, change))
    assert simulator.state.account(bob).attributes["name"] == "Robert"


def test_an_edit_of_a_mailbox_that_is_gone_does_not_make_it(delivered, domain) -> None:
    with pytest.raises(NotFound):
        delivered.run(
            lambda module: module.mailboxes(delivered.account).update(
                f"gone@{DOMAIN}", MailboxChange(display_name="Gone")
            )
        )
    assert not domain.accounts


def test_a_mailbox_is_switched_off_and_on_within_what_the_product_allows(
    delivered, simulator, bob
) -> None:
    for enabled in (False, True):
        change = MailboxChange(enabled=enabled)
        delivered.run(lambda m: m.mailboxes(delivered.account).update(bob, change))  # noqa: B023
        found = delivered.run(lambda m: m.mailboxes(delivered.account).get(bob))
        assert found.enabled is enabled
    assert "service_smtpin" not in simulator.state.account(bob).attributes
