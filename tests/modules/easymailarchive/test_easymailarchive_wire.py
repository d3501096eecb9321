"""Method, path, fields and encoding of every documented call, in both descriptions."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioning.contract import (
    MisconfiguredError,
    ModuleError,
    NotFound,
    PermanentError,
    State,
    TemporaryError,
)
from provisioning.modules.easymailarchive.answers import NoSuchCall, Refused
from provisioning.modules.easymailarchive.client import Client
from tests.modules.easymailarchive.conftest import API_KEY, SLUG, sent

PATH = "/api/reseller/tenants"


def status(code: int, body: str) -> dict[str, object]:
    return {"status": code, "body": body, "content_type": "application/json"}


@pytest.fixture
def client(link):
    return Client(link)


def test_every_call_carries_the_key_and_asks_for_json(panel, simulator) -> None:
    panel.create()
    panel.suspend()
    panel.unsuspend()
    panel.terminate()
    assert len(simulator.journal) > 6
    for each in simulator.journal:
        assert each.header("Authorization") == f"Bearer {API_KEY}"
        assert each.header("Accept") == "application/json"


def test_a_creation_sends_what_both_descriptions_ask_for(panel, simulator) -> None:
    panel.create()
    (call,) = simulator.journal.find(method="POST")
    assert call.path == PATH
    assert call.header("Content-Type") == "application/json"
    assert call.json() == {
        "slug": SLUG,
        "name": "client.example",
        "company_name": "client.example",
        "admin_email": "jean@client.example",
        "admin_name": "Jean Martin",
        "admin_password": panel.run(lambda _module: call.json()["admin_password"]),
    }
    assert len(call.json()["admin_password"]) == 16


@pytest.mark.parametrize(
    ("dialect", "names"),
    [
        ("help", {"slug", "name"}),
        (
            "apis",
            {"slug", "company_name", "admin_email", "admin_name", "admin_password", "plan"},
        ),
    ],
)
def test_a_chosen_description_sends_its_own_fields_only(panel, simulator, dialect, names) -> None:
    simulator.set_variants(dialect=dialect)
    chosen = {**panel.link.settings, "dialect": dialect, "plan": "business"}
    panel.link = replace(panel.link, settings=chosen)
    assert panel.create().state is State.ACTIVE
    (call,) = simulator.journal.find(method="POST")
    assert call.json().keys() == names


def test_looking_switching_and_measuring_use_the_documented_calls(client, simulator) -> None:
    simulator.state.add_tenant("acme", name="Acme Corp", users=3, storage=5)
    client.page()
    client.tenant("acme")
    client.usage("acme")
    client.switch("acme", "suspend")
    client.switch("acme", "unsuspend")
    assert sent(simulator) == [
        ("GET", ""),
        ("GET", "/acme"),
        ("GET", "/acme/usage"),
        ("PUT", "/acme/suspend"),
        ("PUT", "/acme/unsuspend"),
    ]
    assert not any(each.body for each in simulator.journal)


def test_a_switch_refused_as_the_wrong_method_is_sent_by_the_other(client, simulator) -> None:
    simulator.state.add_tenant("acme")
    simulator.set_variants(switch_method="POST")
    client.switch("acme", "suspend")
    assert [method for method, _ in sent(simulator)] == ["PUT", "POST"]
    assert simulator.state.tenant("acme").status == "suspended"


def test_all_pages_of_a_list_are_read_and_no_more(client, simulator) -> None:
    for number in range(31):
        simulator.state.add_tenant(f"tenant-{number:02}")
    found = [tenant.slug for tenant in client.tenants()]
    assert found == [f"tenant-{number:02}" for number in range(31)]
    assert [each.query.get("page") for each in simulator.journal] == [None, "2", "3"]


@pytest.mark.parametrize("slug", ["../keys", "a/b", "a?x=1", "ä&b", "a\r\nX-Evil: 1", "%2e%2e"])
def test_a_name_stays_inside_its_own_part_of_the_path(client, simulator, slug) -> None:
    with pytest.raises((NotFound, NoSuchCall)):
        client.tenant(slug)
    (call,) = simulator.journal
    assert call.path.startswith(f"{PATH}/")
    assert call.path.count("/") == PATH.count("/") + 1
    assert not call.query
    assert "x-evil" not in call.headers


ANSWERS: dict[str, tuple[int, str, type[ModuleError], str]] = {
    "no key": (401, '{"message": "Unauthenticated."}', MisconfiguredError, "password field"),
    "forbidden": (403, '{"message": "No."}', MisconfiguredError, "password field"),
    "gone": (404, '{"message": "Tenant not found."}', NotFound, "Tenant not found"),
    "another site": (404, "<html>Nothing here</html>", TemporaryError, "404"),
    "an empty 404": (404, " ", TemporaryError, "404"),
    "no such route": (404, '{"message": "The route x could not be found."}', NoSuchCall, "route"),
    "moved": (302, "", MisconfiguredError, "does not offer"),
    "refused": (
        422,
        '{"message": "Wrong.", "errors": {"plan": ["Unknown plan."], "name": ["Too long."]}}',
        Refused,
        "Wrong. Unknown plan. Too long.",
    ),
    "errors of odd shape": (422, '{"errors": {"plan": "Unknown plan."}}', Refused, "Unknown plan."),
    "no reason": (400, "{}", Refused, "HTTP 400 without a reason"),
    "busy": (429, '{"message": "Slow down."}', TemporaryError, "Slow down."),
    "broken": (500, '{"message": "Server Error"}', TemporaryError, "Server Error"),
    "a page instead": (200, "<html>Welcome</html>", TemporaryError, "without JSON"),
    "a number": (200, "7", TemporaryError, "without JSON"),
    "a list": (200, "[]", TemporaryError, "no object but list"),
    "deep nonsense": (200, "[" * 5000, TemporaryError, "without JSON"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_each_kind_of_answer_is_told_apart(client, simulator, name) -> None:
    code, body, error, words = ANSWERS[name]
    simulator.fault("status", times=None, **status(code, body))
    with pytest.raises(error, match=words) as caught:
        client.tenant("acme")
    assert caught.value.message
    assert API_KEY not in caught.value.detail


def test_busy_names_the_time_to_wait_and_is_not_asked_again_at_once(client, simulator) -> None:
    simulator.set_variants(busy=40)
    with pytest.raises(TemporaryError) as caught:
        client.tenant("acme")
    assert caught.value.retry_after == 40
    assert len(simulator.journal) == 1


def test_reads_are_repeated_twice_and_changes_never(client, simulator) -> None:
    simulator.state.add_tenant("acme")
    simulator.fault("status", times=2, **status(500, "{}"))
    assert client.tenant("acme").slug == "acme"
    simulator.journal.clear()
    simulator.fault("status", times=2, **status(500, "{}"))
    with pytest.raises(TemporaryError) as caught:
        client.switch("acme", "suspend")
    assert caught.value.maybe_applied
    assert len(simulator.journal) == 1
    assert simulator.state.tenant("acme").status == "active"


@pytest.mark.parametrize("key", ["", "  ", "two words", "broken\nkey", "schlüssel"])
def test_a_key_that_cannot_be_one_is_never_sent(link, simulator, key) -> None:
    with pytest.raises(MisconfiguredError):
        Client(replace(link, password=key)).page()
    assert len(simulator.journal) == 0


def test_a_server_without_this_api_is_for_staff_to_mend(client, simulator) -> None:
    body = '{"message": "The route could not be found."}'
    simulator.fault("status", **status(404, body))
    with pytest.raises(MisconfiguredError, match="does not offer"):
        client.page()


def test_test_connection_counts_the_tenants_and_warns_of_a_missing_base_domain(
    panel, simulator
) -> None:
    for number in range(31):
        simulator.state.add_tenant(f"tenant-{number:02}")
    report = panel.run(lambda module: module.check_connection())
    assert (report.accounts, report.warnings) == (31, ())
    panel.link = replace(panel.link, settings={**panel.link.settings, "base_domain": ""})
    report = panel.run(lambda module: module.check_connection())
    assert "base domain" in report.warnings[0]
    assert len(simulator.journal) == 2


def test_a_body_that_lies_about_pages_ends_all_the_same(client, simulator) -> None:
    body = '{"data": [], "meta": {"last_page": 1000000}}'
    simulator.fault("status", times=None, **status(200, body))
    assert list(client.tenants()) == []
    assert len(simulator.journal) == 1


def test_a_refusal_can_be_read_by_the_customer(client, simulator) -> None:
    simulator.fault("status", **status(422, '{"message": "No more archives on this contract."}'))
    with pytest.raises(PermanentError) as caught:
        client.create({"slug": "acme", "name": "Acme"})
    assert "No more archives on this contract." in caught.value.message


def test_an_answer_nested_too_deep_to_be_searched_for_secrets_is_not_logged(
    panel, simulator
) -> None:
    simulator.fault("status", **status(200, "[" * 600 + '"Planted"' + "]" * 600))
    panel.run(lambda module: module.client.page())
    assert len(panel.calls) == 1
    assert "Planted" not in panel.calls[0].response


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
def test_whatever_a_customer_is_called_stays_one_value_of_the_body(client, simulator, name) -> None:
    simulator.journal.clear()
    with suppress(PermanentError):
        client.create({"slug": "acme", "name": name})
    (call,) = simulator.journal
    assert call.json() == {"slug": "acme", "name": name}
