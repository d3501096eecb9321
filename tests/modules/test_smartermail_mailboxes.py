from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.contract import (
    ConflictError,
    InvalidInput,
    MailboxChange,
    MailingList,
    NotFound,
    TemporaryError,
)
from tests.modules.contract_tests import PASSWORD

BOB = "bob@client.example"
NEW = MailboxChange(password=PASSWORD)


@pytest.fixture
def domain(delivered, simulator):
    return simulator.state.domain("client.example")


@pytest.fixture
def mail(delivered, simulator):
    """Runs an act on the mailbox store of a domain that has bob."""
    simulator.state.add_user(BOB, full_name="Bob", size=2048, max_size=4096)

    def run(act):
        return delivered.run(lambda module: act(module.mailboxes(delivered.account)))

    return run


@pytest.fixture
def aliases(delivered, simulator):
    simulator.state.add_user(BOB)

    def run(act):
        return delivered.run(lambda module: act(module.aliases(delivered.account)))

    return run


def test_a_mailbox_comes_with_everything_it_has(mail, simulator) -> None:
    simulator.state.set_protocol("eas", BOB)
    simulator.state.find_user(BOB)[1].last_login = "2026-03-01T10:00:00Z"
    box = mail(lambda store: store.get("Bob@Client.Example"))
    assert (box.address, box.display_name, box.size_bytes) == (BOB, "Bob", 2048)
    assert (box.quota_bytes, box.enabled, box.features) == (4096, True, {"eas"})
    assert (box.last_login_at.year, box.last_login_at.tzinfo is not None) == (2026, True)
    assert (box.forward_to, box.extra["spam_forward"]) == ((), "None")


def test_a_mailbox_never_used_has_no_last_sign_in(mail) -> None:
    assert mail(lambda store: store.get(BOB)).last_login_at is None


def test_a_mailbox_is_made_with_all_its_parts(mail, domain) -> None:
    change = MailboxChange(
        password=PASSWORD,
        display_name="Amy",
        quota_bytes=10 * 1024**2,
        features=frozenset({"mapi"}),
        aliases=("sales@client.example", "info@client.example"),
        forward_to=("amy@home.example",),
        forward_keeps_copy=False,
        enabled=False,
    )
    assert mail(lambda store: store.create("amy@client.example", change)).incomplete == ()
    amy = domain.users["amy"]
    assert (amy.password, amy.full_name, amy.max_size) == (PASSWORD, "Amy", 10 * 1024**2)
    assert (amy.is_enabled, amy.can_receive, amy.is_domain_admin) == (False, True, False)
    assert (amy.forward.forwardList, amy.forward.deleteOnForward) == (["amy@home.example"], True)
    assert set(domain.aliases) == {"sales", "info"}
    assert set(domain.mapi) == {"amy"}


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("*/alias-put", "alias sales"),
        ("*/post-mailbox-forward-list", "Forwarding"),
        ("*/active-sync-mailboxes-patch", "ActiveSync"),
        ("*/users-disable/*", "Sign-in"),
    ],
)
def test_a_later_step_that_fails_leaves_the_mailbox_and_is_named(
    mail, domain, simulator, path, sentence
) -> None:
    simulator.fault("refusal", path, times=None)
    change = MailboxChange(
        password=PASSWORD,
        aliases=("sales@client.example",),
        forward_to=("x@home.example",),
        features=frozenset({"eas"}),
        enabled=False,
    )
    written = mail(lambda store: store.create("amy@client.example", change))
    assert "amy" in domain.users
    [trouble] = written.incomplete
    assert sentence in trouble


@pytest.mark.parametrize(
    ("address", "change", "field"),
    [
        ("bob", NEW, "address"),
        ("x@other.example", NEW, "address"),
        ("-x@client.example", NEW, "address"),
        ("a b@client.example", NEW, "address"),
        (f"{'x' * 65}@client.example", NEW, "address"),
        ("kim@client.example", MailboxChange(), "password"),
        ("kim@client.example", replace(NEW, quota_bytes=-1), "quota_bytes"),
        ("kim@client.example", replace(NEW, quota_bytes=2 * 1024**4), "quota_bytes"),
        ("kim@client.example", replace(NEW, display_name="n" * 101), "display_name"),
        ("kim@client.example", replace(NEW, aliases=("y@other.example",)), "aliases"),
        ("kim@client.example", replace(NEW, forward_to=("nonsense@",)), "forward_to"),
        ("kim@client.example", replace(NEW, forward_to=("kim@client.example",)), "forward_to"),
        ("kim@client.example", replace(NEW, features=frozenset({"fax"})), "features"),
    ],
)
def test_a_wrong_part_is_named_and_nothing_is_made(mail, simulator, address, change, field) -> None:
    before = set(simulator.state.domain("client.example").users)
    with pytest.raises(InvalidInput) as caught:
        mail(lambda store: store.create(address, change))
    assert caught.value.field == field
    assert set(simulator.state.domain("client.example").users) == before
    assert not simulator.journal.find("*/user-put")


@pytest.mark.parametrize("taken", ["alias", "list"])
def test_a_name_used_otherwise_is_a_conflict(mail, delivered, simulator, taken) -> None:
    if taken == "alias":
        simulator.state.add_alias("sales@client.example", ["bob"])
    else:
        wanted = MailingList(address="sales@client.example")
        delivered.run(lambda module: module.lists(delivered.account).create(wanted))
    with pytest.raises(ConflictError):
        mail(lambda store: store.create("sales@client.example", NEW))


@pytest.mark.parametrize("fault", ["apply-then-close", "apply-then-500", "apply-then-garbage"])
def test_a_creation_whose_answer_is_lost_is_found_and_finished(
    mail, domain, simulator, fault
) -> None:
    simulator.fault(fault, "*/user-put")
    change = MailboxChange(password=PASSWORD, aliases=("sales@client.example",))
    assert mail(lambda store: store.create("amy@client.example", change)).incomplete == ()
    assert "sales" in domain.aliases
    assert len(simulator.journal.find("*/user-put")) == 1


def test_a_creation_that_never_arrived_is_a_temporary_error(mail, domain, simulator) -> None:
    simulator.fault("close", "*/user-put")
    with pytest.raises(TemporaryError):
        mail(lambda store: store.create("amy@client.example", NEW))
    assert "amy" not in domain.users


def test_an_edit_leaves_alone_what_it_does_not_name(mail, domain, simulator) -> None:
    simulator.state.set_protocol("eas", BOB)
    bob = domain.users["bob"]
    bob.forward.forwardList = ["x@home.example"]
    mail(lambda store: store.update(BOB, MailboxChange(display_name="Robert")))
    bob = domain.users["bob"]
    assert (bob.full_name, bob.max_size, bob.forward.forwardList) == (
        "Robert", 4096, ["x@home.example"],
    )  # fmt: skip
    assert set(domain.eas) == {"bob"}
    assert not simulator.journal.find("*-patch")


def test_an_edit_of_a_mailbox_that_is_gone_is_not_found(mail) -> None:
    for change in (MailboxChange(display_name="X"), MailboxChange(enabled=True)):
        with pytest.raises(NotFound):
            mail(lambda store, c=change: store.update("gone@client.example", c))


def test_forwards_end_with_an_empty_list_and_keep_their_other_choices(mail, domain) -> None:
    forward = domain.users["bob"].forward
    forward.forwardList, forward.spamForwardOption = ["x@home.example"], "Delete"
    mail(lambda store: store.update(BOB, MailboxChange(forward_to=())))
    forward = domain.users["bob"].forward
    assert (forward.forwardList, forward.spamForwardOption) == ([], "Delete")


def test_aliases_of_a_mailbox_change_by_difference(mail, domain, simulator) -> None:
    simulator.state.add_alias("only@client.example", ["bob"])
    simulator.state.add_alias("shared@client.example", ["bob", "x@home.example"])
    simulator.state.add_alias("others@client.example", ["x@home.example"])
    simulator.state.add_alias("kept@client.example", [BOB])
    wanted = tuple(f"{name}@client.example" for name in ("kept", "others", "fresh"))
    assert mail(lambda s: s.update(BOB, MailboxChange(aliases=wanted))).incomplete == ()
    targets = {name: alias.aliasTargetList for name, alias in domain.aliases.items()}
    assert targets == {
        "shared": ["x@home.example"],
        "others": ["x@home.example", BOB],
        "kept": [BOB],
        "fresh": [BOB],
    }


def test_protocols_are_switched_off_too(mail, domain, simulator) -> None:
    for protocol in ("eas", "mapi"):
        simulator.state.set_protocol(protocol, BOB)
    written = mail(lambda s: s.update(BOB, MailboxChange(features=frozenset({"mapi"}))))
    assert written.incomplete == ()
    assert (set(domain.eas), set(domain.mapi)) == (set(), {"bob"})


def test_deleting_a_mailbox_takes_along_the_aliases_that_were_its_alone(
    mail, domain, simulator
) -> None:
    simulator.state.add_alias("only@client.example", ["bob"])
    simulator.state.add_alias("shared@client.example", ["bob", "x@home.example"])
    mail(lambda store: store.delete(BOB))
    assert set(domain.aliases) == {"shared"}
    assert "bob" not in domain.users


def test_deleting_a_mailbox_never_takes_an_alias_or_a_list_of_that_name(
    mail, domain, simulator
) -> None:
    simulator.state.add_alias("sales@client.example", ["bob"])
    mail(lambda store: store.delete("sales@client.example"))
    assert set(domain.aliases) == {"sales"}


def test_a_deletion_whose_answer_is_lost_is_found_done(mail, domain, simulator) -> None:
    simulator.fault("apply-then-close", "*/account-list-delete")
    mail(lambda store: store.delete(BOB))
    assert "bob" not in domain.users
