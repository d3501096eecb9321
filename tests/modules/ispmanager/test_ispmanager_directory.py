"""Mailboxes, aliases, forwards and lists, as customers work with them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.contract import (
    Alias,
    ConflictError,
    DkimState,
    InvalidInput,
    MailboxChange,
    MailingList,
    ModuleError,
    NotFound,
    PermanentError,
    TemporaryError,
)
from provisioning.modules.ispmanager.module import IspManager
from tests.modules.contract_tests import PASSWORD
from tests.modules.ispmanager.conftest import DOMAIN, forms

BOB, AMY, TEAM = f"bob@{DOMAIN}", f"amy@{DOMAIN}", f"team@{DOMAIN}"
SALES = f"sales@{DOMAIN}"
MIB = 1024**2


@pytest.fixture
def team(delivered, simulator) -> str:
    members = ["a@home.example", "b@home.example"]
    simulator.state.add_mailbox(TEAM, forward=members, dontsave=True, note="[list] All of us")
    return TEAM


def snapshot(panel):
    return panel.run(lambda m: m.snapshot(panel.account))


def update(panel, address, **change):
    return panel.run(lambda m: m.mailboxes(panel.account).update(address, MailboxChange(**change)))


def test_a_snapshot_is_one_list_and_a_form_per_mailbox(delivered, simulator, team) -> None:
    simulator.state.add_mailbox(
        BOB, used="10", maxsize="100", aliases=["robert"], forward=["me@home.example"], note="Bob"
    )
    simulator.state.add_mailbox(AMY, active=False)
    simulator.state.new_mail_domain("second.example", "client")
    simulator.state.add_mailbox("zoe@second.example")
    found = snapshot(delivered)
    bob, amy = found.mailboxes
    assert (bob.address, bob.display_name) == (BOB, "Bob")
    assert (bob.size_bytes, bob.quota_bytes) == (10 * MIB, 100 * MIB)
    assert (bob.forward_to, bob.forward_keeps_copy) == (("me@home.example",), True)
    assert (amy.address, amy.enabled, amy.quota_bytes) == (AMY, False, 0)
    assert found.aliases == (Alias(address=f"robert@{DOMAIN}", targets=(BOB,)),)
    [listed] = found.lists
    assert (listed.address, listed.description) == (TEAM, "All of us")
    assert listed.members == ("a@home.example", "b@home.example")
    assert len(forms(simulator)) == 3


def test_the_clear_password_of_a_form_reaches_no_log(delivered, simulator, answers) -> None:
    settings = {**delivered.link.settings, "answers": answers}
    delivered.link = replace(delivered.link, settings=settings)
    simulator.state.add_mailbox(BOB, password="Clear-Text-0f-Bob")
    snapshot(delivered)
    delivered.run(lambda m: m.mailboxes(delivered.account).get(BOB))
    logged = "".join(f"{call.request} {call.response}" for call in delivered.calls)
    assert "email.edit" in logged
    assert "Clear-Text-0f-Bob" not in logged


def test_when_forms_take_too_long_aliases_are_unknown_and_mailboxes_are_not(
    delivered, simulator, bob
) -> None:
    simulator.fault("status", contains="email.edit", status=503)
    found = snapshot(delivered)
    assert found.aliases is None
    assert "Aliases could not be read" in found.unreadable[0]
    assert [mailbox.address for mailbox in found.mailboxes] == [BOB]


def test_reading_one_mailbox_tells_what_only_its_form_knows(delivered, simulator) -> None:
    simulator.state.add_mailbox(BOB, maxsize="5", greylist=True, note="Bob", used="2")
    found = delivered.run(lambda m: m.mailboxes(delivered.account).get(BOB))
    assert found.extra == {"greylist": True, "spamassassin": False}
    assert (found.quota_bytes, found.size_bytes) == (5 * MIB, 2 * MIB)


def test_unlimited_is_sent_as_nothing_and_read_as_zero(delivered, simulator, bob) -> None:
    update(delivered, BOB, quota_bytes=7 * MIB)
    assert simulator.state.mailboxes[BOB].maxsize == "7"
    update(delivered, BOB, quota_bytes=0)
    assert simulator.state.mailboxes[BOB].maxsize == ""


def test_a_forward_without_a_copy_never_ends_in_mail_to_nowhere(delivered, simulator, bob) -> None:
    update(delivered, BOB, forward_to=("me@home.example",), forward_keeps_copy=False)
    box = simulator.state.mailboxes[BOB]
    assert (box.forward, box.dontsave) == (["me@home.example"], True)
    update(delivered, BOB, forward_to=())
    assert (box.forward, box.dontsave) == ([], False)
    update(delivered, BOB, forward_keeps_copy=False)
    assert box.dontsave is False


def test_a_mailbox_may_begin_without_a_forward_and_without_a_copy(delivered, simulator) -> None:
    change = MailboxChange(password=PASSWORD, forward_to=(), forward_keeps_copy=False)
    delivered.run(lambda m: m.mailboxes(delivered.account).create(BOB, change))
    assert simulator.state.mailboxes[BOB].dontsave is False


def test_a_mailbox_whose_answer_was_lost_is_made_once(delivered, simulator) -> None:
    simulator.fault("apply-then-close", contains="email.edit")
    change = MailboxChange(password=PASSWORD)
    delivered.run(lambda m: m.mailboxes(delivered.account).create(BOB, change))
    assert list(simulator.state.mailboxes) == [BOB]
    assert len(forms(simulator, "email.edit")) == 1


def test_a_limit_of_the_package_is_a_plain_sentence(delivered, simulator) -> None:
    simulator.state.people["client"].limits["limit_emails"] = "0"
    change = MailboxChange(password=PASSWORD)
    with pytest.raises(PermanentError) as caught:
        delivered.run(lambda m: m.mailboxes(delivered.account).create(BOB, change))
    assert caught.value.message == "A limit of this package is reached."
    assert not simulator.state.mailboxes


def test_a_new_mailbox_that_cannot_be_switched_off_says_so(delivered, simulator) -> None:
    simulator.fault("refusal", contains="email.suspend")
    change = MailboxChange(password=PASSWORD, enabled=False)
    written = delivered.run(lambda m: m.mailboxes(delivered.account).create(BOB, change))
    assert "Sign-in could not be switched off" in written.incomplete[0]


def test_lists_and_mailboxes_are_not_taken_for_one_another(delivered, simulator, bob, team) -> None:
    before = repr(simulator.state.mailboxes)
    account = delivered.account
    for act in (
        lambda m: m.mailboxes(account).get(TEAM),
        lambda m: m.mailboxes(account).set_password(TEAM, PASSWORD),
        lambda m: m.lists(account).members(BOB),
        lambda m: m.lists(account).change_members(BOB, add=["x@home.example"], remove=[]),
    ):
        with pytest.raises(NotFound):
            delivered.run(act)
    delivered.run(lambda m: m.mailboxes(account).delete(TEAM))
    delivered.run(lambda m: m.lists(account).delete(BOB))
    assert repr(simulator.state.mailboxes) == before


def test_a_list_keeps_at_least_one_member_and_never_itself(delivered, simulator, team) -> None:
    before = repr(simulator.state.mailboxes)
    for add, remove in (([], ["a@home.example", "b@home.example"]), ([TEAM], [])):
        with pytest.raises(InvalidInput):
            delivered.run(
                lambda m, a=add, r=remove: m.lists(delivered.account).change_members(
                    TEAM, add=a, remove=r
                )
            )
    assert repr(simulator.state.mailboxes) == before


def test_a_list_is_changed_as_a_whole(delivered, simulator, team) -> None:
    wanted = MailingList(address=TEAM, members=("c@home.example",), description="New")
    delivered.run(lambda m: m.lists(delivered.account).update(wanted))
    box = simulator.state.mailboxes[TEAM]
    assert (box.forward, box.note, box.dontsave) == (["c@home.example"], "[list] New", True)


def test_a_list_of_a_taken_name_is_refused(delivered, simulator, bob) -> None:
    wanted = MailingList(address=BOB, members=("c@home.example",))
    with pytest.raises(ConflictError):
        delivered.run(lambda m: m.lists(delivered.account).create(wanted))
    assert simulator.state.mailboxes[BOB].forward == []


def test_members_that_somebody_else_changed_meanwhile_are_noticed(
    delivered, simulator, team
) -> None:
    changed = '{"doc":{"$func":"email.edit","forward":{"$":"else@home.example"}}}'
    simulator.fault("status", contains="email.edit", nth=3, status=200, body=changed)
    with pytest.raises(TemporaryError, match="somebody else"):
        delivered.run(
            lambda m: m.lists(delivered.account).change_members(
                TEAM, add=["c@home.example"], remove=[]
            )
        )


@pytest.mark.parametrize("targets", [(), (BOB, AMY), ("me@home.example",), (f"none@{DOMAIN}",)])
def test_an_alias_leads_to_one_mailbox_of_the_domain(delivered, simulator, bob, targets) -> None:
    simulator.state.add_mailbox(AMY)
    with pytest.raises(InvalidInput):
        delivered.run(
            lambda m: m.aliases(delivered.account).save(
                Alias(address=SALES, targets=targets), create=True
            )
        )
    assert simulator.state.mailboxes[BOB].aliases == []


@pytest.mark.parametrize("create", [True, False])
def test_an_alias_with_a_mailboxs_name_is_refused(delivered, simulator, bob, create) -> None:
    simulator.state.add_mailbox(AMY)
    with pytest.raises(ConflictError):
        delivered.run(
            lambda m: m.aliases(delivered.account).save(
                Alias(address=AMY, targets=(BOB,)), create=create
            )
        )


def test_an_alias_that_is_not_there_cannot_be_changed(delivered, bob) -> None:
    with pytest.raises(NotFound):
        delivered.run(
            lambda m: m.aliases(delivered.account).save(
                Alias(address=SALES, targets=(BOB,)), create=False
            )
        )


def test_an_alias_that_cannot_be_moved_goes_back(delivered, simulator) -> None:
    simulator.state.add_mailbox(BOB, aliases=["sales"])
    simulator.state.add_mailbox(AMY)
    simulator.fault("refusal", contains="elid=amy%40client.example&aliases")
    with pytest.raises(ModuleError):
        delivered.run(
            lambda m: m.aliases(delivered.account).save(
                Alias(address=SALES, targets=(AMY,)), create=False
            )
        )
    assert simulator.state.mailboxes[BOB].aliases == ["sales"]


def test_the_aliases_of_a_mailbox_are_replaced_with_it(delivered, simulator) -> None:
    simulator.state.add_mailbox(BOB, aliases=["old"])
    update(delivered, BOB, aliases=(SALES, SALES))
    assert simulator.state.mailboxes[BOB].aliases == ["sales"]


def test_limits_that_the_product_says_are_known_without_the_panel() -> None:
    settings = {**IspManager.product_fields.defaults(), "limit_emails": "0"}
    found = IspManager.limits(settings, {"limit_email_quota": 5})
    assert (found.mailboxes, found.max_quota_bytes) == (0, 5 * MIB)
    blank = IspManager.limits(IspManager.product_fields.defaults(), {})
    assert (blank.mailboxes, blank.max_quota_bytes) == (None, None)


def test_dns_expects_the_panels_host_and_its_key(delivered, simulator) -> None:
    delivered.run(lambda m: m.dkim(delivered.account).enable())
    found = delivered.run(lambda m: m.dns_expectations(delivered.account))
    assert [host.host for host in found.mx] == ["panel.host.example"]
    assert (found.spf.primary, found.dkim.state) == ("mx", DkimState.ACTIVE)
    assert found.dkim.public_key == simulator.state.mail_domains[DOMAIN].public_key


def test_where_the_zone_is_elsewhere_the_key_stays_blank(delivered, simulator) -> None:
    simulator.state.zones.clear()
    key = delivered.run(lambda m: m.dkim(delivered.account).enable())
    assert (key.state, key.selector, key.public_key) == ("active", "dkim", "")


def test_the_guide_lives_while_the_panel_does_not(delivered, simulator) -> None:
    simulator.stop()
    found = delivered.run(lambda m: m.dns_expectations(delivered.account))
    assert found.mx and found.dkim.state is DkimState.NONE


def test_dkim_that_was_accepted_and_not_done_is_an_error(delivered, simulator) -> None:
    simulator.fault("status", contains="dkim=on", status=200, body='{"doc":{"ok":{}}}')
    with pytest.raises(PermanentError):
        delivered.run(lambda m: m.dkim(delivered.account).enable())


def test_international_domains_are_one_name_in_letters_and_in_punycode(panel, simulator) -> None:
    panel.account = replace(panel.account, domain="bücher.example")
    panel.create()
    assert list(simulator.state.mail_domains) == ["xn--bcher-kva.example"]
    change = MailboxChange(password=PASSWORD, forward_to=("x@bücher.test",))
    panel.run(lambda m: m.mailboxes(panel.account).create("bob@bücher.example", change))
    [mailbox] = snapshot(panel).mailboxes
    assert mailbox.address == "bob@xn--bcher-kva.example"
    assert mailbox.forward_to == ("x@xn--bcher-kva.test",)
