"""What APP is sent, line by line, how its answers are read, and that no text can break a line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.contract import (
    ConflictError,
    InvalidInput,
    MailboxChange,
    MailingList,
    MisconfiguredError,
    ModuleError,
    NotFound,
    PermanentError,
    State,
    TemporaryError,
    UnsupportedError,
)
from provisioning.modules.opensrs import syntax
from provisioning.modules.opensrs.settings import GB
from provisioning.modules.opensrs.simulator.app_session import _parsed
from tests.modules.opensrs.conftest import ADMIN_PASSWORD, DOMAIN, PASSWORD, add, lines

MAILBOX_LINE = (
    f'create_mailbox domain="{DOMAIN}" mailbox="bob" workgroup="staff" password="{PASSWORD}"'
)


@pytest.fixture
def protocol() -> str:
    return "app"


def test_a_session_greets_agrees_signs_in_acts_and_says_goodbye(panel, simulator) -> None:
    panel.observe()
    sent = [each.body.decode() for each in simulator.journal]
    quoted = ADMIN_PASSWORD.replace('"', '""')
    assert sent == [
        "",
        'VER VER="3.5"',
        f'LOGIN USER="admin" DOMAIN="reseller.adm" PASSWORD="{quoted}"',
        f'get_domain domain="{DOMAIN}"',
        "get_company_domains",
        "QUIT",
    ]


def test_an_older_platform_is_spoken_to_in_its_own_version(panel, simulator) -> None:
    simulator.set_variants(app_versions=("3.4",))
    simulator.state.add_domain(DOMAIN)
    report = panel.run(lambda module: module.check_connection())
    assert report.version == "APP 3.4"
    assert panel.adopt().state is State.ACTIVE
    simulator.state.add_user(f"bob@{DOMAIN}")
    found = panel.run(lambda module: module.snapshot(panel.account))
    assert [mailbox.address for mailbox in found.mailboxes] == [f"bob@{DOMAIN}"]


def test_create_makes_the_domain_and_sets_both_limits(panel, simulator) -> None:
    panel.create()
    assert lines(simulator)[2:] == [
        f'create_domain domain="{DOMAIN}" spam_level="normal"',
        f'change_domain domain="{DOMAIN}" spam_level="normal"',
        f'set_domain_mailbox_limits domain="{DOMAIN}" mailbox="5" forward_only="3"',
        f'get_domain domain="{DOMAIN}"',
    ]


ACTS = {
    "suspend": f'set_domain_disabled_status domain="{DOMAIN}" disabled="T"',
    "unsuspend": f'set_domain_disabled_status domain="{DOMAIN}" disabled="F"',
    "terminate": f'delete_domain domain="{DOMAIN}" cascade="T"',
    "change_package": (f'set_domain_mailbox_limits domain="{DOMAIN}" mailbox="5" forward_only="3"'),
}


@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_its_command(delivered, simulator, act) -> None:
    getattr(delivered, act)()
    assert lines(simulator).count(ACTS[act]) == 1


def test_a_mailbox_is_a_command_and_each_part_of_it_another(delivered, simulator) -> None:
    add(
        delivered, "bob", display_name="Bob M. Smith", quota_bytes=10 * GB, enabled=False,
        forward_to=("x@y.example",), extra={"title": "Dr", "autoresponder": "Away"},
    )  # fmt: skip
    who = f'domain="{DOMAIN}" mailbox="bob"'
    assert lines(simulator)[3:] == [
        f'{MAILBOX_LINE} title="Dr" first_name="Bob" last_name="M. Smith"',
        f'set_mailbox_quota {who} quota="10240"',
        f'set_mailbox_suspension {who} smtprelay="T" imap="T" pop="T" webmail="T"',
        f'set_mailbox_forward {who} forward="x@y.example" keep_copy="T" state="T"',
        f'set_mailbox_autorespond {who} state="T" text="Away"',
    ]


def test_what_was_set_is_read_back(delivered, simulator) -> None:
    change = {"title": "Dr", "phone": '1"2', "spam_level": "Very High", "autoresponder": "Away"}
    bob = add(
        delivered, "bob", display_name="Bob Smith", quota_bytes=10 * GB,
        forward_to=("x@y.example",), aliases=(f"sales@{DOMAIN}",), extra=change,
    )  # fmt: skip
    found = delivered.run(lambda module: module.mailboxes(delivered.account).get(bob))
    assert (found.display_name, found.quota_bytes) == ("Bob Smith", 10 * GB)
    assert (found.forward_to, found.forward_keeps_copy) == (("x@y.example",), True)
    assert change.items() <= found.extra.items()
    assert found.enabled and found.extra["workgroup"] == "staff"


def test_a_part_that_is_refused_is_named_and_the_mailbox_stays(delivered, simulator) -> None:
    simulator.fault("refusal", "/app/set_mailbox_quota")
    change = MailboxChange(password=PASSWORD, quota_bytes=10 * GB)
    written = delivered.run(
        lambda module: module.mailboxes(delivered.account).create(f"bob@{DOMAIN}", change)
    )
    assert written.incomplete == ("The size could not be changed: FAULT_ON_DEMAND (ER 99).",)
    assert f"bob@{DOMAIN}" in simulator.state.domains[DOMAIN].accounts


def test_forwards_and_aliases_are_commands_of_their_own(delivered, simulator) -> None:
    team = MailingList(address=f"all@{DOMAIN}", members=("a@x.example", "b@y.example"))
    delivered.run(lambda module: module.lists(delivered.account).create(team))
    add(delivered, "bob", aliases=(f"sales@{DOMAIN}",))
    assert lines(simulator, "create_mailbox_forward_only", "create_alias_mailbox") == [
        f'create_mailbox_forward_only domain="{DOMAIN}" mailbox="all"'
        ' forward_email="a@x.example,b@y.example" workgroup="staff"',
        f'create_alias_mailbox domain="{DOMAIN}" alias_mailbox="sales" mailbox="bob"',
    ]


def test_deleting_a_mailbox_takes_its_aliases_along(delivered, simulator, domain) -> None:
    bob = add(delivered, "bob", aliases=(f"sales@{DOMAIN}",))
    delivered.run(lambda module: module.mailboxes(delivered.account).delete(bob))
    assert domain.counts()["alias"] == 0 and not domain.accounts


def test_a_list_in_many_packets_is_read_whole(delivered, simulator) -> None:
    simulator.set_variants(app_packet=7)
    for number in range(40):
        simulator.state.add_user(f"mailbox-{number:02}@{DOMAIN}")
    found = delivered.run(lambda module: module.snapshot(delivered.account))
    assert len(found.mailboxes) == 40


def test_a_suspension_the_platform_does_not_show_is_remembered(delivered, simulator) -> None:
    simulator.set_variants(app_shows_disabled=False)
    assert delivered.suspend().state is State.SUSPENDED
    assert delivered.observe().state is State.SUSPENDED
    assert delivered.unsuspend().state is State.ACTIVE


def test_an_alias_whose_owner_is_not_told_can_be_deleted_but_not_changed(
    delivered, simulator, bob
) -> None:
    simulator.set_variants(app_shows_alias_targets=False)
    simulator.state.account(bob).aliases = [f"sales@{DOMAIN}"]
    delivered.run(lambda module: module.aliases(delivered.account).delete(f"sales@{DOMAIN}"))
    assert simulator.state.account(bob).aliases == []


def test_what_this_wire_cannot_do_is_said(delivered, bob) -> None:
    acts = (
        lambda module: module.mailbox_login(delivered.account, bob),
        lambda module: module.deleted(delivered.account).all(),
    )
    for act in acts:
        with pytest.raises(UnsupportedError, match="OMA"):
            delivered.run(act)


def test_a_failed_connection_names_the_port_and_the_mistake_of_old_manuals(panel) -> None:
    settings = {**panel.link.settings, "app_port": 1}
    panel.link = replace(panel.link, settings=settings)
    with pytest.raises(TemporaryError, match=r"127\.0\.0\.1:1: .*4449; 51000"):
        panel.run(lambda module: module.check_connection())


def test_a_wrong_password_says_where_to_look(panel) -> None:
    panel.link = replace(panel.link, password="wrong")
    with pytest.raises(MisconfiguredError, match="Check user name, password and cluster"):
        panel.run(lambda module: module.check_connection())


@pytest.mark.parametrize("answer", ["", "OKAY", "HTTP/1.1 400 Bad Request", "OK", "OK x", "\x00"])
def test_an_answer_that_is_none_of_the_protocol_is_a_lost_one(answer) -> None:
    with pytest.raises(TemporaryError) as caught:
        syntax.read(answer)
    assert caught.value.maybe_applied


TABLES = {
    "3.4": (
        "OK 0\r\nMAILBOX TYPE WORKGROUP\r\n"
        ',\r\n"si ""fl" "mailbox" "staff"\r\n,\r\n"ol" "forward" "x"'
    ),
    "3.5": (
        "OK 0 Success\r\nMAILBOX,TYPE,WORKGROUP\r\n"
        '"si ""fl","mailbox","staff"\r\n"ol","forward","x"'
    ),
}


@pytest.mark.parametrize("version", TABLES)
def test_tables_of_both_versions_are_read_alike(version) -> None:
    answer = syntax.read(TABLES[version])
    assert [tuple(row.values()) for row in answer.rows] == [
        ('si "fl', "mailbox", "staff"),
        ("ol", "forward", "x"),
    ]
    assert list(answer.rows[0]) == ["MAILBOX", "TYPE", "WORKGROUP"]


@pytest.mark.parametrize("header", ["MAILBOX,TYPE,WORKGROUP", "MAILBOX TYPE WORKGROUP"])
def test_an_empty_table_has_no_rows(header) -> None:
    assert syntax.read(f"OK 0 Success\r\n{header}").rows == ()
    assert syntax.read("OK 0 Success").rows == ()


@pytest.mark.parametrize(
    ("number", "kind"),
    [(16, ConflictError), (17, NotFound), (34, TemporaryError), (1, PermanentError)],
)
def test_only_the_known_numbers_mean_something(delivered, simulator, number, kind) -> None:
    simulator.fault("refusal", "/app/set_domain_disabled_status", message=str(number), times=None)
    with pytest.raises(kind):
        delivered.suspend()


@given(st.text(max_size=80))
def test_any_text_is_one_value_of_one_line_or_refused(value) -> None:
    try:
        line = syntax.command("change_mailbox", {"title": value, "mailbox": "bob"})
    except InvalidInput:
        assert not syntax.is_one_line(value)
        return
    assert "\r" not in line and "\n" not in line
    assert _parsed(line) == ("change_mailbox", {"title": value, "mailbox": "bob"})


@given(st.text(max_size=80))
def test_any_text_comes_back_from_an_answer_as_it_was(value) -> None:
    if not syntax.is_one_line(value):
        return
    record = syntax.read(f"OK 0 Success\r\n{syntax.command('A', {'TITLE': value})[2:]}").record
    assert record == {"TITLE": value}


EVIL = (
    'x" password="Owned-1234567"',
    'x"\r\n.\r\ndelete_domain domain="client.example" cascade="T"',
    "x\n.\ndelete_domain",
    "x\r.\rquit",
    "x\x00y",
    "x\u2028delete_domain",
    "x\x85y",
)


@pytest.mark.parametrize("text", EVIL)
@pytest.mark.parametrize("field", ["display_name", "title", "autoresponder"])
def test_no_customer_text_becomes_a_command_or_an_attribute(
    delivered, simulator, domain, field, text
) -> None:
    bob = add(delivered, "bob")
    change = (
        MailboxChange(display_name=text)
        if field == "display_name"
        else MailboxChange(extra={field: text})
    )
    try:
        delivered.run(lambda module: module.mailboxes(delivered.account).update(bob, change))
    except InvalidInput as error:
        assert error.field == field
    assert list(simulator.state.domains) == [DOMAIN]
    assert domain.accounts[bob].attributes["password"] == PASSWORD
    assert not lines(simulator, "delete_domain")


def test_passwords_are_masked_in_the_log_however_they_are_quoted(delivered) -> None:
    change = MailboxChange(password="Quiet-Harbour-7!x")
    with pytest.raises(ModuleError):
        delivered.run(
            lambda module: module.mailboxes(delivered.account).update(f"no@{DOMAIN}", change)
        )
    add(delivered, "bob")
    logged = " ".join(call.request for call in delivered.calls)
    assert PASSWORD not in logged and ADMIN_PASSWORD.replace('"', '""') not in logged
    assert f'PASSWORD="{syntax.MASK}"' in logged
