"""Auto-login: the token, its link and the landing page."""

from __future__ import annotations

import pytest
import requests

from provisioning.modules.smartermail.simulator import SmarterMailSimulator, Variants
from provisioning.modules.smartermail.simulator.state import ADMIN_PASSWORD
from tests.simulation.conftest import Start
from tests.simulation.wire import ADMIN, Api

CALL = "auth/retrieve-login-token"
INFO = {"username": "bob", "domain": "client.com", "isSystemAdmin": False}


def visit(url: str) -> requests.Response:
    return requests.get(url, timeout=3)


@pytest.mark.parametrize("body", [INFO, {"username": "bob@client.com"}])
def test_the_link_signs_in_once(admin: Api, body: dict[str, object]) -> None:
    url = admin.post(CALL, body).json()["autoLoginUrl"]
    first, second = visit(url), visit(url)
    assert first.status_code == 200
    assert "Signed in as bob@client.com" in first.text
    assert second.status_code == 401
    assert "Signed in" not in second.text


def test_the_link_dies_after_a_minute(sim: SmarterMailSimulator, admin: Api) -> None:
    url = admin.post(CALL, INFO).json()["autoLoginUrl"]
    sim.clock.advance(61)
    assert visit(url).status_code == 401


def test_a_landing_page_is_local_and_escaped(admin: Api) -> None:
    for landing, shown in (("/settings/%3Cb%3E", "/settings/&lt;b&gt;"), ("//evil.example", None)):
        url = admin.post(CALL, INFO).json()["autoLoginUrl"]
        page = visit(f"{url}&redirect={landing}")
        assert ("Landing page" in page.text) is (shown is not None)
        assert shown is None or shown in page.text


@pytest.mark.parametrize(("kind", "prefix"), [("relative", "/interface/"), ("empty", "")])
def test_the_url_may_be_relative_or_empty_and_the_token_still_works(
    start: Start, kind: str, prefix: str
) -> None:
    sim = start(variants=Variants(auto_login_url=kind))
    reply = Api(sim.url).as_admin().post(CALL, INFO).json()
    assert reply["autoLoginUrl"][:11] == prefix
    page = visit(f"{sim.url}/interface/autologin?autologin={reply['autoLoginToken']}")
    assert page.status_code == 200


def test_the_server_has_its_own_idea_of_its_name(start: Start) -> None:
    sim = start(root="https://mail.internal")
    url = Api(sim.url).as_admin().post(CALL, INFO).json()["autoLoginUrl"]
    assert url.startswith("https://mail.internal/interface/autologin?autologin=")


def test_a_domain_admin_signs_in_own_users_only(sim: SmarterMailSimulator, api: Api) -> None:
    sim.state.add_domain("other.org")
    boss = api.as_user("admin@client.com", ADMIN_PASSWORD)
    assert boss.post(CALL, INFO).status_code == 200
    refused = boss.post(CALL, {"username": "admin", "domain": "other.org"})
    assert refused.status_code == 403
    assert "autoLoginToken" not in refused.json()


def test_nobody_signs_in_as_unknown_or_disabled(sim: SmarterMailSimulator, admin: Api) -> None:
    assert admin.post(CALL, {**INFO, "username": "nobody"}).json()["message"] == "USER_NOT_FOUND"
    url = admin.post(CALL, INFO).json()["autoLoginUrl"]
    sim.state.domain("client.com").settings["isEnabled"] = False
    assert admin.post(CALL, INFO).status_code == 400
    assert visit(url).status_code == 403


def test_a_login_may_ask_for_the_token_instead_of_access(api: Api) -> None:
    reply = api.log_in(**ADMIN, retrieveAutoLoginToken=True).json()
    assert (reply["accessToken"], reply["refreshToken"]) == (None, None)
    swapped = api.post("auth/authenticate-user", {"autoLoginToken": reply["autoLoginToken"]}).json()
    assert (
        api.with_token(swapped["accessToken"]).get("settings/sysadmin/domains").status_code == 200
    )


def test_the_sign_in_page_and_the_root_are_there(sim: SmarterMailSimulator) -> None:
    assert visit(sim.url).url.endswith("/interface/root")
    assert visit(f"{sim.url}/nowhere").status_code == 404
