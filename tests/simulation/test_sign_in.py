"""Authentication, token life, rotation, eviction, second factor and intrusion detection."""

from __future__ import annotations

import base64
import json

import pytest

from provisioning.modules.smartermail.simulator import SmarterMailSimulator, Variants
from provisioning.modules.smartermail.simulator.state import USER_PASSWORD
from tests.simulation.conftest import Start
from tests.simulation.wire import ADMIN, Api

DOMAINS = "settings/sysadmin/domains"
DATA = "settings/domain/data"


def test_a_login_answers_as_the_sample_does(api: Api) -> None:
    reply = api.log_in(**ADMIN, clientId="panel-1")
    assert reply.status_code == 200
    body = reply.json()
    tokens = {
        key: body.pop(key)
        for key in (
            "accessToken",
            "refreshToken",
            "accessTokenExpiration",
            "refreshTokenExpiration",
        )
    }
    assert body == {
        "emailAddress": "", "changePasswordNeeded": False, "displayWelcomeWizard": False,
        "isAdmin": True, "isDomainAdmin": False, "isLicensed": True, "autoLoginToken": None,
        "autoLoginUrl": None, "localeId": "en", "isImpersonating": False,
        "canViewPasswords": False, "username": "admin", "success": True, "resultCode": 200,
        "message": "",
    }  # fmt: skip
    assert all(tokens.values())
    assert tokens["accessTokenExpiration"].endswith("Z")


def test_a_wrong_password_answers_as_the_sample_does(api: Api) -> None:
    reply = api.log_in("admin", "wrong")
    assert reply.status_code == 401
    assert reply.json() == {
        "success": False,
        "resultCode": 401,
        "message": "USERNAME_OR_PASSWORD_INCORRECT",
    }


def test_an_unknown_user_and_empty_fields_are_told_apart(api: Api) -> None:
    assert api.log_in("nobody@client.com", "x").json()["message"] == "USER_NOT_FOUND"
    assert "empty" in api.log_in("", "").json()["message"]
    assert api.log_in("a" * 201, "x").status_code == 400


@pytest.mark.parametrize(
    ("name", "password", "role"),
    [
        ("admin", ADMIN["password"], "PrimarySysAdmin"),
        ("admin@client.com", "Simulated-Adm1n", "DomainAdmin"),
        ("BOB@Client.com", USER_PASSWORD, None),
    ],
)
def test_the_access_token_is_a_jwt_with_the_role(
    api: Api, name: str, password: str, role: str | None
) -> None:
    token = api.log_in(name, password).json()["accessToken"]
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims.get("role") == role


def test_a_bare_name_works_where_the_host_name_binds_a_domain(api: Api) -> None:
    body = {"username": "bob", "password": USER_PASSWORD}
    bound = api.post("auth/authenticate-user", body, headers={"Host": "mail.client.com"})
    assert bound.json()["emailAddress"] == "bob@client.com"
    assert api.post("auth/authenticate-user", body).status_code == 401


def test_an_access_token_dies_after_its_short_life(sim: SmarterMailSimulator, admin: Api) -> None:
    sim.clock.advance(899)
    assert admin.get(DOMAINS).status_code == 200
    sim.clock.advance(2)
    reply = admin.get(DOMAINS)
    assert (reply.status_code, reply.json()["message"]) == (401, "Token has expired")


def test_a_refresh_token_rotates_and_its_reuse_is_401(api: Api) -> None:
    first = api.log_in(**ADMIN).json()["refreshToken"]
    renewed = api.post("auth/refresh-token", {"token": first}).json()
    assert renewed["refreshToken"] != first
    assert api.with_token(renewed["accessToken"]).get(DOMAINS).status_code == 200
    reused = api.post("auth/refresh-token", {"token": first})
    assert (reused.status_code, reused.json()["message"]) == (401, "Refresh token rejected")
    again = api.post("auth/refresh-token", {"token": renewed["refreshToken"]})
    assert again.status_code == 200


def test_a_refresh_token_dies_too(sim: SmarterMailSimulator, api: Api) -> None:
    token = api.log_in(**ADMIN).json()["refreshToken"]
    sim.clock.advance(86_401)
    assert api.post("auth/refresh-token", {"token": token}).status_code == 401


def test_a_second_login_with_the_same_client_id_evicts_the_first(api: Api) -> None:
    first = api.log_in(**ADMIN, clientId="worker").json()
    other = api.as_admin(clientId="another")
    api.log_in(**ADMIN, clientId="worker")
    assert api.with_token(first["accessToken"]).get(DOMAINS).status_code == 401
    assert api.post("auth/refresh-token", {"token": first["refreshToken"]}).status_code == 401
    assert other.get(DOMAINS).status_code == 200


def test_two_logins_without_a_client_id_share_one_token_set(api: Api) -> None:
    first = api.as_admin()
    second = api.as_admin()
    assert (first.get(DOMAINS).status_code, second.get(DOMAINS).status_code) == (401, 200)


def test_logout_kills_the_tokens_of_this_login_only(api: Api) -> None:
    body = api.log_in(**ADMIN, clientId="a").json()
    mine, other = api.with_token(body["accessToken"]), api.as_admin(clientId="b")
    assert mine.post("auth/logout-user").json()["success"] is True
    assert mine.get(DOMAINS).status_code == 401
    assert api.post("auth/refresh-token", {"token": body["refreshToken"]}).status_code == 401
    assert other.get(DOMAINS).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic YWRtaW46YWRtaW4="])
def test_without_a_valid_bearer_token_everything_is_401(api: Api, header: str) -> None:
    reply = Api(api.url, Authorization=header).get(DOMAINS)
    assert reply.status_code == 401


def test_a_second_factor_gives_a_step_token_that_is_good_for_nothing_else(
    sim: SmarterMailSimulator, api: Api
) -> None:
    sim.state.sysadmins["admin"].two_factor_code = "123456"
    body = api.log_in(**ADMIN).json()
    assert body["success"] is True
    assert body["message"].startswith("TWO_FACTOR_REQUIRED|Email|")
    assert body["refreshToken"] == ""
    step = api.with_token(body["accessToken"])
    assert step.get(DOMAINS).status_code == 401
    wrong = step.post("auth/authenticate-two-factor-code", {"twoFactorCode": "000000"})
    assert wrong.status_code == 401
    right = step.post("auth/authenticate-two-factor-code", {"twoFactorCode": "123456"}).json()
    assert api.with_token(right["accessToken"]).get(DOMAINS).status_code == 200


def test_a_second_factor_code_may_come_with_the_login(sim: SmarterMailSimulator, api: Api) -> None:
    sim.state.sysadmins["admin"].two_factor_code = "123456"
    body = api.log_in(**ADMIN, twoFactorCode="123456").json()
    assert api.with_token(body["accessToken"]).get(DOMAINS).status_code == 200


def test_older_builds_answer_a_second_factor_with_401(start: Start) -> None:
    sim = start(variants=Variants(two_factor_as_401=True))
    sim.state.sysadmins["admin"].two_factor_code = "123456"
    assert Api(sim.url).log_in(**ADMIN).status_code == 401


def test_a_needed_password_change_leaves_the_token_useless(
    sim: SmarterMailSimulator, api: Api
) -> None:
    sim.state.sysadmins["admin"].must_change_password = True
    body = api.log_in(**ADMIN).json()
    assert body["changePasswordNeeded"] is True
    assert api.with_token(body["accessToken"]).get(DOMAINS).status_code == 401


def test_disabled_users_and_users_of_disabled_domains_stay_out(
    sim: SmarterMailSimulator, api: Api
) -> None:
    sim.state.domain("client.com").users["bob"].is_enabled = False
    assert "DISABLED" in api.log_in("bob@client.com", USER_PASSWORD).json()["message"]
    token = api.log_in("amy@client.com", USER_PASSWORD).json()["refreshToken"]
    sim.state.domain("client.com").settings["isEnabled"] = False
    assert "DISABLED" in api.log_in("amy@client.com", USER_PASSWORD).json()["message"]
    assert api.post("auth/refresh-token", {"token": token}).status_code == 401


def test_failed_logins_block_the_address_even_for_the_right_password(start: Start) -> None:
    sim = start(variants=Variants(failed_logins_allowed=3))
    api = Api(sim.url)
    for _ in range(3):
        assert api.log_in("admin", "wrong").json()["message"] == "USERNAME_OR_PASSWORD_INCORRECT"
    blocked = api.log_in(**ADMIN)
    assert (blocked.status_code, blocked.json()["message"]) == (401, "Too many login attempts")
    sim.clock.advance(601)
    assert api.log_in(**ADMIN).status_code == 200


def test_a_temporary_password_works_until_it_is_revoked(admin: Api, api: Api) -> None:
    password = admin.post("auth/generate-temp-pass/bob%40client.com").json()["tempPassword"]
    assert api.log_in("bob@client.com", password).status_code == 200
    admin.post("auth/revoke-temp-pass/bob%40client.com")
    assert api.log_in("bob@client.com", password).status_code == 401


def test_the_tokens_of_a_deleted_domain_lead_nowhere(admin: Api) -> None:
    managing = admin.managing("client.com")
    admin.post("settings/sysadmin/domain-delete/client.com/true")
    reply = managing.get(DATA)
    assert (reply.status_code, reply.json()["message"]) == (400, "Domain does not exist")


def test_the_token_of_a_deleted_user_is_401(admin: Api, api: Api) -> None:
    bob = api.as_user("bob@client.com", USER_PASSWORD)
    admin.inside("client.com").post("settings/domain/account-list-delete", {"input": ["bob"]})
    assert bob.get("settings/mailbox-forward-list").status_code == 401
