"""Connections and their failures, ways in, DNS, settings, and the simulated platform itself."""

from __future__ import annotations

import socket
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from provisioning.contract import (
    ConflictError,
    ConnectionReport,
    DkimState,
    HttpClient,
    HttpOptions,
    MisconfiguredError,
    NotFound,
    State,
    TemporaryError,
)
from provisioning.modules.opensrs.module import OpenSrs
from provisioning.modules.opensrs.settings import SERVER_FIELDS, cluster_of
from provisioning.modules.opensrs.simulator import OpenSrsSimulator
from tests.modules.opensrs.conftest import ADMIN_PASSWORD, DOMAIN, add
from tests.modules.panel import Panel

oma_only = pytest.mark.parametrize("protocol", ["oma"])
app_only = pytest.mark.parametrize("protocol", ["app"])


def checked(panel: Panel) -> ConnectionReport:
    return panel.run(lambda module: module.check_connection())


# -- connections


def test_test_connection_says_which_wire_it_was(panel, protocol) -> None:
    report = checked(panel)
    assert report.version.startswith(protocol.upper())


@app_only
@pytest.mark.parametrize("tls", [True])
def test_a_certificate_nobody_vouches_for_is_for_staff(panel) -> None:
    panel.verify_tls = True
    with pytest.raises(MisconfiguredError, match=r"TLS failure at 127\.0\.0\.1"):
        checked(panel)


@app_only
def test_tls_where_the_platform_speaks_plainly_is_an_error_and_no_hang(panel) -> None:
    panel.link = replace(panel.link, secure=True)
    panel.read_timeout = 0.5
    with pytest.raises((MisconfiguredError, TemporaryError)):
        checked(panel)


@app_only
def test_a_private_address_is_refused_before_a_byte_is_sent(panel, simulator) -> None:
    http = HttpClient(simulator.url, HttpOptions(allow_private=False))
    module = OpenSrs(replace(panel.link, http=http))
    with pytest.raises(MisconfiguredError, match="resolves to a private address"):
        module.check_connection()
    http.close()
    assert simulator.journal.total <= 1  # the greeting, which nobody read


@app_only
def test_the_budget_holds_for_all_commands_together(delivered, simulator) -> None:
    simulator.fault("delay", "/app/*", times=None, seconds=0.15)
    delivered.budget = 0.4
    with pytest.raises(TemporaryError):
        delivered.observe()


def test_nobody_at_home_is_a_temporary_error_that_names_the_place(panel, simulator) -> None:
    simulator.stop()
    with pytest.raises(TemporaryError, match=r"127\.0\.0\.1"):
        checked(panel)


# -- ways in


@oma_only
def test_a_sign_on_link_opens_webmail_once(delivered, bob) -> None:
    link = delivered.run(lambda module: module.mailbox_login(delivered.account, bob))
    first, second = (requests.get(link.url, timeout=3) for _ in range(2))
    assert f"Signed in as {bob}" in first.text
    assert second.status_code == 401
    token = parse_qs(urlsplit(link.url).query)["pass"][0]
    assert not [call for call in delivered.calls if token in f"{call.request} {call.response}"]


@oma_only
def test_there_is_no_sign_on_for_what_is_no_mailbox(delivered, simulator) -> None:
    simulator.state.add_user(f"all@{DOMAIN}", kind="forward")
    for local in ("all", "nobody"):
        address = f"{local}@{DOMAIN}"
        with pytest.raises(NotFound):
            delivered.run(lambda m: m.mailbox_login(delivered.account, address))  # noqa: B023
    assert not simulator.journal.find("/api/generate_token")


@oma_only
def test_webmail_is_where_the_cluster_or_the_server_record_says(delivered, bob) -> None:
    for changes, start in (
        ({"cluster": "b"}, "https://mail.b.hostedemail.com/mail?user=bob%40"),
        ({"webmail_url": "https://mail.mine.example/"}, "https://mail.mine.example?user=bob%40"),
    ):
        link = replace(delivered.link, settings={**delivered.link.settings, **changes})
        panel = Panel(OpenSrs, link, delivered.account)
        login = panel.run(lambda m: m.mailbox_login(delivered.account, bob))
        assert login.url.startswith(start)


def test_staff_get_to_the_administration_by_a_plain_link(delivered, simulator) -> None:
    login = delivered.run(lambda module: module.staff_login(delivered.account))
    assert login.url == f"{simulator.url}/" and not login.fields


def test_the_webmail_page_follows_from_the_host_name() -> None:
    url = OpenSrs.webmail_url("admin.a.hostedemail.com", 443, secure=True)
    assert url == "https://mail.a.hostedemail.com/mail"
    assert OpenSrs.webmail_url("10.0.0.5", 8080, secure=False) == "http://10.0.0.5:8080/mail"


# -- DNS


@oma_only
def test_the_dns_guide_is_that_of_the_cluster_and_needs_no_platform(panel, simulator) -> None:
    panel.link = replace(panel.link, hostname="admin.b.hostedemail.com")
    found = panel.run(lambda module: module.dns_expectations(panel.account))
    assert [(mx.host, mx.priority) for mx in found.mx] == [
        (f"mx.{DOMAIN}.cust.b.hostedemail.com", 10)
    ]
    assert found.spf.primary == "include:_spf.hostedemail.com"
    assert {record.name: record.value for record in found.extra} == {
        **dict.fromkeys(("mail", "imap", "smtp"), f"mail.{DOMAIN}.cust.b.hostedemail.com"),
        "webmail": f"webmail.{DOMAIN}.cust.b.hostedemail.com",
    }
    assert found.dkim.state is DkimState.NONE
    assert simulator.journal.total == 0


@oma_only
def test_the_vendors_dkim_records_are_asked_for_where_the_product_says_so(panel) -> None:
    panel.account = replace(panel.account, settings={"dkim_cnames": True})
    found = panel.run(lambda module: module.dns_expectations(panel.account))
    assert [record.value for record in found.dkim.cnames] == [
        f"key1.{DOMAIN}.dkim.hostedemail.link",
        f"key2.{DOMAIN}.dkim.hostedemail.link",
    ]
    assert found.mx == ()  # a host of no known cluster


def test_the_cluster_follows_from_the_host_name_unless_it_is_chosen() -> None:
    assert cluster_of("ADMIN.A.hostedemail.com") == "a"
    assert cluster_of("admin.test.hostedemail.com") == "test"
    assert cluster_of("admin.a.hostedemail.com", "b") == "b"
    assert cluster_of("evil-admin.a.hostedemail.com.example") == ""


# -- settings


def test_the_server_record_begins_with_oma_and_the_right_app_port() -> None:
    assert OpenSrs.server_fields.defaults()["protocol"] == "oma"
    assert OpenSrs.server_fields.defaults()["app_port"] == 4449
    assert OpenSrs.default_port == 443


@pytest.mark.parametrize("value", ["ftp://x.example", "admin.example", "https://", "https://x?y=1"])
def test_a_base_address_that_cannot_be_called_is_refused(value) -> None:
    check = SERVER_FIELDS["base_url"].validate
    assert check and check(value)
    assert check("https://admin.a.hostedemail.com/api/") is None and check("") is None


def test_every_product_field_has_a_default_that_it_accepts() -> None:
    for field in OpenSrs.product_fields.fields:
        assert field.load(field.dump(field.default)) == field.default
        if field.choices:
            assert field.default in dict(field.choices)


# -- adoption


def test_an_adopted_domain_keeps_its_accounts_and_settings(panel, simulator) -> None:
    simulator.state.add_domain(DOMAIN)
    simulator.state.add_user(f"old@{DOMAIN}")
    before = simulator.state.revision
    assert panel.adopt().state is State.ACTIVE
    assert simulator.state.revision == before
    assert add(panel, "new") in simulator.state.domains[DOMAIN].accounts


def test_what_is_not_there_cannot_be_adopted(panel) -> None:
    with pytest.raises(NotFound):
        panel.adopt()


@oma_only
def test_a_mark_that_is_gone_from_the_notes_makes_the_domain_a_strangers(
    delivered, simulator, domain
) -> None:
    domain.attributes["notes_external"] = "made anew by somebody else"
    with pytest.raises(ConflictError, match="adopt it"):
        delivered.terminate()
    assert list(simulator.state.domains) == [DOMAIN]


@oma_only
def test_a_platform_that_hides_notes_is_trusted_for_what_was_delivered(
    delivered, simulator
) -> None:
    simulator.set_variants(shows_notes=False, shows_disabled=False)
    assert delivered.suspend().state is State.SUSPENDED
    assert delivered.terminate().state is State.MISSING
    assert not simulator.state.domains


# -- the simulated platform


def test_what_one_wire_makes_the_other_sees(delivered, simulator, protocol) -> None:
    bob = add(delivered, "bob", display_name="Bob Smith", aliases=(f"sales@{DOMAIN}",))
    other = {"oma": "app", "app": "oma"}[protocol]
    settings = {**delivered.link.settings, "protocol": other}
    panel = Panel(OpenSrs, replace(delivered.link, settings=settings), delivered.account)
    found = panel.run(lambda module: module.mailboxes(panel.account).get(bob))
    assert found.display_name == "Bob Smith"
    assert panel.observe().state is State.ACTIVE
    assert [
        one.targets for one in panel.run(lambda m: m.snapshot(panel.account)).aliases or ()
    ] == [(bob,)]


def test_a_restarted_simulator_finds_its_domains_again(tmp_path) -> None:
    file = tmp_path / "state.json"
    with OpenSrsSimulator(state_file=file) as first:
        first.state.add_domain(DOMAIN)
        first.state.add_user(f"bob@{DOMAIN}", aliases=[f"sales@{DOMAIN}"])
        first.state.delete_account(first.state.add_user(f"gone@{DOMAIN}"))
    with OpenSrsSimulator(state_file=file) as second:
        kept = second.state.domains[DOMAIN]
        assert kept.accounts[f"bob@{DOMAIN}"].aliases == [f"sales@{DOMAIN}"]
        assert kept.deleted[0].account.address == f"gone@{DOMAIN}"
        assert second.state.next_number() > kept.deleted[0].account.number


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/get_domain", b"not json", 400),
        ("POST", "/api/get_domain", b"[]", 400),
        ("POST", "/api/no_such_method", b"{}", 404),
        ("GET", "/api/get_domain", b"", 404),
    ],
)
def test_the_simulator_answers_malformed_requests_as_the_platform_does(
    simulator, method, path, body, status
) -> None:
    answer = requests.request(method, f"{simulator.url}{path}", data=body, timeout=3)
    assert answer.status_code == status


def test_the_simulator_wants_credentials_in_every_call(simulator) -> None:
    for credentials in ({}, {"user": "x", "password": "y"}, {"user": "x", "token": "y"}, None):
        body = {"credentials": credentials, "domain": DOMAIN}
        answer = requests.post(f"{simulator.url}/api/get_domain", json=body, timeout=3).json()
        assert answer["success"] is False and answer["error_number"] in (1, 5)


@pytest.mark.parametrize(
    ("commands", "number"),
    [
        (["get_company_domains"], 1),
        (['VER VER="3.5"', "get_company_domains"], 2),
        (['VER VER="9.9"'], 4),
        (['VER VER="3.5"', 'LOGIN USER="admin" DOMAIN="reseller.adm" PASSWORD="no"'], 6),
        (['VER VER="3.5" and more'], 3),
    ],
)
def test_the_simulator_wants_a_proper_session(simulator, commands, number) -> None:
    with socket.create_connection((simulator.host, simulator.app_port), timeout=3) as talk:
        file = talk.makefile("rb")
        for command in ["", *commands]:
            if command:
                talk.sendall(f"{command}\r\n.\r\n".encode())
            answer = file.readline()
            while file.readline() != b".\r\n":
                continue
        file.close()
    assert answer.startswith(f"ER {number} ".encode())


def test_the_simulator_can_be_driven_from_another_process(simulator) -> None:
    url = f"{simulator.url}/_sim"
    requests.post(f"{url}/do/add_domain", json={"name": "x.example"}, timeout=3)
    requests.post(f"{url}/do/add_user", json={"address": "u@x.example"}, timeout=3)
    state = requests.get(f"{url}/state", timeout=3).json()["state"]
    assert state["domains"]["x.example"]["mailbox"] == 1
    assert state["app_port"] == simulator.app_port
    assert ADMIN_PASSWORD not in str(state)
