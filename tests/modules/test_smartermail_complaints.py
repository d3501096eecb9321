"""What users of other SmarterMail panels suffered from, each shown to work here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.contract import (
    ConflictError,
    DkimState,
    DoesNotFit,
    InvalidInput,
    MailboxChange,
    MisconfiguredError,
    NotFound,
    PermanentError,
    State,
    TemporaryError,
)
from provisioning.modules.smartermail import passwords
from provisioning.modules.smartermail.mail_settings import PAGES
from provisioning.modules.smartermail.module import SmarterMail
from tests.modules.contract_tests import PASSWORD
from tests.modules.settings_contract import write

GB = 1024**3
BOB = "bob@client.example"


def test_after_an_outage_usage_is_unknown_and_not_zero(delivered, simulator) -> None:
    simulator.fault("status", "*/sysadmin/domain*", status=500, times=None)
    with pytest.raises(TemporaryError):
        delivered.run(lambda m: m.read_usage([delivered.account]))


def test_one_field_missing_after_the_sign_in_is_unknown_and_not_zero(delivered, simulator) -> None:
    simulator.state.set_raw_usage("client.example", size=None, sizeMb=None)
    report = delivered.run(lambda m: m.read_usage([delivered.account]))
    assert (list(report.readings), list(report.unknown)) == ([], ["service-1"])


def test_success_false_in_a_200_is_a_failure_and_bills_nothing(delivered, simulator) -> None:
    simulator.fault("refusal", "*/active-sync-mailboxes-patch")
    change = MailboxChange(password=PASSWORD, features=frozenset({"eas"}))
    written = delivered.run(lambda m: m.mailboxes(delivered.account).create(BOB, change))
    assert "FAULT_ON_DEMAND" in written.incomplete[0]
    assert delivered.run(lambda m: m.read_features(delivered.account)).enabled["eas"] == set()


def test_protocols_that_cannot_be_read_are_not_taken_for_switched_off(delivered, simulator) -> None:
    simulator.fault("status", "*/active-sync-mailboxes", status=500, times=None)
    with pytest.raises(TemporaryError):
        delivered.run(lambda m: m.read_features(delivered.account))
    snapshot = delivered.run(lambda m: m.snapshot(delivered.account))
    assert "ActiveSync and MAPI could not be read" in snapshot.unreadable[0]


def test_a_mailbox_with_both_protocols_counts_under_each(delivered, simulator) -> None:
    simulator.state.add_user(BOB)
    for protocol in ("eas", "mapi"):
        simulator.state.set_protocol(protocol, BOB)
    state = delivered.run(lambda m: m.read_features(delivered.account))
    assert state.enabled == {"eas": {BOB}, "mapi": {BOB}}


def test_a_domain_already_removed_does_not_block_closing_the_service(delivered, simulator) -> None:
    simulator.state.remove_domain("client.example")
    assert delivered.terminate().state is State.MISSING


def test_a_name_given_up_is_no_claim_to_what_others_make_of_it(panel, simulator) -> None:
    simulator.state.add_domain("client.example", admin="info")
    panel.adopt()
    panel.terminate()
    simulator.state.add_domain("client.example", admin="info")
    for act in (panel.terminate, panel.suspend, panel.create):
        with pytest.raises(ConflictError):
            act()
    assert simulator.state.domain("client.example").is_enabled


def test_an_existing_domain_is_previewed_and_adopted(panel, simulator) -> None:
    simulator.state.add_domain("client.example", admin="info")
    simulator.state.add_user(BOB)
    simulator.state.set_disk("client.example", 3 * GB)
    [row] = panel.run(lambda m: list(m.inventory()))
    assert (row.domain, row.state, row.mailboxes, row.disk_bytes) == (
        "client.example", State.ACTIVE, 2, 3 * GB,
    )  # fmt: skip
    panel.adopt()
    boxes = panel.run(lambda m: m.snapshot(panel.account)).mailboxes
    assert {box.address for box in boxes} == {"info@client.example", BOB}
    assert panel.create().state is State.ACTIVE
    assert not simulator.journal.find("*/domain-put")


def test_an_adopted_domains_administrator_is_seen_but_not_deleted(panel, simulator) -> None:
    simulator.state.add_domain("client.example", admin="info")
    panel.adopt()
    with pytest.raises(PermanentError):
        panel.run(lambda m: m.mailboxes(panel.account).delete("info@client.example"))
    assert "info" in simulator.state.domain("client.example").users


def test_a_change_of_package_that_does_not_fit_says_why_and_changes_nothing(
    delivered, simulator
) -> None:
    domain = simulator.state.domain("client.example")
    for name in ("a", "b", "c"):
        simulator.state.add_user(f"{name}@client.example")
    simulator.state.set_disk("client.example", 5 * GB // 2)
    delivered.run(lambda m: m.domain_aliases(delivered.account).add("other.example"))
    before = dict(domain.settings)
    with pytest.raises(DoesNotFit) as caught:
        delivered.change_package(max_users=2, disk_limit_gb=2, max_domain_aliases=0)
    assert caught.value.blockers == (
        "3 mailboxes exist, the new limit is 2",
        "1 domain alias exists, the new limit is 0",
        "2.50 GB are in use, the new limit is 2 GB",
    )
    assert domain.settings == before
    assert tuple(delivered.run(lambda m: m.plan_change(delivered.account))) == caught.value.blockers


def test_a_change_of_package_pushes_its_limits_to_the_server(delivered, simulator) -> None:
    simulator.state.add_user(BOB)
    simulator.state.set_protocol("mapi", BOB)
    delivered.change_package(
        max_users=10, disk_limit_gb=50, outbound_ip="192.0.2.9", offer_eas=False, offer_mapi=False
    )
    settings = simulator.state.domain("client.example").settings
    assert (settings["maxUsers"], settings["maxSize"]) == (11, 50 * GB)
    assert settings["outgoingIP"] == "192.0.2.9"
    assert settings["enableActiveSyncAccountManagement"] is False
    assert settings["enableMapiEwsAccountManagement"] is True  # still in use on a mailbox


def test_a_configurable_option_replaces_the_products_limit(panel, simulator) -> None:
    panel.account = replace(panel.account, options={"max_users": 25, "disk_limit_gb": "7"})
    panel.create()
    settings = simulator.state.domain("client.example").settings
    assert (settings["maxUsers"], settings["maxSize"]) == (26, 7 * GB)


def test_a_page_of_fifty_mailboxes_costs_a_handful_of_calls(delivered, simulator) -> None:
    for number in range(50):
        simulator.state.add_user(f"user{number}@client.example", size=1000 + number)
        simulator.state.add_alias(f"alias{number}@client.example", [f"user{number}"])
    simulator.journal.clear()
    snapshot = delivered.run(lambda m: m.snapshot(delivered.account))
    assert len(snapshot.mailboxes) == len(snapshot.aliases) == 50
    assert sorted(box.size_bytes for box in snapshot.mailboxes)[-1] == 1049
    assert simulator.journal.total <= 8


def test_a_password_changed_in_webmail_locks_nobody_out(delivered, simulator) -> None:
    simulator.state.domain("client.example").admin.password = "Changed-In-Webma1l"
    assert delivered.run(lambda m: m.snapshot(delivered.account)).unreadable == ()
    delivered.run(
        lambda m: m.mailboxes(delivered.account).create(BOB, MailboxChange(password=PASSWORD))
    )
    assert len(simulator.journal.find("*/auth/authenticate-user")) == 1


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("Ab1!xyz", "at least 8"),
        ("quiet-harbour-7!x", "upper-case"),
        ("Quiet-Harbour-!!x", "a digit"),
        ("QuietHarbour77x", "one of"),
        ("Quiet-7-boB-Harbour!", "user name or the domain"),
        ("My-Client.Example-7!", "user name or the domain"),
        ("CLIENT-Harbour-7!x", "user name or the domain"),
    ],
)
def test_a_weak_password_is_refused_on_the_server_side_too(
    delivered, simulator, password, complaint
) -> None:
    change = MailboxChange(password=password)
    with pytest.raises(InvalidInput) as caught:
        delivered.run(lambda m: m.mailboxes(delivered.account).create(BOB, change))
    assert caught.value.field == "password"
    assert complaint in caught.value.message
    assert not simulator.journal.find("*/user-put")


def test_an_empty_minimum_length_does_not_mean_none(delivered) -> None:
    settings = {**delivered.account.settings, "password_min_length": 0}
    assert SmarterMail.password_policy(settings).min_length == 8


def test_the_servers_stricter_rules_are_part_of_the_policy(delivered, simulator) -> None:
    simulator.state.domain("client.example").password_rules = {
        "minLength": {"enabled": True, "ruleValue": 20}
    }
    with pytest.raises(InvalidInput) as caught:
        delivered.run(
            lambda m: m.mailboxes(delivered.account).create(BOB, MailboxChange(password=PASSWORD))
        )
    assert "at least 20" in caught.value.message
    assert not simulator.journal.find("*/user-put")


def test_generated_passwords_meet_the_policy_and_never_repeat() -> None:
    policy = passwords.admin_policy(SmarterMail.product_fields.defaults())
    made = {passwords.generate(policy, address=BOB) for _ in range(200)}
    assert len(made) == 200
    for password in made:
        passwords.check(password, policy, address=BOB)


def test_a_sysadmin_password_with_html_in_it_works_as_typed(panel) -> None:
    assert "&" in panel.link.password and "<" in panel.link.password
    assert panel.observe().state is State.MISSING


def test_a_form_sent_twice_makes_one_mailbox_and_says_so(delivered, simulator) -> None:
    change = MailboxChange(password=PASSWORD)
    delivered.run(lambda m: m.mailboxes(delivered.account).create(BOB, change))
    with pytest.raises(ConflictError) as caught:
        delivered.run(lambda m: m.mailboxes(delivered.account).create(BOB, change))
    assert caught.value.message == "bob@client.example already exists."
    assert len(simulator.journal.find("*/user-put")) == 1


def test_the_hidden_administrator_is_neither_shown_nor_touched(delivered, simulator) -> None:
    hidden = f"{delivered.account.data['admin']}@client.example"
    simulator.state.set_protocol("eas", hidden)
    store = delivered.run
    assert store(lambda m: m.snapshot(delivered.account)).mailboxes == ()
    assert store(lambda m: m.read_features(delivered.account)).enabled["eas"] == set()
    simulator.journal.clear()
    for act in (
        lambda m: m.mailboxes(delivered.account).delete(hidden.upper()),
        lambda m: m.mailboxes(delivered.account).get(hidden),
        lambda m: m.mailboxes(delivered.account).set_password(hidden, PASSWORD),
        lambda m: m.mailboxes(delivered.account).update(hidden, MailboxChange(enabled=False)),
        lambda m: m.mailbox_login(delivered.account, hidden),
    ):
        with pytest.raises(NotFound):
            store(act)
    assert simulator.journal.total == 0


@pytest.mark.parametrize("counted", [True, False])
def test_the_mailbox_limit_counts_customers_mailboxes_only(panel, simulator, counted) -> None:
    simulator.set_variants(admin_counts_as_user=counted)
    panel.account = replace(panel.account, settings={**panel.account.settings, "max_users": 2})
    panel.create()

    def add(name: str) -> None:
        change = MailboxChange(password=PASSWORD)
        address = f"{name}@client.example"
        panel.run(lambda m: m.mailboxes(panel.account).create(address, change))

    add("amy")
    add("joe")
    if not counted:
        simulator.state.set_raw_usage("client.example", userCount=2)
    with pytest.raises(PermanentError) as caught:
        add("kim")
    assert "2 mailboxes" in caught.value.message
    assert len(simulator.state.domain("client.example").users) == 3


def test_a_failing_sign_in_is_not_hammered(panel, simulator) -> None:
    simulator.set_variants(failed_logins_allowed=2)
    panel.link = replace(panel.link, password="wrong")
    for _ in range(5):
        with pytest.raises(MisconfiguredError):
            panel.create()
    assert not simulator.platform.gatekeeper.blocked


def test_sign_on_links_work_once_and_are_fetched_at_the_click(delivered, simulator) -> None:
    simulator.state.add_user(BOB)
    acts = (
        lambda m: m.staff_login(delivered.account),
        lambda m: m.customer_login(delivered.account),
        lambda m: m.mailbox_login(delivered.account, BOB),
    )
    names = []
    for act in acts:
        token = delivered.run(act).url.partition("autologin?autologin=")[2].partition("&")[0]
        names.append(simulator.platform.tokens.consume_login_token(token))
    admin = f"{delivered.account.data['admin']}@client.example"
    assert names == [admin, admin, BOB]


def test_a_dkim_request_without_effect_is_told_apart_from_a_key(delivered, simulator) -> None:
    simulator.set_variants(dkim_enable_no_effect=True)
    delivered.run(lambda m: m.dkim(delivered.account).disable())
    simulator.fault("refusal", "*/dkim-create-rollover/*")
    with pytest.raises(PermanentError):
        delivered.run(lambda m: m.dkim(delivered.account).enable())
    assert delivered.run(lambda m: m.dkim(delivered.account).enable()).state == DkimState.STANDBY


def test_a_stranger_cannot_reach_a_domain_by_ordering_its_name(panel, simulator) -> None:
    simulator.state.add_domain("client.example")
    with pytest.raises(ConflictError):
        panel.create()
    simulator.journal.clear()
    change = MailboxChange(password=PASSWORD)
    for act in (
        lambda m: m.snapshot(panel.account),
        lambda m: m.mailboxes(panel.account).create(BOB, change),
        lambda m: m.staff_login(panel.account),
        lambda m: m.mailbox_login(panel.account, "admin@client.example"),
        lambda m: m.read_features(panel.account),
    ):
        with pytest.raises(ConflictError):
            panel.run(act)
    assert simulator.journal.total == 0


def test_catch_all_automatic_replies_spam_rules_and_signatures_are_there_to_be_set(
    delivered, simulator
) -> None:
    simulator.state.add_user(BOB)
    simulator.state.add_alias("info@client.example", [BOB])
    wanted = {
        "catch-all": {"alias": "info"},
        "spam": {"override": True, "high_action": "delete"},
        "trusted-senders": {"domains": ("partner.example",)},
        "signature": {"text": "Client Ltd"},
        "auto-responder": {"enabled": True, "subject": "Away", "body": "Back on Monday"},
        "own-signature": {"text": "Bob"},
    }
    assert [page.code for page in SmarterMail.settings_pages] == list(wanted)
    for page in PAGES:
        write(delivered, page, wanted[page.code])
    domain = simulator.state.domain("client.example")
    assert domain.settings["catchAll"] == "info"
    assert domain.settings["spamLevelHighAction"]["actionType"] == 1
    assert domain.settings["whitelistDomains"][0]["value"] == "partner.example"
    assert domain.signatures[0]["text"] == "Client Ltd"
    assert domain.users["bob"].auto_responder["enabled"]
    assert domain.users["bob"].signatures[0]["text"] == "Bob"
