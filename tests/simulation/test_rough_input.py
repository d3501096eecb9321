"""No input makes the simulator fall over: it always answers, and never with its own traceback."""

from __future__ import annotations

from typing import Any

import pytest

from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from provisioning.modules.smartermail.simulator.server import ROUTER
from tests.simulation.wire import Api

ROUGH: list[Any] = [
    None, [], {}, 3, "text", [1], [None], [{}],
    {"email": 3, "userData": 3, "alias": [], "domainData": "x", "input": "bob", "ints": "1"},
    {"email": "bob@client.com", "userData": {"securityFlags": 3, "maxMailboxSize": "9"},
     "alias": {"name": None, "aliasTargetList": "x"}, "input": [3], "ints": [None], "items": [3],
     "domainSettings": {"throttleSettings": 3}, "userMailSettings": {"userContactInfo": []},
     "mailboxForwardList": {"forwardList": [3]}, "autoResponderSettings": {"body": 3},
     "search": 3, "skip": "0", "take": -1, "sortField": 3, "sortDescending": "x",
     "includeErrored": 1, "listAddress": 3, "subscribedLists": [{}], "overrides": {"minLength": 3},
     "token": 3, "username": [], "password": {}},
]  # fmt: skip


def paths() -> list[str]:
    return sorted(
        "/".join(
            {"{domain}": "client.com", "{email}": "bob@client.com", "{id}": "1"}.get(part, "x")
            if part.startswith("{")
            else part
            for part in entry.segments
        )
        for (method, _), bucket in ROUTER._routes.items()
        for entry in bucket
        if method == "POST" and "logout" not in "/".join(entry.segments)
    )


@pytest.mark.parametrize("path", paths())
def test_a_rough_body_gets_a_json_answer(sim: SmarterMailSimulator, path: str) -> None:
    inside = Api(sim.url).as_admin().inside("client.com")
    for body in ROUGH:
        reply = inside.session.post(f"{sim.url}/{path}", json=body, timeout=3)
        assert reply.status_code in {200, 400, 401, 403, 404}
        if "export" not in path:
            assert isinstance(reply.json()["success"], bool)


def test_a_body_that_is_not_json_is_400(inside: Api) -> None:
    reply = inside.session.post(
        f"{inside.url}/api/v1/settings/domain/user-put", data=b"\xff{not json", timeout=3
    )
    assert (reply.status_code, reply.json()["message"]) == (400, "Invalid input parameters")
