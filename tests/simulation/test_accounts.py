"""Mailboxes: searching, creating, changing, deleting, and the password policy."""

from __future__ import annotations

from typing import Any

import pytest

from provisioning.modules.smartermail.simulator import SmarterMailSimulator, Variants
from provisioning.modules.smartermail.simulator.state import USER_PASSWORD
from tests.simulation.conftest import Start
from tests.simulation.wire import EVERYTHING, Api

D = "settings/domain"
GOOD = "Right-2026"


def names(api: Api, **criteria: Any) -> list[str]:
    reply = api.post(f"{D}/account-list-search", {**EVERYTHING, **criteria}).json()
    return [row["userName"] for row in reply["results"]]


def test_a_mailbox_row_is_as_in_the_sample(inside: Api) -> None:
    reply = inside.post(f"{D}/account-list-search", {**EVERYTHING, "searchFlags": ["users"]}).json()
    assert reply["success"] is True
    assert [row for row in reply["results"] if row["userName"] == "bob"] == [
        {
            "userName": "bob", "displayName": "Bob", "fullName": "Bob",
            "emailAddress": "bob@client.com", "accountType": 0, "isEnabled": True,
            "lastLogin": "0001-01-01T00:00:00Z", "totalMailboxSize": 1048576,
        }
    ]  # fmt: skip


def test_a_search_filters_sorts_and_pages(inside: Api) -> None:
    assert names(inside) == ["admin", "amy", "bob"]
    assert names(inside, sortDescending=True, take=2) == ["bob", "amy"]
    assert names(inside, sortField="totalMailboxSize") == ["admin", "amy", "bob"]
    assert names(inside, skip=1, take=1) == ["amy"]
    assert names(inside, search="BO") == ["bob"]


@pytest.mark.parametrize("missing", ["search", "skip", "take", "sortField"])
def test_a_search_without_one_of_its_keys_fails(inside: Api, missing: str) -> None:
    body = {key: value for key, value in EVERYTHING.items() if key != missing}
    assert inside.post(f"{D}/account-list-search", body).status_code == 400


def test_lenient_builds_have_defaults_for_a_search(start: Start) -> None:
    sim = start(variants=Variants(strict_search=False))
    inside = Api(sim.url).as_admin().inside("client.com")
    reply = inside.post(f"{D}/account-list-search", {})
    assert len(reply.json()["results"]) == 3


def test_flags_choose_the_kinds_unless_the_build_ignores_them(start: Start) -> None:
    for variants, kinds in ((Variants(), [4]), (Variants(search_flags_ignored=True), [1, 0, 0, 4])):
        sim = start(variants=variants)
        sim.state.add_alias("sales@client.com", ["bob@client.com"])
        inside = Api(sim.url).as_admin().inside("client.com")
        body = {**EVERYTHING, "searchFlags": ["aliases"], "sortField": ""}
        rows = inside.post(f"{D}/account-list-search", body).json()["results"]
        assert [row["accountType"] for row in rows] == kinds


def test_the_quick_search_tells_sizes_and_states(sim: SmarterMailSimulator, inside: Api) -> None:
    sim.state.domain("client.com").users["amy"].max_size = 4096
    sim.state.domain("client.com").users["amy"].is_enabled = False
    body = {**EVERYTHING, "sortDescending": False}
    rows = inside.post(f"{D}/account-search-quick", body).json()["users"]
    shown = {
        row["userName"]: (row["bytesUsed"], row["bytesAllowed"], row["status"]) for row in rows
    }
    assert shown["amy"] == (2048, 4096, "Disabled")
    assert shown["bob"] == (1048576, None, "Enabled")


def test_a_mailbox_is_created_with_all_its_parts_and_can_sign_in(inside: Api, api: Api) -> None:
    body = {
        "userData": {
            "userName": "Zoe", "password": GOOD, "fullName": "Zoë", "maxMailboxSize": 5368709120,
            "securityFlags": {"isDomainAdmin": False, "authType": 0},
        },
        "userMailSettings": {"hideFromGAL": True},
        "forwardList": {"forwardList": ["x@y.org"], "deleteOnForward": True},
    }  # fmt: skip
    assert inside.post(f"{D}/user-put", body).json()["success"] is True
    user = inside.get(f"{D}/user/zoe%40client.com").json()["userData"]
    assert (user["userName"], user["fullName"], user["maxMailboxSize"]) == (
        "Zoe",
        "Zoë",
        5 * 1024**3,
    )
    mail = inside.post(f"{D}/get-user-mail", {"email": "zoe@client.com"}).json()
    assert mail["userMailSettings"]["hideFromGAL"] is True
    forward = inside.get(f"{D}/mailbox-forward-list/zoe%40client.com").json()["mailboxForwardList"]
    assert (forward["forwardList"], forward["deleteOnForward"]) == (["x@y.org"], True)
    assert api.log_in("zoe@client.com", GOOD).status_code == 200


def test_a_full_address_of_the_own_domain_is_a_name_too(inside: Api) -> None:
    for name, status in (("zoe@client.com", 200), ("zoe@other.org", 400)):
        body = {"userData": {"userName": name, "password": GOOD}}
        assert inside.post(f"{D}/user-put", body).status_code == status
    assert names(inside) == ["admin", "amy", "bob", "zoe"]


@pytest.mark.parametrize(
    ("name", "password", "code"),
    [
        ("BOB", GOOD, "USER_ADD_ERROR_NAME_IN_USE"),
        ("sales", GOOD, "USER_ADD_ERROR_NAME_IN_USE"),
        ("team", GOOD, "USER_ADD_ERROR_NAME_IN_USE"),
        ("a b", GOOD, "USER_ADD_ERROR_INVALID_NAME"),
        ("", GOOD, "USER_ADD_ERROR_INVALID_NAME"),
        ("zoe", "Sh0rt", "USER_ADD_ERROR_PASSWORD_TOO_SHORT"),
        ("zoe", "lowercase1", "a capital letter"),
        ("zoe", "UPPERCASE1", "a lower-case letter"),
        ("zoe", "NoNumbers", "a number"),
        ("zoe", "Zoe-12345", "must not contain the username"),
        ("zoe", "Password1", "too common"),
    ],
)
@pytest.mark.parametrize("status", [400, 200])
def test_a_refused_mailbox_says_why_and_is_not_created(
    start: Start, name: str, password: str, code: str, status: Any
) -> None:
    sim = start(variants=Variants(business_errors=status))
    sim.state.add_alias("sales@client.com", ["bob"])
    inside = Api(sim.url).as_admin().inside("client.com")
    inside.post(f"{D}/mailing-lists/add", {"listAddress": "team"})
    reply = inside.post(f"{D}/user-put", {"userData": {"userName": name, "password": password}})
    assert (reply.status_code, reply.json()["success"]) == (status, False)
    assert code in reply.json()["message"]
    assert set(sim.state.domain("client.com").users) == {"admin", "bob", "amy"}


@pytest.mark.parametrize(("counts", "status"), [(True, 400), (False, 200)])
def test_the_user_limit_may_or_may_not_count_the_admin(
    start: Start, counts: bool, status: int
) -> None:
    sim = start(variants=Variants(admin_counts_as_user=counts))
    sim.state.domain("client.com").settings["maxUsers"] = 3
    inside = Api(sim.url).as_admin().inside("client.com")
    body = {"userData": {"userName": "zoe", "password": GOOD}}
    assert inside.post(f"{D}/user-put", body).status_code == status
    assert ("zoe" in sim.state.domain("client.com").users) is (status == 200)


def test_post_user_with_only_a_password_changes_the_password(inside: Api, api: Api) -> None:
    body = {"email": "bob@client.com", "userData": {"password": GOOD}}
    assert inside.post(f"{D}/post-user", body).status_code == 200
    assert api.log_in("bob@client.com", GOOD).status_code == 200
    assert api.log_in("bob@client.com", USER_PASSWORD).status_code == 401
    user = inside.post(f"{D}/get-user", {"email": "bob@client.com"}).json()["userData"]
    assert user["fullName"] == "Bob"


def test_a_weak_new_password_changes_nothing_at_all(inside: Api, api: Api) -> None:
    body = {"email": "bob@client.com", "userData": {"fullName": "Robert", "password": "weak"}}
    reply = inside.post(f"{D}/post-user", body)
    assert "PASSWORD_TOO_SHORT" in reply.json()["message"]
    assert api.log_in("bob@client.com", USER_PASSWORD).status_code == 200
    user = inside.post(f"{D}/get-user", {"email": "bob@client.com"}).json()["userData"]
    assert user["fullName"] == "Bob"


def test_password_rules_are_read_and_overridden_for_the_domain(inside: Api) -> None:
    reply = inside.get(f"{D}/password-settings").json()
    assert reply["passwordRequirements"]["minLength"] == {"enabled": True, "ruleValue": 8}
    override = {"minLength": {"enabled": True, "ruleValue": 14}, "requireSymbol": True}
    inside.post(f"{D}/password-settings", {"overrides": override})
    assert inside.get(f"{D}/password-settings").json()["overrides"] == override
    for password, status in ((GOOD, 400), ("Rightly-2026-long", 200)):
        body = {"userData": {"userName": "zoe", "password": password}}
        assert inside.post(f"{D}/user-put", body).status_code == status


def test_deleting_takes_users_aliases_and_lists_mixed_or_nothing(
    sim: SmarterMailSimulator, inside: Api
) -> None:
    sim.state.add_alias("sales@client.com", ["bob"])
    inside.post(f"{D}/mailing-lists/add", {"listAddress": "team"})
    refused = inside.post(f"{D}/account-list-delete", {"input": ["bob", "nobody"]})
    assert refused.status_code == 404
    assert names(inside) == ["admin", "amy", "bob", "sales", "team"]
    assert inside.post(f"{D}/account-list-delete", {"input": ["BOB", "sales", "team"]}).ok
    assert names(inside) == ["admin", "amy"]


def test_the_server_does_not_protect_the_domain_admin(
    sim: SmarterMailSimulator, inside: Api
) -> None:
    assert inside.post(f"{D}/account-list-delete", {"input": ["admin"]}).status_code == 200
    assert sim.state.domain("client.com").settings["mainDomainAdmin"] == ""


def test_disabled_users_keep_or_lose_their_incoming_mail(inside: Api, api: Api) -> None:
    for allow in ("true", "false"):
        inside.post(f"{D}/users-disable/true/{allow}", {"input": ["bob"]})
        mail = inside.get(f"{D}/user-mail/bob").json()["userMailSettings"]
        assert (mail["isEnabled"], mail["canReceiveMail"]) == (False, allow == "true")
    assert api.log_in("bob@client.com", USER_PASSWORD).status_code == 401
    inside.post(f"{D}/users-disable/false/true", {"input": ["bob"]})
    assert api.log_in("bob@client.com", USER_PASSWORD).status_code == 200


def test_a_renamed_user_keeps_protocols_and_office(sim: SmarterMailSimulator, inside: Api) -> None:
    sim.state.set_protocol("eas", "admin@client.com")
    assert inside.post(f"{D}/rename-user/admin/boss").status_code == 200
    domain = sim.state.domain("client.com")
    assert (list(domain.eas), domain.settings["mainDomainAdmin"]) == (["boss"], "boss")


def test_a_name_is_known_to_be_free_or_not(inside: Api) -> None:
    assert inside.get(f"{D}/email-alias-does-not-exists/zoe").json()["success"] is True
    assert inside.get(f"{D}/email-alias-does-not-exists/Bob").json()["success"] is False


def test_expired_passwords_must_be_changed_at_the_next_login(inside: Api, api: Api) -> None:
    inside.post(f"{D}/expire-users-passwords", {"input": ["bob"]})
    assert api.log_in("bob@client.com", USER_PASSWORD).json()["changePasswordNeeded"] is True
