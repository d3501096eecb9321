"""The simulator is strict where the platform is: a client that guesses is refused."""

from __future__ import annotations

import json
import urllib.request
from typing import Any
from urllib.parse import urlencode

import pytest

from provisioning.modules.polarismail.simulator import PolarisMailSimulator
from tests.modules.contract_tests import PASSWORD
from tests.modules.polarismail.conftest import DOMAIN, RESELLER_PASSWORD


@pytest.fixture
def post(simulator):
    def send(path: str = "/admin/json.php", **form: str) -> Any:
        request = urllib.request.Request(simulator.url + path, urlencode(form).encode())
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
            return json.loads(answer.read())

    return send


@pytest.fixture
def token(post):
    return post(action="login", username="reseller", password=RESELLER_PASSWORD)["returndata"]


@pytest.fixture
def call(post, token):
    return lambda action, **form: post(action=action, token=token, **form)


NEW = {
    "username": "bob", "domain": DOMAIN, "account_type": "1", "password": PASSWORD, "quota": "0.5",
}  # fmt: skip


def test_a_wrong_password_and_a_wrong_token_are_refused_with_http_200(post) -> None:
    assert post(action="login", username="reseller", password="x")["returncode"] == 0
    assert post(action="getAllDomains", token="x")["returncode"] == 0
    assert post(action="getAllDomains")["returncode"] == 0


def test_only_a_posted_form_is_understood(simulator, token) -> None:
    body = json.dumps({"action": "getAllDomains", "token": token}).encode()
    url = f"{simulator.url}/admin/json.php"
    asked = (
        urllib.request.Request(f"{url}?action=getAllDomains&token={token}"),
        urllib.request.Request(url, body, {"Content-Type": "application/json"}),
    )
    for request in asked:
        with urllib.request.urlopen(request) as answer:
            assert json.loads(answer.read())["returncode"] == 0


@pytest.mark.parametrize(("action", "form"), [
    ("addDomain", {"domain": "a.example"}),
    ("removeDomain", {"newdomain": DOMAIN}),
    ("updateDomain", {"domain": DOMAIN, "active": "0"}),
    ("updateUser", {"username": "bob", "domain": DOMAIN, "password": PASSWORD}),
    ("addList", {"lname": "team", "domain": DOMAIN, "newlisttype": "1"}),
    ("addListMember", {"lname": "team", "domain": DOMAIN, "member": "x@y.example"}),
    ("addAliasDomain", {"domain": DOMAIN, "alias_domain": "b.example"}),
    ("deleteUser", {"username": "bob", "domain": DOMAIN}),
])  # fmt: skip
def test_another_name_of_a_field_or_an_action_is_refused(simulator, call, action, form) -> None:
    simulator.state.add_domain(DOMAIN)
    before = simulator.state.dump()
    assert call(action, **form)["returncode"] == 0
    assert simulator.state.dump() == before


def test_nothing_can_be_made_before_the_domain_is_proven(simulator, call) -> None:
    assert call("addDomain", newdomain=DOMAIN)["returncode"] == 1
    assert call("addUser", **NEW)["returncode"] == 0
    assert call("addList", newlname="team", domain=DOMAIN, newlisttype="1")["returncode"] == 0
    waiting = call("getDomainVerification", domain=DOMAIN)
    assert (waiting["returncode"], waiting["returndata"]) == (1, simulator.state.domain(DOMAIN).txt)
    simulator.state.publish_verification(DOMAIN)
    assert call("getDomainVerification", domain=DOMAIN)["returncode"] == 0
    assert call("addUser", **NEW)["returncode"] == 1


def test_a_domain_that_is_not_proven_is_deleted_after_a_day(simulator, call) -> None:
    call("addDomain", newdomain=DOMAIN)
    simulator.clock.advance(24 * 3600 - 60)
    assert DOMAIN in simulator.state.domains
    simulator.clock.advance(120)
    call("getAllDomains")
    assert DOMAIN not in simulator.state.domains


@pytest.mark.parametrize("change", [
    {"password": "short1!"}, {"password": "no-upper-case-1"}, {"password": "NoSymbolsHere1"},
    {"account_type": "3"}, {"quota": "0"}, {"quota": "-1"}, {"quota": "many"}, {"quota": "201"},
    {"username": "a b"}, {"domain": "other.example"},
])  # fmt: skip
def test_a_bad_mailbox_is_refused(simulator, call, change) -> None:
    simulator.state.add_domain(DOMAIN)
    assert call("addUser", **{**NEW, **change})["returncode"] == 0
    assert not simulator.state.domain(DOMAIN).users


def test_sizes_go_in_as_gb_and_come_out_as_mb_and_usage_only_when_asked(simulator, call) -> None:
    simulator.state.add_domain(DOMAIN)
    call("addUser", **NEW)
    plain = call("getAllUsersDomain", domain=DOMAIN, slicing="0")
    assert plain["returndata"][0]["quota"] == 500
    assert "usage" not in plain["returndata"][0]
    full = call("getAllUsersDomain", domain=DOMAIN, slicing="0", showQuota="1")
    assert full["returndata"][0]["usage"] == "0"
    assert full["meta"]["all"] == "1"


def test_tokens_of_the_reseller_and_of_a_mailbox_are_not_interchangeable(
    simulator, call, post, token
) -> None:
    simulator.state.add_domain(DOMAIN)
    simulator.state.add_user(f"bob@{DOMAIN}")
    password = call("getOTPass", username="bob", domain=DOMAIN)["returndata"]
    sign_in = {"action": "login", "username": "bob", "domain": DOMAIN, "password": password}
    own = post("/json.php", **sign_in)
    assert own["returncode"] == 1
    assert post("/json.php", **sign_in)["returncode"] == 0  # spent
    assert post("/json.php", action="getForwards", token=token)["returncode"] == 0
    assert post(action="getAllDomains", token=own["returndata"])["returncode"] == 0
    assert post("/json.php", action="getForwards", token=own["returndata"])["returncode"] == 1


def test_what_it_holds_survives_a_restart(tmp_path) -> None:
    file = tmp_path / "polarismail.json"
    with PolarisMailSimulator(state_file=file) as first:
        first.state.add_domain(DOMAIN)
        first.state.add_user(f"bob@{DOMAIN}", usage=12)
    with PolarisMailSimulator(state_file=file) as second:
        assert second.state.dump() == first.state.dump()
        assert second.state.domain(DOMAIN).users["bob"].usage == 12
