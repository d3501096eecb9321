"""Keeping the state over a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from tests.simulation.wire import Api

L = "settings/domain/mailing-lists"


def furnish(sim: SmarterMailSimulator) -> None:
    sim.state.add_domain("client.com")
    sim.state.add_user("bob@client.com", size=4096)
    sim.state.set_protocol("eas", "bob@client.com")
    sim.state.set_disk("client.com", 123456)
    inside = Api(sim.url).as_admin().inside("client.com")
    inside.post(
        "settings/domain/alias-put", {"alias": {"name": "sales", "aliasTargetList": ["bob"]}}
    )
    inside.post("settings/domain/domain-alias-put/client.net/false")
    inside.post("settings/domain/dkim-create-rollover/1024")
    number = inside.post(f"{L}/add", {"listAddress": "team"}).json()["item"]["id"]
    inside.post(f"{L}/{number}/subscriber-add", ["x@y.org"])


def picture(sim: SmarterMailSimulator) -> list[object]:
    inside = Api(sim.url).as_admin().inside("client.com")
    paths = ("domain", "list-users", "aliases", "domain-aliases", "active-sync-mailboxes")
    return [
        *(inside.get(f"settings/domain/{path}").json() for path in paths),
        inside.get(f"{L}/list").json(),
        inside.get("settings/domain/data").json(),
    ]


def test_a_restarted_simulator_remembers_everything(tmp_path: Path) -> None:
    path = tmp_path / "state" / "smartermail.json"
    with SmarterMailSimulator(state_file=path) as sim:
        furnish(sim)
        before = picture(sim)
    assert path.stat().st_mode & 0o077 == 0
    with SmarterMailSimulator(state_file=path) as again:
        assert picture(again) == before
        assert again.state.domain_name_in_use("client.net")


def test_reading_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "smartermail.json"
    with SmarterMailSimulator(state_file=path) as sim:
        Api(sim.url).as_admin().get("settings/sysadmin/domains")
    assert not path.exists()


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "smartermail.json"
    path.write_text('{"format": 0}')
    with pytest.raises(ValueError, match="another version"):
        SmarterMailSimulator(state_file=path)


def test_a_restart_ends_all_sessions(tmp_path: Path) -> None:
    path = tmp_path / "smartermail.json"
    with SmarterMailSimulator(state_file=path) as sim:
        token = str(Api(sim.url).as_admin().session.headers["Authorization"])
    with SmarterMailSimulator(port=sim.port, state_file=path) as again:
        reply = Api(again.url, Authorization=token).get("settings/sysadmin/domains")
    assert reply.status_code == 401
