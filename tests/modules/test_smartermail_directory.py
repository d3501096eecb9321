from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.contract import (
    Alias,
    ConflictError,
    InvalidInput,
    MailboxChange,
    MailingList,
    NotFound,
    PermanentError,
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


@pytest.mark.parametrize(
    ("alias", "field"),
    [
        (Alias(address="x@other.example", targets=("bob",)), "address"),
        (Alias(address="+x@client.example", targets=("bob",)), "address"),
        (Alias(address="x@client.example", targets=()), "targets"),
        (Alias(address="x@client.example", targets=("  ",)), "targets"),
        (Alias(address="x@client.example", targets=("no address@",)), "targets"),
        (Alias(address="x@client.example", targets=("X",)), "targets"),
        (Alias(address="x@client.example", targets=("bob",), flags={"odd": True}), "flags"),
    ],
)
def test_a_wrong_alias_is_refused_and_nothing_sent(aliases, domain, alias, field) -> None:
    with pytest.raises(InvalidInput) as caught:
        aliases(lambda store: store.save(alias, create=True))
    assert caught.value.field == field
    assert not domain.aliases


def test_an_alias_with_the_name_of_a_mailbox_is_a_conflict(aliases, domain) -> None:
    with pytest.raises(ConflictError):
        aliases(lambda s: s.save(Alias(address=BOB, targets=("x@home.example",)), create=True))
    assert not domain.aliases


def test_changing_an_alias_that_is_gone_is_not_found(aliases) -> None:
    alias = Alias(address="gone@client.example", targets=("bob",))
    with pytest.raises(NotFound):
        aliases(lambda store: store.save(alias, create=False))


def test_flags_of_an_alias_change_only_when_named(aliases, domain, simulator) -> None:
    simulator.state.add_alias("sales@client.example", ["bob"])
    domain.aliases["sales"].hideFromGAL = True
    alias = Alias(address="sales@client.example", targets=("bob",), flags={"internal_only": True})
    aliases(lambda store: store.save(alias, create=False))
    assert (domain.aliases["sales"].hideFromGAL, domain.aliases["sales"].internalOnly) == (
        True,
        True,
    )


def test_a_lost_answer_to_a_new_alias_is_found_done(aliases, domain, simulator) -> None:
    simulator.fault("apply-then-close", "*/alias-put")
    aliases(lambda s: s.save(Alias(address="a@client.example", targets=("bob",)), create=True))
    assert set(domain.aliases) == {"a"}


@pytest.mark.parametrize(
    "name", ["client.example", "nodot", "a..b", "-x.example", "x", "a_b.example"]
)
def test_a_wrong_domain_alias_is_refused_and_nothing_sent(delivered, simulator, name) -> None:
    with pytest.raises(InvalidInput):
        delivered.run(lambda module: module.domain_aliases(delivered.account).add(name))
    assert not simulator.journal.find("*/domain-alias-put/*")


def test_domain_aliases_end_at_the_packages_number(delivered, simulator) -> None:
    for number in range(3):
        delivered.run(lambda m, n=number: m.domain_aliases(delivered.account).add(f"a{n}.example"))
    with pytest.raises(PermanentError) as caught:
        delivered.run(lambda m: m.domain_aliases(delivered.account).add("a4.example"))
    assert "allows 3" in caught.value.message
    assert len(simulator.journal.find("*/domain-alias-put/*")) == 3


def test_an_international_domain_alias_goes_as_punycode(delivered, domain) -> None:
    delivered.run(lambda m: m.domain_aliases(delivered.account).add("bücher.example"))
    assert list(domain.domain_aliases) == ["xn--bcher-kva.example"]


def test_a_list_whose_members_are_refused_is_taken_back(delivered, domain, simulator) -> None:
    simulator.fault("refusal", "*/subscriber-add")
    wanted = MailingList(address="team@client.example", members=("x@home.example",))
    with pytest.raises(PermanentError):
        delivered.run(lambda m: m.lists(delivered.account).create(wanted))
    assert not domain.lists


def test_a_lists_description_and_members_change_together(delivered, domain) -> None:
    wanted = MailingList(address="team@client.example", members=("a@home.example",))
    delivered.run(lambda m: m.lists(delivered.account).create(wanted))
    change = replace(wanted, description="All", members=("b@home.example", "c@home.example"))
    delivered.run(lambda m: m.lists(delivered.account).update(change))
    [found] = domain.lists.values()
    assert found.settings["description"] == "All"
    assert sorted(found.of("subscriber")) == ["b@home.example", "c@home.example"]


def test_a_part_that_cannot_be_read_is_named_and_the_rest_is_there(delivered, simulator) -> None:
    simulator.state.add_user(BOB)
    simulator.fault("status", "*/mailing-lists/list", status=500, times=None)
    snapshot = delivered.run(lambda m: m.snapshot(delivered.account))
    assert [box.address for box in snapshot.mailboxes] == [BOB]
    assert (snapshot.lists, snapshot.aliases) == (None, ())
    assert "Mailing lists could not be read" in snapshot.unreadable[0]


def test_a_snapshot_tells_size_quota_and_whether_a_mailbox_is_disabled(mail, delivered) -> None:
    mail(lambda store: store.update(BOB, MailboxChange(enabled=False)))
    [box] = delivered.run(lambda m: m.snapshot(delivered.account)).mailboxes
    assert (box.size_bytes, box.quota_bytes, box.enabled) == (2048, 4096, False)


def test_a_mailbox_without_a_bound_has_quota_zero(delivered, simulator) -> None:
    simulator.state.add_user(BOB)
    [box] = delivered.run(lambda m: m.snapshot(delivered.account)).mailboxes
    assert box.quota_bytes == 0
