"""What OMA is sent, call by call, and what its answers mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from provisioning.contract import (
    ConflictError,
    InvalidInput,
    MailboxChange,
    MailingList,
    MisconfiguredError,
    ModuleError,
    NotFound,
    PermanentError,
    TemporaryError,
)
from provisioning.modules.opensrs.failures import oma_failure
from provisioning.modules.opensrs.settings import GB
from tests.modules.opensrs.conftest import ADMIN, ADMIN_PASSWORD, DOMAIN, PASSWORD, add, bodies
from tests.modules.panel import MemoryTokens

BOB = f"bob@{DOMAIN}"


@pytest.fixture
def protocol() -> str:
    return "oma"


def test_a_call_is_a_post_of_one_json_object_that_signs_in_by_itself(panel, simulator) -> None:
    panel.observe()
    first, second = list(simulator.journal)
    assert (first.method, first.path) == ("POST", "/api/authenticate")
    assert first.header("content-type") == "application/json"
    credentials = first.json()["credentials"]
    assert credentials == {"user": ADMIN, "password": ADMIN_PASSWORD, "client": "Postmeter"}
    assert (second.method, second.path) == ("POST", "/api/get_domain")
    token = second.json()["credentials"]
    assert token.keys() == {"user", "token", "client"}
    assert second.json()["domain"] == DOMAIN


def test_the_session_is_shared_by_all_workers_until_it_ends(panel, simulator) -> None:
    for _ in range(3):
        panel.observe()
    assert len(bodies(simulator, "authenticate")) == 1
    assert bodies(simulator, "authenticate")[0][1]["session_token_duration"] == 3600


def test_a_platform_without_session_tokens_gets_the_password_every_time(panel, simulator) -> None:
    simulator.set_variants(session_tokens=False)
    panel.observe()
    assert simulator.journal[-1].json()["credentials"]["password"] == ADMIN_PASSWORD


def test_test_connection_asks_for_the_role_and_the_number_of_domains(panel, simulator) -> None:
    simulator.state.add_domain("one.example")
    report = panel.run(lambda module: module.check_connection())
    assert (report.version, report.edition, report.accounts) == ("OMA", "127.0.0.1", 1)
    sent = bodies(simulator)
    assert [name for name, _ in sent] == ["authenticate", "search_domains"]
    assert sent[0][1]["fetch_extra_info"] is True
    assert sent[1][1] == {"criteria": {"type": ["domain"]}, "range": {"first": 0, "limit": 1}}


@pytest.mark.parametrize("as_list", [True, False])
def test_a_role_that_is_too_low_is_named(panel, simulator, as_list) -> None:
    simulator.set_variants(role="company_ro", roles_as_list=as_list)
    with pytest.raises(MisconfiguredError, match="company_ro; this panel needs the role company"):
        panel.run(lambda module: module.check_connection())


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        ({"caller_allowed": False}, "Allow this panel's address"),
        ({"second_factor": True}, "second factor"),
    ],
)
def test_what_staff_must_mend_is_said(panel, simulator, variant, said) -> None:
    simulator.set_variants(**variant)
    with pytest.raises(MisconfiguredError, match=said):
        panel.run(lambda module: module.check_connection())


def test_create_looks_first_and_then_makes_the_domain_whole_in_one_call(panel, simulator) -> None:
    panel.create()
    sent = bodies(simulator, "get_domain", "change_domain")
    assert sent[0] == ("get_domain", {"domain": DOMAIN})
    name, body = sent[1]
    assert (name, body["domain"], body["create_only"]) == ("change_domain", DOMAIN, True)
    services = {key: value for key, value in body["attributes"].items() if "service" in key}
    assert set(services.values()) == {"enabled"} and len(services) == 5
    assert {k: v for k, v in body["attributes"].items() if k not in services} == {
        "limit_users": 8,
        "quota": 5 * GB,
        "quota_maximum": 100 * 1024,
        "spamlevel": "Normal",
        "notes_external": panel.account.data["mark"],
    }


def test_a_product_shapes_the_domain(panel, simulator) -> None:
    chosen = {
        "quota_gb": "20", "quota_maximum_gb": "50", "alias_limit": 9, "spam_level": "Very High",
        "smtp_sent_limit": 500, "password_strength": "strong", "allow_pop": False,
        "workgroup": "sales",
    }  # fmt: skip
    panel.account = replace(panel.account, settings={**panel.account.settings, **chosen})
    panel.create()
    (_, body), *_ = bodies(simulator, "change_domain")
    wanted = {
        "quota": 20 * GB, "quota_maximum": 50 * 1024, "limit_aliases": 9,
        "spamlevel": "Very High", "smtp_sent_limit": 500, "password_strength": "strong",
        "service_pop3": "disabled", "service_imap4": "enabled",
    }  # fmt: skip
    assert wanted.items() <= body["attributes"].items()
    assert bodies(simulator, "create_workgroup") == [
        ("create_workgroup", {"domain": DOMAIN, "workgroup": "sales"})
    ]


def test_suspending_and_releasing_send_only_that(delivered, simulator) -> None:
    delivered.suspend()
    delivered.unsuspend()
    sent = [body["attributes"] for _, body in bodies(simulator, "change_domain")]
    assert sent == [{"disabled": True}, {"disabled": False}]


def test_change_package_sets_both_quantities_as_the_one_limit_there_is(
    delivered, simulator
) -> None:
    delivered.account = replace(delivered.account, options={"mailboxes": 20, "forwards": 7})
    delivered.change_package()
    ((_, body),) = bodies(simulator, "change_domain")
    assert body["attributes"]["limit_users"] == 27
    assert "create_only" not in body and "notes_external" not in body["attributes"]


def test_terminate_deletes_the_users_of_every_page_first(delivered, simulator, domain) -> None:
    simulator.set_variants(largest_page=2)
    for number in range(5):
        simulator.state.add_user(f"u{number}@{DOMAIN}")
    delivered.terminate()
    names = [name for name, _ in bodies(simulator)]
    assert names.count("search_users") == 3
    assert names.count("delete_user") == 5
    assert names[-2:] == ["delete_domain", "get_domain"]


def test_a_new_mailbox_is_one_create_only_call_after_two_looks(delivered, simulator) -> None:
    add(delivered, "bob", display_name="Bob", quota_bytes=10 * GB)
    assert bodies(simulator) == [
        (
            "search_users",
            {
                "criteria": {"domain": DOMAIN, "type": ["mailbox"]},
                "range": {"first": 0, "limit": 1},
            },
        ),
        ("get_user", {"user": BOB}),
        (
            "change_user",
            {
                "user": BOB,
                "attributes": {
                    "type": "mailbox",
                    "password": PASSWORD,
                    "name": "Bob",
                    "quota": 10 * GB,
                },
                "create_only": True,
            },
        ),
    ]


CHANGES: dict[str, tuple[MailboxChange, dict[str, Any]]] = {
    "a password": (MailboxChange(password=PASSWORD), {"password": PASSWORD}),
    "a name": (MailboxChange(display_name=' R. "Bob" '), {"name": 'R. "Bob"'}),
    "a size": (MailboxChange(quota_bytes=20 * GB), {"quota": 20 * GB}),
    "switched off": (
        MailboxChange(enabled=False),
        dict.fromkeys(
            (
                "service_imap4", "service_pop3", "service_webmail", "service_smtprelay_webmail",
                "service_smtprelay",
            ),
            "suspended",
        ),
    ),
    "a forward that keeps a copy": (
        MailboxChange(forward_to=("Bob@Home.example",), forward_keeps_copy=True),
        {
            "delivery_forward": True,
            "forward_recipients": ["bob@home.example"],
            "delivery_local": True,
        },
    ),
    "a person": (
        MailboxChange(extra={"title": "Dr", "phone": "", "workgroup": "", "spam_level": "High"}),
        {"title": "Dr", "spamlevel": "High"},
    ),
    "an automatic reply": (
        MailboxChange(extra={"autoresponder": "Away"}),
        {"autoresponder": "Away", "delivery_autoresponder": True},
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_an_edit_sends_what_changed_and_nothing_else(delivered, simulator, bob, change) -> None:
    wanted, attributes = CHANGES[change]
    delivered.run(lambda module: module.mailboxes(delivered.account).update(bob, wanted))
    (_, body), *more = bodies(simulator, "change_user")
    assert body == {"user": bob, "attributes": attributes}
    assert not more


def test_ending_a_forward_keeps_the_mail_in_the_mailbox(delivered, simulator, bob) -> None:
    there = {"delivery_forward": True, "forward_recipients": ["x@y.example"]}
    simulator.state.account(bob).attributes.update({**there, "delivery_local": False})
    change = MailboxChange(forward_to=(), forward_keeps_copy=False)
    delivered.run(lambda module: module.mailboxes(delivered.account).update(bob, change))
    assert simulator.state.account(bob).attributes["delivery_local"] is True


def test_a_forward_is_an_account_of_its_own_kind(delivered, simulator) -> None:
    wanted = MailingList(address=f"All@{DOMAIN}", members=("A@x.example", "b@y.example"))
    delivered.run(lambda module: module.lists(delivered.account).create(wanted))
    ((_, body),) = bodies(simulator, "change_user")
    assert body["create_only"] is True and body["user"] == f"all@{DOMAIN}"
    assert body["attributes"] == {
        "type": "forward",
        "name": "",
        "delivery_forward": True,
        "forward_recipients": ["a@x.example", "b@y.example"],
    }


def test_single_sign_on_asks_for_a_token_of_one_use(delivered, simulator, bob) -> None:
    link = delivered.run(lambda module: module.mailbox_login(delivered.account, bob))
    ((_, body),) = bodies(simulator, "generate_token")
    assert body == {"user": bob, "reason": "Webmail", "type": "sso", "duration": 1}
    assert link.url.startswith(f"{simulator.url}/mail?user=bob%40{DOMAIN}&pass=")


def test_an_own_base_address_is_followed_with_its_path(panel, simulator) -> None:
    settings = {**panel.link.settings, "base_url": f"{simulator.url}/api"}
    panel.link = replace(panel.link, settings=settings, tokens=MemoryTokens())
    panel.observe()
    assert {each.path for each in simulator.journal} == {"/api/authenticate", "/api/get_domain"}


@pytest.mark.parametrize("body", ["", "[]", "{}", "<html>", '{"success": "yes"}', '{"succ'])
def test_an_answer_that_does_not_say_success_is_none(delivered, simulator, body) -> None:
    simulator.fault("status", "/api/change_domain", status=200, body=body)
    with pytest.raises(TemporaryError) as caught:
        delivered.suspend()
    assert caught.value.maybe_applied


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, PermanentError), (404, MisconfiguredError), (301, MisconfiguredError),
     (401, MisconfiguredError), (429, TemporaryError), (500, TemporaryError),
     (503, TemporaryError)],
)  # fmt: skip
def test_http_statuses_mean_what_they_say(delivered, simulator, status, kind) -> None:
    simulator.fault("status", status=status)
    with pytest.raises(kind):
        delivered.observe()


KINDS: dict[type[ModuleError], tuple[int, ...]] = {
    TemporaryError: (0, 20, 22, 25, 28, 29, 30),
    MisconfiguredError: (1, 4, 11, 12, 21, 27, 32, 33, 35, 39, 42, 43, 44),
    ConflictError: (3, 7, 8, 9, 23),
    NotFound: (2, 13, 26),
    InvalidInput: (34, 36, 37, 38, 40, 47, 48),
    PermanentError: (10, 14, 15, 16, 17, 18, 19, 24, 31, 45, 46, 99),
}


@pytest.mark.parametrize(
    ("number", "kind"), [(number, kind) for kind, numbers in KINDS.items() for number in numbers]
)
def test_each_error_number_is_what_the_panel_does_next(number, kind) -> None:
    error = oma_failure({"success": False, "error_number": number, "error": "Vendor words."})
    assert isinstance(error, kind)
    assert f"(error {number})" in error.detail and error.message


def test_hints_lead_to_the_input_that_is_wrong() -> None:
    reply = {"error_number": 6, "error": "Badly formatted", "hints": {"password": "too odd"}}
    error = oma_failure(reply)
    assert isinstance(error, InvalidInput)
    assert error.field == "password" and "too odd" in error.detail


@pytest.mark.parametrize("number", [23, 7])
def test_whatever_the_number_a_taken_name_is_a_conflict(panel, simulator, number) -> None:
    simulator.set_variants(exists_error=number)
    simulator.fault("refusal", "/api/get_domain", message="2")
    simulator.state.add_domain(DOMAIN)
    with pytest.raises(ConflictError):
        panel.create()
