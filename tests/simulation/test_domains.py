"""The life of a domain, and the calls that list domains with their usage."""

from __future__ import annotations

from typing import Any

import pytest

from provisioning.modules.smartermail.simulator import SmarterMailSimulator, Variants
from tests.simulation.conftest import Start
from tests.simulation.wire import Api

S = "settings/sysadmin"


def order(name: str = "new.com", *, password: str = "Str0ng-enough", **data: Any) -> dict[str, Any]:
    return {
        "adminUsername": "postadmin",
        "adminPassword": password,
        "deliverLocallyForExternalDomain": False,
        "domainLocation": 0,
        "domainLocationAddress": "",
        "domainData": {
            "name": name, "path": f"C:\\SmarterMail\\Domains\\{name}",
            "hostname": f"mail.{name}", "userLimit": 10, "maxSize": 0, **data,
        },
    }  # fmt: skip


def test_a_created_domain_has_its_limits_and_its_admin_as_a_mailbox(admin: Api) -> None:
    assert admin.post(f"{S}/domain-put", order()).json()["success"] is True
    data = admin.get(f"{S}/domain/NEW.com").json()["domainData"]
    assert (data["name"], data["userLimit"], data["userCount"]) == ("new.com", 10, 1)
    settings = admin.get(f"{S}/domain-settings/new.com").json()["domainSettings"]
    assert (settings["maxUsers"], settings["mainDomainAdmin"]) == (10, "postadmin")
    search = {
        "search": None,
        "searchFlags": ["users"],
        "skip": 0,
        "take": 9,
        "sortField": "userName",
    }
    rows = admin.inside("new.com").post("settings/domain/account-list-search", search).json()
    assert [(row["userName"], row["accountType"]) for row in rows["results"]] == [("postadmin", 1)]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (order("CLIENT.com"), "DOMAIN_ADD_ERROR_NAME_IN_USE"),
        (order("no dots"), "DOMAIN_ADD_ERROR_INVALID_NAME"),
        (order("-bad-.com"), "DOMAIN_ADD_ERROR_INVALID_NAME"),
        (order(password="Ab1"), "USER_ADD_ERROR_PASSWORD_TOO_SHORT"),
        (order(password="alllowercase1"), "does not meet password requirements"),
        (order(password="Postadmin-2026"), "must not contain the username"),
        (order(path="Domains"), "PATH"),
        (order(userLimit=-1), "Invalid input"),
        ({}, "Invalid input"),
    ],
)
@pytest.mark.parametrize("status", [400, 200])
def test_a_refused_creation_says_why_and_creates_nothing(
    start: Start, body: dict[str, Any], code: str, status: Any
) -> None:
    sim = start(variants=Variants(business_errors=status))
    reply = Api(sim.url).as_admin().post(f"{S}/domain-put", body)
    assert reply.status_code == status
    assert reply.json()["success"] is False
    assert code in reply.json()["message"]
    assert list(sim.state.domains) == ["client.com"]


def test_a_path_of_the_other_platform_is_refused(start: Start) -> None:
    admin = Api(start(variants=Variants(platform="linux")).url).as_admin()
    assert admin.post(f"{S}/domain-put", order()).status_code == 400
    path = "/var/lib/smartermail/Domains/new.com"
    assert admin.post(f"{S}/domain-put", order(path=path)).status_code == 200


def test_settings_merge_the_given_keys_only(admin: Api) -> None:
    path = f"{S}/domain-settings/client.com"
    before = admin.get(path).json()["domainSettings"]
    change = {"isEnabled": False, "throttleSettings": {"messagesPerHour": 100}}
    assert admin.post(path, {"domainSettings": change}).status_code == 200
    after = admin.get(path).json()["domainSettings"]
    throttle = {**before["throttleSettings"], "messagesPerHour": 100}
    assert after == {**before, "isEnabled": False, "throttleSettings": throttle}
    assert admin.get(f"{S}/domain/client.com").json()["domainData"]["isEnabled"] is False


@pytest.mark.parametrize("change", [{"isEnabled": "yes"}, {"maxUsers": "5"}, {"maxSize": -1}])
def test_settings_of_the_wrong_type_are_refused_whole(admin: Api, change: dict[str, Any]) -> None:
    path = f"{S}/domain-settings/client.com"
    before = admin.get(path).json()
    assert admin.post(path, {"domainSettings": {"maxLists": 7, **change}}).status_code == 400
    assert admin.get(path).json() == before


@pytest.mark.parametrize(("files", "kept"), [("true", set()), ("false", {"client"})])
def test_a_deleted_domain_is_gone_with_or_without_its_files(
    sim: SmarterMailSimulator, admin: Api, files: str, kept: set[str]
) -> None:
    assert admin.post(f"{S}/domain-delete/client.com/{files}").status_code == 200
    assert admin.get(f"{S}/domain/client.com").status_code == 404
    assert admin.post(f"{S}/domain-delete/client.com/{files}").status_code == 404
    assert {path.split("\\")[-1].split(".")[0] for path in sim.state.kept_files} == kept


@pytest.mark.parametrize("status", [404, 400, 200])
def test_an_unknown_domain_answers_in_one_of_three_ways(start: Start, status: Any) -> None:
    admin = Api(start(variants=Variants(unknown_entity=status)).url).as_admin()
    reply = admin.get(f"{S}/domain/no.such")
    assert reply.status_code == status
    assert (reply.json()["success"], reply.json()["message"]) == (False, "Domain does not exist")


def test_a_renamed_domain_keeps_its_mailboxes(admin: Api) -> None:
    body = {"oldDomainName": "client.com", "newDomainName": "fresh.com"}
    assert admin.post(f"{S}/rename-domain", body).status_code == 200
    assert admin.get(f"{S}/user/bob%40fresh.com").json()["userData"]["fullName"] == "Bob"
    assert admin.get(f"{S}/domain/client.com").status_code == 404


def test_domains_lists_all_with_usage_as_the_sample_does(
    sim: SmarterMailSimulator, admin: Api
) -> None:
    sim.state.set_disk("client.com", 22548578304)
    row = admin.get(f"{S}/domains").json()["data"][0]
    sample = {
        "name": "client.com", "path": "C:\\SmarterMail\\Domains\\client.com",
        "hostname": "mail.client.com", "isEnabled": True, "userCount": 3, "userLimit": 0,
        "aliasCount": 0, "aliasLimit": 0, "domainAliasCount": 0, "listCount": 0, "listLimit": 0,
        "size": 22548578304, "sizeMb": 21504.0, "maxSize": 0,
    }  # fmt: skip
    assert {key: row[key] for key in sample} == sample


@pytest.mark.parametrize(
    ("variants", "present"),
    [
        (Variants(), {"size", "sizeMb"}),
        (Variants(omit_disk_usage=False), {"diskUsage", "size", "sizeMb"}),
        (Variants(omit_size=True), {"sizeMb"}),
        (Variants(omit_size=True, omit_size_mb=True), set()),
    ],
)
def test_usage_fields_come_and_go_with_the_build(
    start: Start, variants: Variants, present: set[str]
) -> None:
    admin = Api(start(variants=variants).url).as_admin()
    for reply in (
        admin.get(f"{S}/domain/client.com"),
        admin.inside("client.com").get("settings/domain/data"),
    ):
        assert {"diskUsage", "size", "sizeMb"} & set(reply.json()["domainData"]) == present


def test_nonsense_usage_can_be_arranged_and_mended(sim: SmarterMailSimulator, admin: Api) -> None:
    sim.state.set_raw_usage("client.com", size="n/a", sizeMb=-5)
    data = admin.get(f"{S}/domain/client.com").json()["domainData"]
    assert (data["size"], data["sizeMb"]) == ("n/a", -5)
    sim.state.set_disk("client.com", None)
    data = admin.get(f"{S}/domain/client.com").json()["domainData"]
    assert data["size"] == 1048576 + 2048


def test_the_domains_call_is_missing_on_some_builds(start: Start) -> None:
    admin = Api(start(variants=Variants(domains_call=False)).url).as_admin()
    assert admin.get(f"{S}/domains").status_code == 404
    assert admin.get(f"{S}/domain-names").json()["data"] == ["client.com"]
    assert admin.get(f"{S}/domain/client.com").status_code == 200


def test_domain_list_search_pages_and_wants_all_its_keys(
    sim: SmarterMailSimulator, admin: Api
) -> None:
    for number in range(5):
        sim.state.add_domain(f"d{number}.org")
    body = {
        "search": ".org", "skip": 2, "take": 2, "sortField": "domainName",
        "sortDescending": True, "includeErrored": True,
    }  # fmt: skip
    reply = admin.post(f"{S}/domain-list-search", body).json()
    assert [row["domainName"] for row in reply["results"]] == ["d2.org", "d1.org"]
    assert reply["totalCount"] == 5
    del body["includeErrored"]
    assert admin.post(f"{S}/domain-list-search", body).status_code == 400


@pytest.mark.parametrize(
    ("call", "keys"),
    [
        ("system-info", ("systemInfo", "productVersion")),
        ("sysadmin-info", ("sysAdminInfo", "productVersion")),
        ("server-settings", ("version",)),
    ],
)
def test_server_facts_stand_in_one_of_three_calls(
    start: Start, call: Any, keys: tuple[str, ...]
) -> None:
    admin = Api(start(variants=Variants(facts_call=call, build=9406)).url).as_admin()
    calls = ("system-info", "sysadmin-info", "server-settings")
    answered = {name: admin.get(f"{S}/{name}") for name in calls}
    assert [name for name in calls if answered[name].status_code == 200] == [call]
    value = answered[call].json()
    for key in keys:
        value = value[key]
    assert value == "100.0.9406"


def test_an_api_that_is_switched_off_is_an_html_404(start: Start) -> None:
    reply = Api(start(variants=Variants(api_off=True)).url).log_in("admin", "x")
    assert reply.status_code == 404
    assert reply.headers["Content-Type"].startswith("text/html")


def test_five_thousand_domains_are_one_answer(sim: SmarterMailSimulator, admin: Api) -> None:
    for number in range(5000):
        sim.state.add_domain(f"d{number}.example")
    before = sim.journal.total
    assert len(admin.get(f"{S}/domains").json()["data"]) == 5001
    assert sim.journal.total == before + 1


def test_users_are_managed_by_the_sysadmin_too(admin: Api) -> None:
    names = admin.get(f"{S}/list-usernames/client.com").json()["usernames"]
    assert names == ["admin", "bob", "amy"]
    admin.post(f"{S}/users-disable/true/client.com", {"input": ["bob"]})
    rows = admin.get(f"{S}/search-users/client.com/bob").json()["userData"]
    assert [row["securityFlags"]["isDisabled"] for row in rows] == [True]
    admin.post(f"{S}/users-delete/client.com", {"input": ["bob"]})
    assert admin.post(f"{S}/get-user", {"email": "bob@client.com"}).status_code == 404
    assert admin.get(f"{S}/domain-admins/client.com").json()["domainAdmins"] == ["admin@client.com"]
