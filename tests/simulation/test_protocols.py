"""ActiveSync and MAPI per mailbox, with every way of being ignored or refused."""

from __future__ import annotations

import pytest
import requests

from provisioning.modules.smartermail.simulator import Variants
from tests.simulation.conftest import Start
from tests.simulation.wire import Api

D = "settings/domain"
KINDS = [
    ("active-sync-mailboxes", "activeSyncAccounts", "enableActiveSyncAccountManagement"),
    ("mapi-ews-mailboxes", "mapiEwsAccounts", "enableMapiEwsAccountManagement"),
]


def patch(api: Api, path: str, *names: str, active: bool = True) -> requests.Response:
    items = [{"emailAddress": f"{name}@client.com", "isActive": active} for name in names]
    return api.post(f"{D}/{path}-patch", items)


def listed(api: Api, path: str, key: str) -> list[str]:
    return [row["emailAddress"] for row in api.get(f"{D}/{path}").json()[key]]


def begin(start: Start, variants: Variants | None = None, *, on: bool = True) -> Api:
    sim = start(variants=variants or Variants())
    for _, _, switch in KINDS:
        sim.state.domain("client.com").settings[switch] = on
    return Api(sim.url).as_admin().inside("client.com")


@pytest.mark.parametrize(("path", "key", "switch"), KINDS)
def test_only_enabled_mailboxes_are_listed(start: Start, path: str, key: str, switch: str) -> None:
    inside = begin(start)
    assert patch(inside, path, "bob", "AMY").json() == {"success": True, "message": ""}
    assert listed(inside, path, key) == ["bob@client.com", "amy@client.com"]
    patch(inside, path, "bob", active=False)
    assert listed(inside, path, key) == ["amy@client.com"]
    inside.post(f"{D}/account-list-delete", {"input": ["amy"]})
    assert listed(inside, path, key) == []


@pytest.mark.parametrize(("path", "key", "switch"), KINDS)
def test_with_the_domain_switch_off_a_patch_is_ignored_in_silence(
    start: Start, path: str, key: str, switch: str
) -> None:
    inside = begin(start, on=False)
    assert patch(inside, path, "bob").json()["success"] is True
    assert listed(inside, path, key) == []


@pytest.mark.parametrize(("path", "key", "switch"), KINDS)
def test_some_builds_answer_403_instead(start: Start, path: str, key: str, switch: str) -> None:
    inside = begin(start, Variants(protocol_patch_switched_off="403"), on=False)
    assert patch(inside, path, "bob").status_code == 403
    assert listed(inside, path, key) == []


@pytest.mark.parametrize(("path", "key", "switch"), KINDS)
def test_a_build_may_ignore_every_patch(start: Start, path: str, key: str, switch: str) -> None:
    inside = begin(start, Variants(protocol_patch_no_effect=True))
    assert patch(inside, path, "bob").json()["success"] is True
    assert listed(inside, path, key) == []


def test_licences_bound_the_whole_server(start: Start) -> None:
    inside = begin(start, Variants(eas_licences=1))
    assert patch(inside, KINDS[0][0], "bob").ok
    assert patch(inside, KINDS[0][0], "amy").status_code == 400
    assert patch(inside, KINDS[0][0], "bob").ok
    assert patch(inside, KINDS[1][0], "bob", "amy").ok
    assert listed(inside, *KINDS[0][:2]) == ["bob@client.com"]


@pytest.mark.parametrize("body", [{"emailAddress": "bob@client.com"}, ["bob"], "bob", None])
def test_the_body_is_an_array_of_objects(start: Start, body: object) -> None:
    inside = begin(start)
    assert inside.post(f"{D}/active-sync-mailboxes-patch", body).status_code == 400


def test_an_unknown_address_spoils_the_whole_patch(start: Start) -> None:
    inside = begin(start)
    assert patch(inside, KINDS[0][0], "bob", "nobody").status_code == 404
    assert listed(inside, *KINDS[0][:2]) == []
