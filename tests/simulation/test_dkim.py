"""DKIM keys from pending to active, checked against the simulated server's view of DNS."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from provisioning.modules.smartermail.simulator import SmarterMailSimulator, Variants
from tests.simulation.conftest import Start
from tests.simulation.wire import Api

D = "settings/domain"


def keys(api: Api) -> dict[str, Any]:
    settings: dict[str, Any] = api.get(f"{D}/domain").json()["domainSettings"]
    return {**settings["domainKeysSettings"], "switch": settings["enableDkimSigningDomainAdmin"]}


def test_a_rollover_key_is_a_real_rsa_key_and_pending(inside: Api) -> None:
    reply = inside.post(f"{D}/dkim-create-rollover/1024").json()
    key = load_der_public_key(base64.b64decode(reply["publicKey"]))
    assert isinstance(key, RSAPublicKey)
    assert key.key_size == reply["keySize"] == 1024
    state = keys(inside)
    assert state["pending"]["selector"] == reply["selector"]
    assert (state["publicKey"], state["isActive"]) == ("", False)
    assert inside.post(f"{D}/dkim-create-rollover/512").status_code == 400


def test_enable_makes_a_pending_key_that_waits_for_dns(
    sim: SmarterMailSimulator, inside: Api
) -> None:
    assert inside.post(f"{D}/dkim-enable/false").status_code == 200
    pending = keys(inside)["pending"]
    assert keys(inside)["isActive"] is False
    assert inside.post(f"{D}/dkim-verify-rollover/false").status_code == 400
    sim.state.publish_dkim("client.com")
    assert inside.post(f"{D}/dkim-verify-rollover/false").status_code == 200
    state = keys(inside)
    assert (state["isActive"], state["pending"], state["switch"]) == (True, None, True)
    assert state["publicKey"] == pending["publicKey"]


def test_force_activates_without_dns(inside: Api) -> None:
    inside.post(f"{D}/dkim-enable/true")
    state = keys(inside)
    assert (state["isActive"], state["forced"]) == (True, True)
    assert inside.post(f"{D}/dkim-verify-active").status_code == 400


def test_disable_drops_the_pending_key_and_keeps_the_active_one(inside: Api) -> None:
    inside.post(f"{D}/dkim-enable/true")
    inside.post(f"{D}/dkim-create-rollover/1024")
    inside.post(f"{D}/dkim-disable")
    state = keys(inside)
    assert (state["isActive"], state["switch"], state["pending"]) == (False, False, None)
    assert state["publicKey"] != ""


def test_enable_does_nothing_on_some_builds(start: Start) -> None:
    sim = start(variants=Variants(dkim_enable_no_effect=True))
    inside = Api(sim.url).as_admin().inside("client.com")
    assert inside.post(f"{D}/dkim-enable/true").json()["success"] is True
    state = keys(inside)
    assert (state["isActive"], state["pending"], state["publicKey"]) == (False, None, "")
    assert inside.post(f"{D}/dkim-create-rollover/1024").status_code == 200
    assert keys(inside)["pending"] is not None


def test_a_key_is_tested_against_dns_by_its_encoded_value(
    sim: SmarterMailSimulator, inside: Api
) -> None:
    key = inside.post(f"{D}/dkim-create-rollover/1024").json()
    path = f"{D}/test-domain-key-dns/{key['selector']}/{quote(key['publicKey'], safe='')}"
    assert inside.get(path).json()["success"] is False
    sim.state.publish_dkim("client.com")
    assert inside.get(path).json()["success"] is True


@pytest.mark.parametrize("call", ["dkim-settings", "dkim"])
def test_older_builds_tell_their_keys_in_another_call(start: Start, call: str) -> None:
    sim = start(variants=Variants(dkim_in_domain_call=False))
    inside = Api(sim.url).as_admin().inside("client.com")
    assert "domainKeysSettings" not in inside.get(f"{D}/domain").json()["domainSettings"]
    assert inside.get(f"{D}/{call}").json()["domainKeysSettings"]["pending"] is None


def test_the_sysadmin_has_the_same_calls_with_the_domain_in_the_path(
    admin: Api, inside: Api
) -> None:
    reply = admin.post("settings/sysadmin/dkim-create-rollover/client.com/1024").json()
    assert keys(inside)["pending"]["selector"] == reply["selector"]
    assert admin.post("settings/sysadmin/dkim-enable/client.com/true").status_code == 200
    assert keys(inside)["isActive"] is True


def test_signing_options_are_merged(inside: Api) -> None:
    inside.post(f"{D}/dkim-settings-set", {"canonicalizationBody": "simple"})
    state = keys(inside)
    assert state["dkimCanonicalizationAlgorithmBody"] == "simple"
    assert state["dkimCanonicalizationAlgorithmHeader"] == "relaxed"
