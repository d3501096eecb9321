"""What goes over the wire, call by call, as the vendor's clients send it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.contract import Alias, MailboxChange, MailingList
from tests.modules.contract_tests import PASSWORD

SYSADMIN = "/api/v1/settings/sysadmin/"
DOMAIN = "/api/v1/settings/domain/"
BOB = "bob@client.example"


@pytest.fixture
def sent(delivered, simulator):
    """Runs an act and gives [(method, path, body)] of the calls it made, signing in left out."""
    simulator.state.add_user(BOB, password=PASSWORD)
    delivered.run(lambda module: module.password_policy(delivered.account.settings))

    def run(act):
        simulator.journal.clear()
        delivered.run(act)
        return [(entry.method, entry.path, entry.json()) for entry in simulator.journal]

    return run


@pytest.fixture
def account(account):
    settings = {**account.settings, "max_users": 4, "offer_mapi": False, "disk_limit_gb": 2}
    return replace(account, settings=settings)


def test_domain_put_sends_every_field_of_a_new_domain(panel, simulator) -> None:
    panel.create()
    entry = simulator.journal.find("*/domain-put")[0]
    assert (entry.method, entry.path) == ("POST", SYSADMIN + "domain-put")
    assert entry.json() == {
        "adminUsername": panel.account.data["admin"],
        "adminPassword": panel.account.secrets["admin_password"],
        "deliverLocallyForExternalDomain": False,
        "domainLocation": 0,
        "domainLocationAddress": "",
        "domainData": {
            "name": "client.example",
            "path": "C:\\SmarterMail\\Domains\\client.example",
            "hostname": "mail.client.example",
            "userLimit": 5,
            "maxSize": 2 * 1024**3,
            "aliasLimit": 0,
            "listLimit": 0,
        },
    }


def test_domain_settings_follow_a_creation(panel, simulator) -> None:
    panel.create()
    entry = simulator.journal.find("*/domain-settings/client.example")[0]
    assert entry.method == "POST"
    assert entry.json() == {
        "domainSettings": {
            "isEnabled": True,
            "enableMailForwarding": True,
            "enableSmtpAccounts": True,
            "enableActiveSyncAccountManagement": True,
            "enableMapiEwsAccountManagement": False,
            "maxUsers": 5,
            "maxAliases": 0,
            "maxLists": 0,
            "maxDomainAliases": 3,
            "showDomainAliasMenu": True,
            "maxSize": 2 * 1024**3,
            "outgoingIP": "",
        }
    }


def test_creating_takes_the_steps_in_their_order(panel, simulator) -> None:
    panel.create()
    paths = [(entry.method, entry.path.removeprefix("/api/v1/")) for entry in simulator.journal]
    assert paths[:4] == [
        ("POST", "auth/authenticate-user"),
        ("GET", "settings/sysadmin/domain/client.example"),
        ("POST", "settings/sysadmin/domain-put"),
        ("POST", "settings/sysadmin/domain-settings/client.example"),
    ]
    assert ("POST", "settings/domain/dkim-enable/false") in paths[4:]


@pytest.mark.parametrize(("act", "enabled"), [("suspend", False), ("unsuspend", True)])
def test_suspending_sends_the_one_switch(delivered, simulator, act, enabled) -> None:
    simulator.journal.clear()
    getattr(delivered, act)()
    entry = simulator.journal.find("*/domain-settings/*")[0]
    assert entry.json() == {"domainSettings": {"isEnabled": enabled}}


@pytest.mark.parametrize(("delete_data", "segment"), [(True, "true"), (False, "false")])
def test_terminating_keeps_or_deletes_the_files(delivered, simulator, delete_data, segment) -> None:
    settings = {**delivered.account.settings, "delete_data": delete_data}
    delivered.account = replace(delivered.account, settings=settings)
    delivered.terminate()
    entry = simulator.journal.find("*/domain-delete/*")[0]
    assert (entry.method, entry.body) == ("POST", b"")
    assert entry.path == f"{SYSADMIN}domain-delete/client.example/{segment}"
    assert entry.header("Content-Length") == "0"


def test_user_put_never_makes_a_domain_administrator(sent, delivered) -> None:
    change = MailboxChange(password=PASSWORD, display_name="Amy <b>Lee</b>", quota_bytes=1048576)
    calls = sent(lambda m: m.mailboxes(delivered.account).create("Amy@Client.example", change))
    assert ("POST", DOMAIN + "get-user", {"email": "amy@client.example"}) in calls
    assert calls[-1] == (
        "POST",
        DOMAIN + "user-put",
        {
            "userData": {
                "userName": "amy",
                "password": PASSWORD,
                "fullName": "Amy Lee",
                "maxMailboxSize": 1048576,
                "securityFlags": {"isDomainAdmin": False, "authType": 0},
            }
        },
    )


def test_a_new_password_is_all_that_post_user_sends(sent, delivered) -> None:
    calls = sent(lambda m: m.mailboxes(delivered.account).set_password(BOB, PASSWORD))
    assert calls[-1] == (
        "POST",
        DOMAIN + "post-user",
        {"email": BOB, "userData": {"password": PASSWORD}},
    )


def test_changing_the_account_password_is_post_user_on_its_administrator(sent, delivered) -> None:
    calls = sent(lambda m: m.change_password(delivered.account, PASSWORD))
    admin = f"{delivered.account.data['admin']}@client.example"
    body = {"email": admin, "userData": {"password": PASSWORD}}
    assert ("POST", DOMAIN + "post-user", body) in calls


def test_forwards_are_replaced_as_a_whole(sent, delivered) -> None:
    change = MailboxChange(
        forward_to=("me@home.example",),
        forward_keeps_copy=False,
        extra={"spam_forward": "MoveToJunk", "keep_recipients": True},
    )
    calls = sent(lambda m: m.mailboxes(delivered.account).update(BOB, change))
    assert calls[-2:] == [
        ("POST", DOMAIN + "get-mailbox-forward-list", {"email": BOB}),
        (
            "POST",
            DOMAIN + "post-mailbox-forward-list",
            {
                "email": BOB,
                "mailboxForwardList": {
                    "forwardList": ["me@home.example"],
                    "keepRecipients": True,
                    "deleteOnForward": True,
                    "spamForwardOption": "MoveToJunk",
                },
            },
        ),
    ]


def test_a_protocol_is_switched_by_an_array_and_read_back(sent, delivered) -> None:
    change = MailboxChange(features=frozenset({"eas"}))
    calls = sent(lambda m: m.mailboxes(delivered.account).update(BOB, change))
    patch = [{"emailAddress": BOB, "isActive": True}]
    position = calls.index(("POST", DOMAIN + "active-sync-mailboxes-patch", patch))
    assert calls[position - 1][:2] == ("GET", DOMAIN + "domain")
    assert calls[position + 1][:2] == ("GET", DOMAIN + "active-sync-mailboxes")
    assert not [path for _, path, _ in calls if path.endswith("mapi-ews-mailboxes-patch")]


def test_the_domains_own_switch_is_turned_on_first(sent, delivered) -> None:
    change = MailboxChange(features=frozenset({"mapi"}))
    calls = sent(lambda m: m.mailboxes(delivered.account).update(BOB, change))
    body = {"domainSettings": {"enableMapiEwsAccountManagement": True}}
    switch = calls.index(("POST", SYSADMIN + "domain-settings/client.example", body))
    patch = [{"emailAddress": BOB, "isActive": True}]
    assert switch < calls.index(("POST", DOMAIN + "mapi-ews-mailboxes-patch", patch))


def test_disabling_a_mailbox_still_takes_its_mail(sent, delivered) -> None:
    calls = sent(lambda m: m.mailboxes(delivered.account).update(BOB, MailboxChange(enabled=False)))
    assert calls[-1] == ("POST", DOMAIN + "users-disable/true/true", {"input": ["bob"]})


def test_a_mailbox_is_deleted_by_its_local_name(sent, delivered) -> None:
    calls = sent(lambda m: m.mailboxes(delivered.account).delete(BOB))
    assert calls[-1] == ("POST", DOMAIN + "account-list-delete", {"input": ["bob"]})


def test_a_new_alias_names_its_targets_and_flags(sent, delivered) -> None:
    alias = Alias(
        address="sales@client.example",
        targets=("BOB", "x@y.example", "bob@client.example"),
        flags={"hide_from_gal": True},
    )
    calls = sent(lambda m: m.aliases(delivered.account).save(alias, create=True))
    assert calls[0][:2] == ("GET", DOMAIN + "alias/sales")
    assert calls[1] == (
        "POST",
        DOMAIN + "alias-put",
        {
            "alias": {
                "name": "sales",
                "displayName": "sales",
                "allowSending": False,
                "hideFromGAL": True,
                "internalOnly": False,
                "aliasTargetList": ["bob@client.example", "x@y.example"],
            },
            "oldName": "",
        },
    )


def test_an_alias_goes_back_with_everything_it_had(sent, delivered, simulator) -> None:
    simulator.state.add_alias("sales@client.example", ["bob"])
    simulator.state.domain("client.example").aliases["sales"].allowSending = True
    alias = Alias(address="sales@client.example", targets=("x@y.example",))
    calls = sent(lambda m: m.aliases(delivered.account).save(alias, create=False))
    method, path, body = calls[1]
    assert (method, path, body["oldName"]) == ("POST", DOMAIN + "alias", "sales")
    assert body["alias"]["aliasTargetList"] == ["x@y.example"]
    assert body["alias"]["allowSending"] is True


def test_an_alias_is_deleted_by_its_name(sent, delivered, simulator) -> None:
    simulator.state.add_alias("sales@client.example", ["bob"])
    calls = sent(lambda m: m.aliases(delivered.account).delete("sales@client.example"))
    assert calls == [("POST", DOMAIN + "alias-delete/sales", None)]


def test_a_domain_alias_skips_the_mx_check_with_an_impersonated_token(
    sent, delivered, simulator
) -> None:
    sent(lambda m: m.domain_aliases(delivered.account).add("Other.example"))
    assert simulator.journal.find("*/manage-domain/client.example", method="POST")
    entry = simulator.journal.find("*/domain-alias-put/*")[0]
    assert (entry.method, entry.path) == ("POST", DOMAIN + "domain-alias-put/other.example/false")
    assert entry.header("X-SmarterMailDomain") == ""
    assert entry.status == 200


def test_a_list_is_added_and_its_members_sent_as_an_array(sent, delivered) -> None:
    wanted = MailingList(
        address="team@client.example", owner=BOB, description="All", members=("x@y.example",)
    )
    calls = sent(lambda m: m.lists(delivered.account).create(wanted))
    body = {"listAddress": "team", "moderatorAddress": BOB, "description": "All"}
    assert ("POST", DOMAIN + "mailing-lists/add", body) in calls
    added = [(path, sent) for _, path, sent in calls if path.endswith("/subscriber-add")]
    assert [members for _, members in added] == [["x@y.example"]]


def test_dkim_is_enabled_and_read_back(sent, delivered) -> None:
    calls = sent(lambda m: m.dkim(delivered.account).enable())
    assert calls[0] == ("POST", DOMAIN + "dkim-enable/false", None)
    assert calls[1][:2] == ("GET", DOMAIN + "domain")


def test_sign_in_links_are_asked_for_by_name_and_domain(sent, delivered) -> None:
    calls = sent(lambda m: m.mailbox_login(delivered.account, BOB))
    assert calls == [
        (
            "POST",
            "/api/v1/auth/retrieve-login-token",
            {"username": "bob", "domain": "client.example", "isSystemAdmin": False},
        )
    ]


def test_usage_is_one_call(sent, delivered) -> None:
    calls = sent(lambda m: m.read_usage([delivered.account]))
    assert calls == [("GET", SYSADMIN + "domains", None)]


def test_features_are_two_calls(sent, delivered) -> None:
    calls = sent(lambda m: m.read_features(delivered.account))
    assert [path for _, path, _ in calls] == [
        DOMAIN + "active-sync-mailboxes",
        DOMAIN + "mapi-ews-mailboxes",
    ]


def test_every_criterion_of_a_search_is_sent(sent, delivered, simulator) -> None:
    sent(lambda m: m.snapshot(delivered.account))
    wanted = {"search", "searchFlags", "skip", "take", "sortField", "sortDescending"}
    for path in ("*/account-list-search", "*/account-search-quick"):
        assert set(simulator.journal.find(path)[0].json()) == wanted


def test_names_in_paths_are_encoded(panel, simulator) -> None:
    panel.account = replace(panel.account, domain="a/b?c.example")
    panel.observe()
    assert simulator.journal[-1].path == SYSADMIN + "domain/a%2Fb%3Fc.example"
