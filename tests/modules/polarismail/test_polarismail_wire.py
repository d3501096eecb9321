"""What goes over the wire, call by call, as the vendor's clients send it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioning.contract import Alias, MailboxChange, MailingList, ModuleError, ServerLink
from provisioning.modules.polarismail import wire
from provisioning.modules.polarismail.transport import admin_hosts
from tests.modules.contract_tests import PASSWORD
from tests.modules.polarismail.conftest import DOMAIN, RESELLER_PASSWORD, forms

GB = 1024**3
INFO = {"action": "getDomainInfo", "domain": DOMAIN}
USERS = {
    "action": "getAllUsersDomain", "domain": DOMAIN, "offset": "0", "limit": "500",
    "slicing": "1", "getOTPAndToken": "0", "showQuota": "1",
}  # fmt: skip


def on_domain(action: str, **more: str) -> dict[str, str]:
    return {"action": action, "domain": DOMAIN, **more}


def test_every_request_is_a_posted_form(panel, simulator) -> None:
    panel.create()
    assert simulator.journal.total >= 6
    for entry in simulator.journal:
        assert (entry.method, entry.path) == ("POST", "/admin/json.php")
        assert entry.header("Content-Type") == "application/x-www-form-urlencoded"
        assert entry.header("Accept") == "application/json"
        assert not entry.query


def test_signing_in_sends_name_and_password_as_they_are(panel, simulator) -> None:
    panel.observe()
    assert forms(simulator, "login") == [
        {"action": "login", "username": "reseller", "password": RESELLER_PASSWORD}
    ]


def test_the_token_is_a_form_field_of_every_other_call(panel, simulator) -> None:
    panel.create()
    sent = [dict(parse_qsl(entry.body.decode())) for entry in simulator.journal]
    tokens = {form.get("token") for form in sent if form["action"] != "login"}
    assert len(tokens) == 1
    assert None not in tokens


def test_creating_takes_the_steps_in_their_order(panel, simulator) -> None:
    panel.create()
    assert forms(simulator)[1:] == [
        {"action": "getAllDomains"},
        on_domain("isDomainAvailable"),
        {"action": "addDomain", "newdomain": DOMAIN},
        {"action": "getAllDomains"},
        on_domain("getDomainVerification"),
    ]


@pytest.mark.parametrize(("act", "active"), [("suspend", "0"), ("unsuspend", "1")])
def test_suspending_sets_the_one_switch_and_looks(delivered, simulator, act, active) -> None:
    getattr(delivered, act)()
    switch = on_domain("updateDomain", editdomainactive=active)
    assert forms(simulator)[1:3] == [switch, INFO]


def test_terminating_removes_the_domain(delivered, simulator) -> None:
    delivered.terminate()
    assert forms(simulator, "removeDomain") == [on_domain("removeDomain")]


def test_a_new_mailbox_sends_owner_type_size_and_habits(sent, delivered) -> None:
    change = MailboxChange(
        password=PASSWORD,
        display_name="Amy <b>Lee</b> & Söhne",
        quota_bytes=GB // 2,
        extra={"account_type": "enhanced", "timezone": "Europe/Berlin", "language": "de"},
    )
    calls = sent(lambda m: m.mailboxes(delivered.account).create(f"Amy@{DOMAIN}", change))
    assert calls == [
        USERS,
        on_domain("getAllAliasesDomain"),
        on_domain("getAllListsDomain"),
        on_domain(
            "addUser",
            username="amy",
            account_type="2",
            password=PASSWORD,
            quota="0.5",
            uname="Amy <b>Lee</b> & Söhne",
            twofa_allowed="1",
            user_language="de",
            timezone="Europe/Berlin",
        ),
    ]


def test_a_mailbox_is_made_with_the_usual_type_size_and_language(sent, delivered) -> None:
    change = MailboxChange(password=PASSWORD)
    calls = sent(lambda m: m.mailboxes(delivered.account).create(f"amy@{DOMAIN}", change))
    added = calls[-1]
    assert (added["account_type"], added["quota"], added["user_language"]) == ("1", "10", "en")
    assert "timezone" not in added


def test_a_change_goes_with_name_type_and_size_as_they_were(sent, delivered, bob) -> None:
    calls = sent(lambda m: m.mailboxes(delivered.account).set_password(bob, PASSWORD))
    assert calls == [
        on_domain("getUserInfo", username="bob"),
        {
            "action": "updateUser",
            "editusername": "bob",
            "editdomain": DOMAIN,
            "edituname": "",
            "editaccount_type": "1",
            "editquota": "10",
            "editpassword": PASSWORD,
        },
    ]


def test_a_rename_sends_no_password(sent, delivered, bob) -> None:
    change = MailboxChange(display_name="Robert")
    calls = sent(lambda m: m.mailboxes(delivered.account).update(bob, change))
    assert calls[-1]["edituname"] == "Robert"
    assert "editpassword" not in calls[-1]


@pytest.mark.parametrize(("enabled", "action"), [(False, "disableUser"), (True, "enableUser")])
def test_a_mailbox_is_switched_by_its_name(sent, delivered, bob, enabled, action) -> None:
    change = MailboxChange(enabled=enabled)
    calls = sent(lambda m: m.mailboxes(delivered.account).update(bob, change))
    assert calls[-1] == on_domain(action, username="bob")


def test_a_mailbox_is_removed_after_its_aliases(sent, delivered, simulator, bob) -> None:
    simulator.state.add_alias(f"sales@{DOMAIN}", bob)
    calls = sent(lambda m: m.mailboxes(delivered.account).delete(bob))
    assert calls[1:] == [
        on_domain("getAllAliasesDomain"),
        on_domain("removeAlias", alias="sales"),
        on_domain("removeUser", username="bob"),
    ]


def test_an_alias_names_its_mailbox_in_full(sent, delivered, bob) -> None:
    alias = Alias(address=f"Sales@{DOMAIN}", targets=(bob,))
    calls = sent(lambda m: m.aliases(delivered.account).save(alias, create=True))
    assert calls[-1] == on_domain("addAlias", alias="sales", forward=bob)


def test_an_alias_is_changed_by_being_made_anew(sent, delivered, simulator, bob) -> None:
    amy = simulator.state.add_user(f"amy@{DOMAIN}")
    simulator.state.add_alias(f"sales@{DOMAIN}", bob)
    alias = Alias(address=f"sales@{DOMAIN}", targets=(amy,))
    calls = sent(lambda m: m.aliases(delivered.account).save(alias, create=False))
    assert calls[-2:] == [
        on_domain("removeAlias", alias="sales"),
        on_domain("addAlias", alias="sales", forward=amy),
    ]


def test_a_list_is_made_and_its_members_added_one_by_one(sent, delivered) -> None:
    members = ("x@y.example", "z@y.example")
    wanted = MailingList(address=f"team@{DOMAIN}", members=members)
    calls = sent(lambda m: m.lists(delivered.account).create(wanted))
    assert calls[-3:] == [
        on_domain("addList", newlname="team", newlisttype="1"),
        *(
            {"action": "addListMember", "editlname": "team", "editdomain": DOMAIN, "newmember": m}
            for m in members
        ),
    ]


def test_members_are_read_and_removed_under_other_names(sent, delivered, simulator) -> None:
    simulator.state.domain(DOMAIN).lists["team"] = ["x@y.example"]
    calls = sent(
        lambda m: m.lists(delivered.account).change_members(
            f"team@{DOMAIN}", add=[], remove=["X@y.example"]
        )
    )
    assert calls == [
        on_domain("getAllListsDomain"),
        on_domain("getListMembers", lname="team"),
        on_domain("removeListMember", lname="team", member="x@y.example"),
    ]


def test_a_list_is_removed_by_its_name(sent, delivered, simulator) -> None:
    simulator.state.domain(DOMAIN).lists["team"] = []
    calls = sent(lambda m: m.lists(delivered.account).delete(f"team@{DOMAIN}"))
    assert calls[-1] == on_domain("removeList", lname="team")


def test_forwards_are_changed_with_the_mailboxs_own_sign_in(delivered, simulator, bob) -> None:
    simulator.state.domain(DOMAIN).users["bob"].forwards = ["old@home.example"]
    change = MailboxChange(forward_to=("new@home.example",))
    delivered.run(lambda m: m.mailboxes(delivered.account).update(bob, change))
    paths = [entry.path for entry in simulator.journal]
    calls = list(zip(paths, forms(simulator), strict=True))[-4:]
    assert len(calls[1][1].pop("password")) > 20
    assert calls == [
        ("/admin/json.php", on_domain("getOTPass", username="bob")),
        ("/json.php", on_domain("login", username="bob")),
        ("/json.php", {"action": "addForward", "newforward": "new@home.example"}),
        ("/json.php", {"action": "removeForward", "forward": "old@home.example"}),
    ]


def test_a_domain_alias_is_added_and_removed(sent, delivered) -> None:
    calls = sent(lambda m: m.domain_aliases(delivered.account).add("Other.example"))
    assert calls == [
        on_domain("getAliasDomains"),
        on_domain("addAliasDomain", adomain="other.example"),
    ]
    calls = sent(lambda m: m.domain_aliases(delivered.account).delete("other.example"))
    assert calls[-1] == on_domain("removeAliasDomain", adomain="other.example")


def test_dkim_is_switched_and_read_back(sent, delivered) -> None:
    for act, action in (("enable", "enableDKIM"), ("disable", "disableDKIM")):
        calls = sent(lambda m, act=act: getattr(m.dkim(delivered.account), act)())
        assert calls == [on_domain(action), on_domain("getDKIM")]


def test_the_whole_directory_costs_five_calls(sent, delivered, bob) -> None:
    calls = sent(lambda m: m.snapshot(delivered.account))
    assert calls == [
        USERS,
        on_domain("getAllForwardsDomain"),
        on_domain("getAllAliasesDomain"),
        on_domain("getAllListsDomain"),
        on_domain("getAliasDomains"),
    ]


def test_usage_costs_one_call_and_two_for_each_domain(sent, delivered, bob) -> None:
    calls = sent(lambda m: m.read_usage([delivered.account]))
    assert calls == [{"action": "getAllDomains"}, USERS, INFO]


def test_test_connection_signs_in_and_reads_the_figures(panel, simulator) -> None:
    panel.run(lambda m: m.check_connection())
    assert [form["action"] for form in forms(simulator)] == ["login", "getAdminStats"]


def test_the_vendors_own_hosts_are_known_and_others_may_have_a_fallback(link) -> None:
    def hosts(hostname: str, fallback: str = "") -> tuple[str, ...]:
        changed: ServerLink = replace(
            link, hostname=hostname, settings={"fallback_host": fallback}, secure=True
        )
        return admin_hosts(changed)

    vendors = ("https://cfcp.emailarray.com", "https://cp.emailarray.com")
    assert hosts("CP.emailarray.com") == vendors
    assert hosts("cp.brand.example") == (link.http.base_url,)
    assert hosts("cp.brand.example", "b.example:8443") == (
        link.http.base_url,
        "https://b.example:8443",
    )


def test_a_value_that_an_action_does_not_know_is_never_sent() -> None:
    with pytest.raises(KeyError):
        wire.OPERATIONS["add_domain"].form({"password": "x"})


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(min_size=1, max_size=60))
def test_no_text_of_a_customer_becomes_another_field(delivered, simulator, text) -> None:
    simulator.state.domain(DOMAIN).users.clear()
    simulator.journal.clear()
    hostile = f"{text}&action=removeDomain&domain={DOMAIN}"
    change = MailboxChange(password=PASSWORD + hostile[:40], display_name=hostile[:100])
    try:
        delivered.run(lambda m: m.mailboxes(delivered.account).create(f"amy@{DOMAIN}", change))
    except ModuleError:
        assert not forms(simulator, "addUser")
        return
    (sent,) = forms(simulator, "addUser")
    assert sent["password"] == change.password
    assert sent["uname"] == " ".join((change.display_name or "").split())
    assert list(simulator.state.domains) == [DOMAIN]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(local=st.text(max_size=30), tail=st.sampled_from(["", "&forward=x", "\r\nX: y", "@", "%00"]))
def test_names_that_are_no_names_are_refused_and_nothing_is_sent(
    delivered, simulator, local, tail
) -> None:
    name = f"{local}{tail or '!'}@{DOMAIN}"
    simulator.journal.clear()
    for act in (
        lambda m: m.mailboxes(delivered.account).create(name, MailboxChange(password=PASSWORD)),
        lambda m: m.lists(delivered.account).create(MailingList(address=name)),
    ):
        with pytest.raises(ModuleError):
            delivered.run(act)
    assert simulator.journal.total == 0
