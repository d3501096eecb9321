"""Mailboxes, forwards, aliases, workgroups and what was deleted; on both wires unless said."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from provisioning.contract import (
    Alias,
    ConflictError,
    DoesNotFit,
    InvalidInput,
    Limits,
    MailboxChange,
    MailingList,
    ModuleError,
    NotFound,
    PermanentError,
    TemporaryError,
)
from provisioning.modules.opensrs.module import OpenSrs
from provisioning.modules.opensrs.settings import GB
from tests.modules.opensrs.conftest import DOMAIN, PASSWORD, add, bodies

SALES = f"sales@{DOMAIN}"
oma_only = pytest.mark.parametrize("protocol", ["oma"])


def forward(panel, local, *members) -> str:
    wanted = MailingList(address=f"{local}@{DOMAIN}", members=members or ("a@home.example",))
    panel.run(lambda module: module.lists(panel.account).create(wanted))
    return wanted.address


def with_options(panel, mailboxes, forwards) -> None:
    options = {"mailboxes": mailboxes, "forwards": forwards}
    panel.account = replace(panel.account, options=options)


# -- the rule of the two quantities


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


# -- aliases: never lose one


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


# -- forwards


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


# -- what is judged before anything is sent


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


# -- workgroups


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


# -- what was deleted


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


# -- the snapshot


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
