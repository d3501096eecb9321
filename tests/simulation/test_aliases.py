"""Aliases, forwarding, the auto-responder and domain aliases."""

from __future__ import annotations

from typing import Any

import pytest

from provisioning.modules.smartermail.simulator import SmarterMailSimulator, Variants
from provisioning.modules.smartermail.simulator.state import ADMIN_PASSWORD
from tests.simulation.conftest import Start
from tests.simulation.wire import EVERYTHING, Api

D = "settings/domain"


def put(api: Api, name: str, *targets: str, **fields: Any) -> Any:
    alias = {"name": name, "displayName": name, "aliasTargetList": list(targets), **fields}
    return api.post(f"{D}/alias-put/", {"alias": alias, "oldName": ""})


def test_an_alias_is_created_read_and_listed(inside: Api) -> None:
    assert put(inside, "sales", "bob@client.com", "amy", hideFromGAL=True).status_code == 200
    alias = inside.get(f"{D}/alias/SALES").json()["alias"]
    assert alias["aliasTargetList"] == ["bob@client.com", "amy"]
    assert (alias["hideFromGAL"], alias["internalOnly"]) == (True, False)
    grid = inside.get(f"{D}/aliases").json()["gridInfo"]
    assert grid == [{"name": "sales", "targets": ["bob@client.com", "amy"]}]
    assert inside.get(f"{D}/aliases/nothing").json()["gridInfo"] == []


@pytest.mark.parametrize("name", ["bob", "SALES", "a b"])
def test_a_taken_or_bad_alias_name_is_refused(
    sim: SmarterMailSimulator, inside: Api, name: str
) -> None:
    put(inside, "sales", "bob@client.com")
    assert put(inside, name, "amy@client.com").status_code == 400
    assert list(sim.state.domain("client.com").aliases) == ["sales"]


def test_an_update_replaces_targets_keeps_flags_and_may_rename(inside: Api) -> None:
    put(inside, "sales", "bob@client.com", allowSending=True)
    body = {"oldName": "sales", "alias": {"name": "shop", "aliasTargetList": ["x@y.org"]}}
    assert inside.post(f"{D}/alias/", body).status_code == 200
    alias = inside.get(f"{D}/alias/shop").json()["alias"]
    assert (alias["aliasTargetList"], alias["allowSending"]) == (["x@y.org"], True)
    assert inside.get(f"{D}/alias/sales").status_code == 404
    taken = inside.post(f"{D}/alias", {"oldName": "shop", "alias": {"name": "bob"}})
    assert "NAME_IN_USE" in taken.json()["message"]
    assert inside.get(f"{D}/alias/shop").status_code == 200


def test_a_deleted_alias_is_gone_and_no_longer_the_catch_all(
    sim: SmarterMailSimulator, inside: Api
) -> None:
    put(inside, "sales", "bob@client.com")
    inside.post(f"{D}/set-catch-all/sales")
    assert sim.state.domain("client.com").settings["catchAll"] == "sales"
    assert inside.post(f"{D}/alias-delete/sales").status_code == 200
    assert inside.post(f"{D}/alias-delete/sales").status_code == 404
    assert sim.state.domain("client.com").settings["catchAll"] == ""


def test_the_alias_limit_holds(sim: SmarterMailSimulator, inside: Api) -> None:
    sim.state.domain("client.com").settings["maxAliases"] = 1
    assert [put(inside, name, "bob").status_code for name in ("one", "two")] == [200, 400]


@pytest.mark.parametrize("omitted", [False, True])
def test_alias_rows_may_come_without_their_targets(start: Start, omitted: bool) -> None:
    sim = start(variants=Variants(alias_rows_without_targets=omitted))
    sim.state.add_alias("sales@client.com", ["bob@client.com"])
    inside = Api(sim.url).as_admin().inside("client.com")
    body = {**EVERYTHING, "searchFlags": ["aliases"]}
    row = inside.post(f"{D}/account-list-search", body).json()["results"][0]
    assert ("aliasTargetList" in row) is not omitted


def test_forwarding_is_replaced_as_a_whole(inside: Api) -> None:
    full = {
        "forwardList": ["x@y.org", "amy"], "keepRecipients": True, "deleteOnForward": True,
        "spamForwardOption": "MoveToJunk",
    }  # fmt: skip
    path, body = f"{D}/post-mailbox-forward-list", {"email": "bob@client.com"}
    assert inside.post(path, {**body, "mailboxForwardList": full}).status_code == 200
    read = inside.post(f"{D}/get-mailbox-forward-list", body).json()["mailboxForwardList"]
    assert read == full
    inside.post(path, {**body, "mailboxForwardList": {"forwardList": []}})
    read = inside.post(f"{D}/get-mailbox-forward-list", body).json()["mailboxForwardList"]
    assert (read["forwardList"], read["deleteOnForward"]) == ([], False)


@pytest.mark.parametrize(
    "bad", [{"forwardList": ["not an address"]}, {"forwardList": [], "spamForwardOption": "Eat"}]
)
def test_a_forward_that_makes_no_sense_changes_nothing(inside: Api, bad: dict[str, Any]) -> None:
    body = {"email": "bob", "mailboxForwardList": bad}
    assert inside.post(f"{D}/post-mailbox-forward-list", body).status_code == 400
    read = inside.get(f"{D}/mailbox-forward-list/bob").json()["mailboxForwardList"]
    assert read["forwardList"] == []


def test_the_responder_speaks_html_or_text_by_its_path(admin: Api) -> None:
    bob, path = admin.inside("client.com", "bob"), "settings/auto-responder"
    sent = {"enabled": True, "subject": "Away", "body": "Back <soon>\n& rested"}
    assert bob.post(f"{path}/false", {"autoResponderSettings": sent}).status_code == 200
    as_html = bob.get(f"{path}/true").json()["autoResponderSettings"]
    assert as_html["body"] == "Back &lt;soon&gt;<br>&amp; rested"
    as_text = bob.get(f"{path}/false").json()["autoResponderSettings"]
    assert (as_text["body"], as_text["enabled"]) == (sent["body"], True)


def test_the_mx_check_is_skipped_for_the_sysadmin_only(
    sim: SmarterMailSimulator, admin: Api
) -> None:
    boss = Api(sim.url).as_user("admin@client.com", ADMIN_PASSWORD)
    assert boss.post(f"{D}/domain-alias-put/client.net/false/").status_code == 400
    assert (
        admin.managing("client.com").post(f"{D}/domain-alias-put/client.org/true/").status_code
        == 400
    )
    assert admin.managing("client.com").post(f"{D}/domain-alias-put/client.net/false/").ok
    sim.state.publish_mx("client.org")
    assert boss.post(f"{D}/domain-alias-put/client.org/false").ok
    rows = boss.get(f"{D}/domain-aliases").json()["domainAliasData"]
    assert [row["name"] for row in rows] == ["client.net", "client.org"]


@pytest.mark.parametrize("name", ["client.com", "other.org", "taken.net", "nodots", "-x.com"])
def test_a_domain_alias_must_be_new_and_well_formed(
    sim: SmarterMailSimulator, admin: Api, name: str
) -> None:
    sim.state.add_domain("other.org")
    admin.inside("other.org").post(f"{D}/domain-alias-put/taken.net/false")
    inside = admin.inside("client.com")
    assert inside.post(f"{D}/domain-alias-put/{name}/false").status_code == 400
    assert sim.state.domain("client.com").domain_aliases == {}


def test_domain_aliases_have_a_limit_and_can_be_deleted(
    sim: SmarterMailSimulator, inside: Api
) -> None:
    sim.state.domain("client.com").settings["maxDomainAliases"] = 1
    path = f"{D}/domain-alias-put"
    assert [inside.post(f"{path}/{name}/false").ok for name in ("a.net", "b.net")] == [True, False]
    assert inside.post(f"{D}/domain-alias-delete/A.net").status_code == 200
    assert inside.post(f"{D}/domain-alias-delete/a.net").status_code == 404
    assert inside.post(f"{path}/b.net/false").ok
    assert not sim.state.domain_name_in_use("a.net")


def test_mail_users_may_sign_in_through_a_domain_alias(inside: Api, api: Api) -> None:
    inside.post(f"{D}/domain-alias-put/client.net/false")
    reply = api.log_in("admin@client.net", ADMIN_PASSWORD).json()
    assert reply["emailAddress"] == "admin@client.com"
