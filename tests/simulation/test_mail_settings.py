"""Signatures, trusted senders and spam rules, as the wire has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from provisioning.modules.smartermail.simulator.variants import Variants
from tests.simulation.conftest import Start
from tests.simulation.wire import Api

D = "settings/domain"


@pytest.fixture
def admin(api: Api) -> Api:
    return api.as_admin()


@pytest.fixture
def inside(admin: Api) -> Api:
    return admin.inside("client.com")


@pytest.fixture
def bob(admin: Api) -> Api:
    return admin.inside("client.com", "bob")


def put(at: Api, path: str, **fields: Any) -> str:
    config = {"id": 0, "guid": "", "name": "Mine", "text": "Hello", "isDefault": True, **fields}
    answer = at.post(path, {"signatureConfig": config})
    return str(answer.json().get("signatureGuid", answer.json()["message"]))


def test_signatures_of_a_domain_are_put_changed_and_deleted(inside: Api) -> None:
    guid = put(inside, f"{D}/signature-put")
    change = {"guid": guid, "text": "Bye"}
    assert inside.post(f"{D}/signature", {"signatureConfig": change}).status_code == 200
    [row] = inside.get(f"{D}/signatures").json()["signatureConfigs"]
    assert row == {"id": 1, "guid": guid, "name": "Mine", "text": "Bye", "isDefault": True}
    codes = [inside.post(f"{D}/signature-delete/1").status_code for _ in range(2)]
    assert codes == [200, 404]


def test_there_is_one_default_and_a_name_is_needed(bob: Api) -> None:
    first, second = (put(bob, "settings/user-signature-put", text=text) for text in "ab")
    rows = bob.get("settings/emails-signatures").json()["userSignatures"]
    assert [(row["guid"], row["isDefault"]) for row in rows] == [(first, False), (second, True)]
    assert put(bob, "settings/user-signature-put", name="") == "Invalid input parameters"


def test_uses_of_signatures_are_kept_added_and_removed_by_key(inside: Api) -> None:
    guid = put(inside, f"{D}/signature-put")
    rows = [
        {"allowUsersToOverride": True, "key": key, "mapOption": 2, "signatureGuid": guid, "type": 4}
        for key in ("bob", "amy")
    ]
    assert inside.post(f"{D}/signature-mappings", {"signatureMaps": [], "toAdd": rows}).ok
    body = {"signatureMaps": rows[:1], "toAdd": [], "toRemove": ["amy"]}
    assert inside.post(f"{D}/signature-mappings", body).ok
    assert inside.get(f"{D}/signature-mappings").json()["maps"] == rows[:1]
    nobody = {"signatureMaps": [{**rows[0], "signatureGuid": "gone"}]}
    assert inside.post(f"{D}/signature-mappings", nobody).status_code == 404


def test_a_mailbox_says_what_it_uses_itself_and_of_nobody_else(bob: Api, inside: Api) -> None:
    guid = put(bob, "settings/user-signature-put")
    use = {
        "allowUsersToOverride": True, "key": "bob", "mapOption": 2, "signatureGuid": guid,
        "type": 4,
    }  # fmt: skip
    path = "settings/signature-mappings"
    for _ in range(2):
        assert bob.post(path, {"signatureMaps": [use]}).ok
    assert inside.get(f"{D}/signature-mappings").json()["maps"] == [use]
    assert bob.post(path, {"signatureMaps": [{**use, "key": "amy"}]}).status_code == 400
    assert bob.post(path, {"signatureMaps": [{**use, "type": 2}]}).status_code == 400


@pytest.mark.parametrize("of_strings", [False, True])
def test_trusted_senders_replace_both_lists(start: Start, of_strings: bool) -> None:
    sim = start(variants=Variants(whitelist_of_strings=of_strings))
    inside = Api(sim.url).as_admin().inside("client.com")
    path = f"{D}/whitelist"
    assert inside.post(path, {"emails": ["a@x.org"], "domains": ["x.org"]}).ok
    assert inside.post(path, {"emails": ["nobody"], "domains": []}).status_code == 400
    assert inside.post(path, {"emails": [], "domains": ["y.org"]}).ok
    settings = inside.get(f"{D}/domain").json()["domainSettings"]
    entry = {"id": 1, "value": "y.org", "type": 1, "description": ""}
    assert settings["whitelistAddresses"] == []
    assert settings["whitelistDomains"] == ["y.org" if of_strings else entry]


def test_spam_rules_are_merged_by_the_system_administrator(admin: Api, inside: Api) -> None:
    action = {"actionType": 1, "argument": ""}
    body = {"domainSettings": {"spamLevelHighAction": action, "spamLevelLowWeight": 3}}
    assert admin.post("settings/sysadmin/domain-settings/client.com", body).ok
    seen = inside.get(f"{D}/spam-settings").json()
    assert (seen["spamLevelHighAction"], seen["spamLevelLowWeight"]) == (action, 3)
    assert seen["spamLevelMedWeight"] == 20
    wrong = {"domainSettings": {"spamLevelLowWeight": "3"}}
    assert admin.post("settings/sysadmin/domain-settings/client.com", wrong).status_code == 400


def test_only_an_alias_can_be_the_catch_all(sim: SmarterMailSimulator, inside: Api) -> None:
    assert inside.post(f"{D}/set-catch-all/bob").status_code == 404
    sim.state.add_alias("info@client.com", ["bob"])
    assert inside.post(f"{D}/set-catch-all/info").ok
    assert inside.get(f"{D}/domain").json()["domainSettings"]["catchAll"] == "info"


def test_a_build_may_have_the_reply_at_the_root_and_ignore_the_wrapper(start: Start) -> None:
    sim = start(variants=Variants(responder_at_root=True))
    bob, path = Api(sim.url).as_admin().inside("client.com", "bob"), "settings/auto-responder"
    assert bob.post(path, {"autoResponderSettings": {"subject": "Away"}}).ok
    assert bob.get(f"{path}/false").json()["subject"] == ""
    assert bob.post(path, {"subject": "Away"}).ok
    assert bob.get(f"{path}/false").json()["subject"] == "Away"


def test_a_state_saved_before_there_were_these_settings_is_read(tmp_path: Path) -> None:
    path = tmp_path / "smartermail.json"
    with SmarterMailSimulator(state_file=path) as sim:
        sim.state.add_domain("client.com")
    data = json.loads(path.read_text())
    for key in ("signatures", "signature_maps"):
        del data["domains"][0][key]
    del data["domains"][0]["settings"]["spamLevelLowWeight"]
    path.write_text(json.dumps(data))
    with SmarterMailSimulator(state_file=path) as again:
        inside = Api(again.url).as_admin().inside("client.com")
        assert inside.get(f"{D}/spam-settings").json()["spamLevelLowWeight"] == 10
        assert inside.get(f"{D}/signatures").json()["signatureConfigs"] == []
