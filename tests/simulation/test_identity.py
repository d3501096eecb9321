"""Which identity may make which call, and the three ways into a domain."""

from __future__ import annotations

import pytest

from provisioning.modules.smartermail.simulator import SmarterMailSimulator, Variants
from provisioning.modules.smartermail.simulator.state import ADMIN_PASSWORD, USER_PASSWORD
from tests.simulation.conftest import Start
from tests.simulation.wire import EVERYTHING, Api

DATA = "settings/domain/data"


def test_a_raw_sysadmin_token_has_no_domain(admin: Api) -> None:
    reply = admin.get(DATA)
    assert (reply.status_code, reply.json()["message"]) == (400, "Domain does not exist")


def test_manage_domain_gives_a_token_tied_to_that_domain(admin: Api) -> None:
    reply = admin.post("settings/sysadmin/manage-domain/CLIENT.COM").json()
    assert set(reply) >= {
        "impersonateAccessToken", "impersonateRefreshToken", "impersonateAccessTokenExpiration",
        "username", "email",
    }  # fmt: skip
    managing = admin.with_token(reply["impersonateAccessToken"])
    assert managing.get(DATA).json()["domainData"]["name"] == "client.com"
    assert managing.get("settings/sysadmin/domains").status_code == 403


def test_an_impersonated_token_ignores_the_identity_headers(
    sim: SmarterMailSimulator, admin: Api
) -> None:
    sim.state.add_domain("other.org")
    managing = admin.managing("client.com").inside("other.org")
    assert managing.get(DATA).json()["domainData"]["name"] == "client.com"


def test_the_headers_of_a_sysadmin_enter_a_domain_and_a_mailbox(admin: Api) -> None:
    assert admin.inside("client.com").get(DATA).json()["domainData"]["name"] == "client.com"
    bob = admin.inside("client.com", "bob")
    bob.post("settings/mailbox-forward-list", {"mailboxForwardList": {"forwardList": ["x@y.org"]}})
    amy = admin.inside("client.com", "amy@client.com")
    forwards = [one.get("settings/mailbox-forward-list").json() for one in (bob, amy)]
    assert [one["mailboxForwardList"]["forwardList"] for one in forwards] == [["x@y.org"], []]


def test_headers_naming_nobody_are_refused(admin: Api) -> None:
    assert admin.inside("no.such").get(DATA).json()["message"] == "Domain does not exist"
    nobody = admin.inside("client.com", "nobody").get("settings/auto-responder")
    assert nobody.json()["message"] == "User does not exist."


def test_older_builds_do_not_know_the_headers(start: Start) -> None:
    sim = start(variants=Variants(header_identity=False))
    admin = Api(sim.url).as_admin()
    assert admin.inside("client.com").get(DATA).json()["message"] == "Domain does not exist"
    assert admin.managing("client.com").get(DATA).status_code == 200


@pytest.mark.parametrize(
    ("variants", "status", "word"),
    [
        (Variants(), 404, "does not exist"),
        (Variants(manage_unknown_domain="invalid_permissions"), 400, "INVALID_PERMISSIONS"),
    ],
)
def test_managing_an_unknown_domain_fails_in_one_of_two_ways(
    start: Start, variants: Variants, status: int, word: str
) -> None:
    reply = (
        Api(start(variants=variants).url).as_admin().post("settings/sysadmin/manage-domain/no.such")
    )
    assert reply.status_code == status
    assert word in reply.json()["message"]


@pytest.mark.parametrize("form", ["path", "body"])
def test_a_user_is_impersonated_by_path_or_body(admin: Api, form: str) -> None:
    path, body = "settings/domain/impersonate-user", {"email": "bob@client.com"}
    reply = admin.post(f"{path}/bob%40client.com") if form == "path" else admin.post(path, body)
    bob = admin.with_token(reply.json()["impersonateAccessToken"])
    assert bob.get("settings/auto-responder").status_code == 200
    assert bob.get(DATA).status_code == 403


def test_a_domain_admin_stays_within_the_own_domain(start: Start) -> None:
    sim = start()
    sim.state.add_domain("other.org")
    boss = Api(sim.url).as_user("admin@client.com", ADMIN_PASSWORD)
    assert boss.get(DATA).json()["domainData"]["name"] == "client.com"
    assert boss.get("settings/sysadmin/domain/client.com").status_code == 403
    stranger = boss.post("settings/domain/impersonate-user", {"email": "admin@other.org"})
    assert stranger.status_code == 403
    assert boss.post("settings/sysadmin/domain-delete/other.org/true").status_code == 403
    assert sim.state.find_domain("other.org") is not None


def test_a_plain_user_reaches_own_settings_only(sim: SmarterMailSimulator, api: Api) -> None:
    bob = api.as_user("bob@client.com", USER_PASSWORD)
    assert bob.get("settings/auto-responder").status_code == 200
    refused = [
        bob.get(DATA),
        bob.post("settings/domain/account-list-search", EVERYTHING),
        bob.post("settings/domain/account-list-delete", {"input": ["amy"]}),
        bob.get("settings/sysadmin/domains"),
        bob.post("auth/retrieve-login-token", {"username": "amy", "domain": "client.com"}),
    ]
    assert [reply.status_code for reply in refused] == [403] * 5
    assert "amy" in sim.state.domain("client.com").users


def test_some_builds_answer_401_to_a_role_too_low(start: Start) -> None:
    sim = start(variants=Variants(role_too_low=401))
    bob = Api(sim.url).as_user("bob@client.com", USER_PASSWORD)
    assert bob.get(DATA).status_code == 401
