"""What goes over the wire, call by call: one address, everything in the body of a POST."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.contract import Alias, MailboxChange, MailingList, Owner
from provisioning.modules.ispmanager.limits import limits_of
from provisioning.modules.ispmanager.simulator.state import SMALL
from tests.modules.contract_tests import PASSWORD
from tests.modules.ispmanager.conftest import DOMAIN, forms

BOB = f"bob@{DOMAIN}"
MARK = f"[service:service-1:{DOMAIN}]"


def listed(func: str, **more: str) -> dict[str, str]:
    return {"func": func, "p_cnt": "20000", "p_num": "1", **more}


def test_every_call_is_a_post_to_one_path_with_all_of_it_in_the_body(delivered, simulator) -> None:
    delivered.observe()
    for entry in simulator.journal:
        assert (entry.method, entry.path, dict(entry.query)) == ("POST", "/ispmgr", {})
        assert entry.header("Content-Type") == "application/x-www-form-urlencoded"
    raw = simulator.journal[0].body.decode()
    assert "out=json" in raw and "lang=en" in raw
    encoded = "R%26D%3A%22%3CSimulated%3E%22+4dm%2B%C3%A9%25%3D0"
    assert f"authinfo=root%3A{encoded}" in raw


def test_creating_takes_the_steps_in_their_order(panel, simulator) -> None:
    panel.create()
    assert [form["func"] for form in forms(simulator)] == [
        "preset", "preset.edit",  # the template is there, and what it says
        "emaildomain", "webdomain", "domain",  # the domain is nobody's
        "user", "reseller",  # names that are taken
        "user.add.finish",
        "user", "emaildomain",  # it is there, with its domain
    ]  # fmt: skip


def test_user_add_finish_sends_account_template_limits_and_first_domains(panel, simulator) -> None:
    panel.account = replace(
        panel.account, settings={**panel.account.settings, "limit_emails": "25", "limit_db": "0"}
    )
    panel.create()
    password = panel.account.secrets["password"]
    assert forms(simulator, "user.add.finish") == [
        {
            "func": "user.add.finish",
            "sok": "ok",
            "name": "client",
            "passwd": password,
            "confirm": password,
            "fullname": "Lee Ann & Söhne",
            "comment": MARK,
            "preset": "mail-small",
            **{name: text for name, text in SMALL.items() if text},
            "limit_emails": "25",
            "limit_db": "0",
            "webdomain_name": DOMAIN,
            "emaildomain_name": DOMAIN,
            "ftp_user": "on",
            "ftp_user_name": "client",
            "ipsrc": "do_not_assign",
        }
    ]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"web_site": False}, {"webdomain": "off", "emaildomain_name": DOMAIN}),
        ({"limit_webdomains": "0"}, {"webdomain": "off", "emaildomain_name": DOMAIN}),
        ({"mail_domain": False, "web_site": False}, {"webdomain": "off", "emaildomain": "off"}),
        ({"main_ip": "ipv6"}, {"ipsrc": "auto", "iptype": "ipv6"}),
        ({"limit_ftp_users": "0"}, {"webdomain_name": DOMAIN}),
    ],
)
def test_what_a_product_leaves_out_is_said_so(panel, simulator, settings, expected) -> None:
    panel.account = replace(panel.account, settings={**panel.account.settings, **settings})
    panel.create()
    [form] = forms(simulator, "user.add.finish")
    assert {name: form[name] for name in expected} == expected
    assert ("ftp_user" in form) == ("main_ip" in settings)


@pytest.mark.parametrize(
    ("act", "func"), [("suspend", "user.suspend"), ("unsuspend", "user.resume")]
)
def test_suspending_and_resuming_name_the_account_and_nothing_else(
    delivered, simulator, act, func
) -> None:
    if act == "unsuspend":
        delivered.suspend()
    getattr(delivered, act)()
    assert forms(simulator, func) == [{"func": func, "elid": "client"}]


def test_deleting_names_the_account(delivered, simulator) -> None:
    delivered.terminate()
    assert forms(simulator, "user.delete") == [{"func": "user.delete", "elid": "client"}]


def test_a_change_of_package_sends_template_and_every_limit(delivered, simulator) -> None:
    delivered.change_package(template="mail-large", limit_emails="30", limit_db="unlimited")
    [form] = [form for form in forms(simulator, "user.edit") if "sok" in form]
    assert (form["elid"], form["preset"]) == ("client", "mail-large")
    assert (form["limit_emails"], form["limit_db"]) == ("30", "100000000")
    # Empty in the template: left out, the old limit of 20480 would stay.
    assert form["limit_quota"] == "100000000"
    assert form["limit_email_quota"] == "1000000000"


def test_a_new_password_goes_to_the_account_and_its_ftp_user(delivered, simulator) -> None:
    delivered.run(lambda m: m.change_password(delivered.account, PASSWORD))
    both = {"passwd": PASSWORD, "confirm": PASSWORD, "sok": "ok", "su": "client"}
    assert forms(simulator, "usrparam", "ftp.user.edit") == [
        {"func": "usrparam", **both},
        {"func": "ftp.user.edit", "elid": "client", "home": "/", **both},
    ]


def test_email_edit_makes_a_mailbox_in_one_call(sent, delivered) -> None:
    change = MailboxChange(
        password=PASSWORD,
        display_name="Amy  Lee\n",
        quota_bytes=5 * 1024**2 + 1,
        aliases=(f"a.lee@{DOMAIN}", f"sales@{DOMAIN}"),
        forward_to=("me@home.example", "you@home.example"),
        forward_keeps_copy=False,
        extra={"greylist": True, "spamassassin": False},
    )
    calls = sent(lambda m: m.mailboxes(delivered.account).create(f"Amy@{DOMAIN}", change))
    assert calls == [
        listed("email", su="client"),
        {
            "func": "email.edit",
            "su": "client",
            "sok": "ok",
            "name": "amy",
            "domainname": DOMAIN,
            "passwd": PASSWORD,
            "confirm": PASSWORD,
            "note": "Amy Lee",
            "maxsize": "6",
            "aliases": "a.lee sales",
            "forward": "me@home.example you@home.example",
            "dontsave": "on",
            "greylist": "on",
            "spamassassin": "off",
        },
    ]


def test_a_change_of_a_mailbox_sends_the_changed_fields_only(sent, delivered, bob) -> None:
    calls = sent(lambda m: m.mailboxes(delivered.account).update(bob, MailboxChange(quota_bytes=0)))
    edit = {"func": "email.edit", "su": "client", "sok": "ok", "elid": BOB, "maxsize": ""}
    assert calls[-1] == edit


@pytest.mark.parametrize(("enabled", "func"), [(False, "email.suspend"), (True, "email.resume")])
def test_a_mailbox_is_switched_by_a_call_of_its_own(sent, delivered, simulator, enabled, func):
    simulator.state.add_mailbox(BOB, active=not enabled)
    change = MailboxChange(enabled=enabled)
    calls = sent(lambda m: m.mailboxes(delivered.account).update(BOB, change))
    assert calls[-1] == {"func": func, "su": "client", "elid": BOB}


def test_deleting_a_mailbox_names_its_full_address(sent, delivered, bob) -> None:
    calls = sent(lambda m: m.mailboxes(delivered.account).delete(bob))
    assert calls[-1] == {"func": "email.delete", "su": "client", "elid": BOB}


def test_a_list_is_a_mailbox_that_forwards_and_is_marked(sent, delivered) -> None:
    wanted = MailingList(
        address=f"team@{DOMAIN}", members=("a@home.example", "b@home.example"), description="Us"
    )
    form = sent(lambda m: m.lists(delivered.account).create(wanted))[-1]
    assert len(form.pop("passwd")) >= 16 and len(form.pop("confirm")) >= 16
    assert form == {
        "func": "email.edit",
        "su": "client",
        "sok": "ok",
        "name": "team",
        "domainname": DOMAIN,
        "note": "[list] Us",
        "forward": "a@home.example b@home.example",
        "dontsave": "on",
    }


def test_members_are_read_and_sent_back_as_a_whole(sent, delivered, simulator) -> None:
    team = simulator.state.add_mailbox(
        f"team@{DOMAIN}", forward=["a@home.example"], dontsave=True, note="[list]"
    )
    calls = sent(
        lambda m: m.lists(delivered.account).change_members(team, add=["b@home.example"], remove=[])
    )
    assert calls[1:] == [
        {"func": "email.edit", "su": "client", "elid": team},
        {
            "func": "email.edit",
            "su": "client",
            "sok": "ok",
            "elid": team,
            "forward": "a@home.example b@home.example",
            "dontsave": "on",
        },
        {"func": "email.edit", "su": "client", "elid": team},
    ]


def test_an_alias_is_written_into_the_field_of_its_mailbox(sent, delivered, simulator, bob) -> None:
    simulator.state.mailboxes[bob].aliases = ["robert"]
    alias = Alias(address=f"sales@{DOMAIN}", targets=(bob,))
    calls = sent(lambda m: m.aliases(delivered.account).save(alias, create=True))
    assert calls[-2] == {
        "func": "email.edit",
        "su": "client",
        "sok": "ok",
        "elid": BOB,
        "aliases": "robert sales",
    }


def test_dkim_is_a_switch_of_the_mail_domain(sent, delivered) -> None:
    calls = sent(lambda m: m.dkim(delivered.account).enable())
    switch = {"func": "emaildomain.edit", "su": "client", "elid": DOMAIN, "sok": "ok", "dkim": "on"}
    assert calls[0] == switch
    assert calls[-1] == listed("domain.record", su="client", elid=DOMAIN)


def test_a_reseller_is_made_by_reseller_edit(reseller_panel, simulator) -> None:
    settings = {**reseller_panel.account.settings, "limit_users": "0", "brand_domain": True}
    reseller_panel.account = replace(reseller_panel.account, settings=settings)
    reseller_panel.create()
    [form] = [form for form in forms(simulator, "reseller.edit") if "sok" in form]
    assert "elid" not in form and "webdomain" not in form and "ipsrc" not in form
    assert (form["preset"], form["limit_users"]) == ("reseller-base", "0")
    assert (form["name"], form["limit_brand_domain"]) == ("client", DOMAIN)
    assert form["comment"] == f"[service:service-r:{DOMAIN}]"


@pytest.mark.parametrize("func", ["suspend", "resume", "delete"])
def test_a_resellers_life_has_functions_of_its_own(reseller_panel, simulator, func) -> None:
    reseller_panel.create()
    if func != "suspend":
        reseller_panel.suspend()
    acts = {"suspend": "suspend", "resume": "unsuspend", "delete": "terminate"}
    simulator.journal.clear()
    getattr(reseller_panel, acts[func])()
    name = f"reseller.{func}"
    assert forms(simulator, name) == [{"func": name, "elid": "client"}]


def test_templates_are_listed_by_kind(panel, reseller_panel, simulator) -> None:
    offered = panel.run(lambda m: m.live_choices("template"))
    assert offered == [("mail-small", "mail-small"), ("mail-large", "mail-large")]
    assert reseller_panel.run(lambda m: m.live_choices("template")) == [
        ("reseller-base", "reseller-base")
    ]
    assert forms(simulator) == [listed("preset")] * 2


def test_test_connection_asks_who_we_are_which_edition_and_how_many(panel, simulator) -> None:
    report = panel.run(lambda m: m.check_connection())
    assert (report.edition, report.version, report.accounts) == ("Business", "6.98.2", 0)
    called = [form["func"] for form in forms(simulator)]
    assert called == ["whoami", "license.info", "user", "preset"]


@pytest.mark.parametrize(
    "name", ['A&B <C> "D"', "[service:other:x.example]", "x" * 300, "a\r\nfunc=user.delete", ""]
)
def test_a_customers_name_can_neither_break_the_form_nor_pass_for_a_mark(
    panel, simulator, answers, name
) -> None:
    panel.link = replace(panel.link, settings={**panel.link.settings, "answers": answers})
    panel.account = replace(panel.account, owner=Owner(name=name))
    panel.create()
    person = simulator.state.people["client"]
    assert "[" not in person.fullname and len(person.fullname) <= 100
    assert person.comment == MARK


def test_only_limits_are_read_from_a_form(panel) -> None:
    form = panel.run(lambda m: m.client.form("preset.edit", "mail-small"))
    assert limits_of(form) == SMALL
