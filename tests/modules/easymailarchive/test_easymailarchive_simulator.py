"""The simulator keeps to what the vendor published, also where our client would not notice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from provisioning.modules.easymailarchive.simulator import EasyMailArchiveSimulator, Variants
from tests.modules.easymailarchive.conftest import API_KEY

ADMIN = {
    "company_name": "Acme Corp",
    "admin_email": "a@acme.example",
    "admin_name": "A",
    "admin_password": "Quiet-Harbour-7",
}


@pytest.fixture
def call(simulator):
    def send(method: str, path: str = "", *, key: str = API_KEY, **content: Any) -> Any:
        headers = {"Accept": "application/json", "Authorization": f"Bearer {key}"}
        headers |= content.pop("headers", {})
        url = f"{simulator.url}/api/reseller/tenants{path}"
        return requests.request(method, url, headers=headers, timeout=5, **content)

    return send


def test_the_long_description_answers_as_published(call) -> None:
    made = call("POST", json={"slug": "acme-corp", "name": "Acme"})
    assert made.status_code == 201
    assert made.json()["data"].keys() == {"slug", "name", "status", "created_at"}
    listed = call("GET").json()
    assert listed["meta"] == {"current_page": 1, "last_page": 1, "total": 1}
    assert listed["data"][0].keys() == {
        "slug", "name", "status", "users_count", "storage_bytes", "created_at",
    }  # fmt: skip
    usage = call("GET", "/acme-corp/usage").json()["data"]
    assert usage.keys() == {"users_count", "storage_bytes", "messages_count"}


def test_the_short_description_answers_as_published(call, simulator) -> None:
    simulator.set_variants(dialect="apis")
    assert call("POST", json=ADMIN).json() == {
        "slug": "acme-corp",
        "status": "active",
        "url": "https://acme-corp.archive.host.example",
    }
    assert call("GET").json()[0].keys() == {"slug", "company_name", "status", "plan"}
    shown = call("GET", "/acme-corp").json()
    assert shown["usage"].keys() == {"active_users", "storage_bytes", "message_count"}
    assert call("PUT", "/acme-corp/suspend").json() == {"slug": "acme-corp", "status": "suspended"}
    assert call("PUT", "/acme-corp/unsuspend").json()["status"] == "active"
    assert call("DELETE", "/acme-corp").json()["status"] == "deleted"


def test_without_the_right_key_nothing_is_told(call, simulator) -> None:
    simulator.state.add_tenant("acme")
    for key in ("", "wrong", API_KEY.lower()):
        refused = call("GET", "/acme", key=key)
        assert (refused.status_code, refused.json()) == (401, {"message": "Unauthenticated."})


def test_foreign_deleted_and_unknown_tenants_look_alike(call, simulator) -> None:
    simulator.state.add_foreign("foreign")
    simulator.state.add_tenant("deleted")
    simulator.state.remove_tenant("deleted")
    answers = {call("GET", f"/{slug}").text for slug in ("foreign", "deleted", "unknown")}
    assert len(answers) == 1
    for slug in ("foreign", "deleted"):
        assert call("POST", json={"slug": slug, "name": "X"}).status_code == 422


@pytest.mark.parametrize("slug", ["ab", "1ab", "ab-", "Ab-c", "a_b", "a" * 49, "www"])
def test_names_that_break_the_rules_are_refused(call, slug) -> None:
    refused = call("POST", json={"slug": slug, "name": "X"})
    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == ["slug"]


def test_only_json_bodies_are_read(call, simulator) -> None:
    refused = call("POST", data={"slug": "acme", "name": "X"})
    assert set(refused.json()["errors"]) == {"slug", "name"}
    assert not simulator.state.tenants


def test_errors_are_pages_for_callers_that_do_not_ask_for_json(call) -> None:
    refused = call("GET", "/unknown", headers={"Accept": "*/*"})
    assert refused.text.startswith("<h1>404")


def test_other_methods_and_paths_are_refused(call) -> None:
    assert call("POST", "/acme/suspend").status_code == 405
    assert call("GET", "/acme/nothing/here").status_code == 404


def test_the_wait_is_named_when_there_are_too_many_calls(call, simulator) -> None:
    simulator.set_variants(busy=7)
    busy = call("GET")
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "7")


def test_tenants_outlive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "archive.json"
    with EasyMailArchiveSimulator(state_file=path) as first:
        first.state.add_tenant("acme", users=3)
        first.state.add_foreign("foreign")
    again = EasyMailArchiveSimulator(state_file=path, variants=Variants(dialect="apis"))
    assert again.state.tenant("acme").users == 3
    assert again.state.taken("foreign")
    assert oct(path.stat().st_mode)[-3:] == "600"


def test_it_is_driven_from_another_process_by_its_actions(simulator) -> None:
    url = f"{simulator.url}/_sim/do"
    requests.post(f"{url}/add_tenant", json={"slug": "acme", "name": "Acme"}, timeout=5)
    usage = {"slug": "acme", "users": 4, "storage": 65_536}
    requests.post(f"{url}/set_usage", json=usage, timeout=5)
    requests.post(f"{url}/grow", json={"slug": "acme", "storage": 65_536}, timeout=5)
    tenant = simulator.state.tenant("acme")
    assert (tenant.users, tenant.storage, tenant.messages) == (4, 131_072, 1)
    state = requests.get(f"{simulator.url}/_sim/state", timeout=5).json()["state"]
    assert (state["tenants"], state["users"]) == (1, 4)
