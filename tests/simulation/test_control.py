"""Driving a simulator from another process."""

from __future__ import annotations

from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from tests.simulation.wire import Api, control


def test_control_calls_are_neither_journaled_nor_struck_by_faults(
    sim: SmarterMailSimulator,
) -> None:
    sim.fault("status", times=None)
    state = control(sim.url, "state", method="GET").json()
    assert state["state"]["domains"] == 1
    assert state["requests"] == len(sim.journal) == 0


def test_the_clock_is_moved_from_outside(sim: SmarterMailSimulator) -> None:
    reply = control(sim.url, "clock", {"now": "2026-03-01T10:00:00+00:00"}).json()
    assert reply["now"].startswith("2026-03-01T10:00:0")
    assert control(sim.url, "clock", {"advance": 86400}).json()["now"].startswith("2026-03-02")
    control(sim.url, "clock", {"reset": True})
    assert control(sim.url, "clock", {"sideways": 1}).status_code == 400


def test_actions_are_called_by_name(sim: SmarterMailSimulator, admin: Api) -> None:
    control(sim.url, "do/add_domain", {"name": "other.org"})
    reply = control(sim.url, "do/set_disk", {"domain": "other.org", "size": 22548578304})
    assert reply.json() == {"result": 22548578304}
    control(sim.url, "do/grow", {"domain": "other.org", "size": 1024})
    data = admin.get("settings/sysadmin/domain/other.org").json()["domainData"]
    assert data["size"] == 22548579328


def test_variants_are_changed_while_running(sim: SmarterMailSimulator, admin: Api) -> None:
    assert control(sim.url, "do/set_variants", {"api_off": True}).status_code == 200
    assert admin.get("settings/sysadmin/domains").status_code == 404


def test_an_unknown_or_wrongly_called_action_is_400(sim: SmarterMailSimulator) -> None:
    for action, body in (("explode", {}), ("set_disk", {"domain": "no.such", "size": 1})):
        assert control(sim.url, f"do/{action}", body).status_code == 400
    assert control(sim.url, "do/set_disk", {"bytes": 1}).status_code == 400


def test_the_journal_is_read_and_cleared_from_outside(sim: SmarterMailSimulator, api: Api) -> None:
    api.log_in("admin", "wrong")
    found = control(sim.url, "journal?path=*/auth/*", method="GET").json()["exchanges"]
    assert [entry["status"] for entry in found] == [401]
    control(sim.url, "journal", method="DELETE")
    assert len(sim.journal) == 0


def test_an_unknown_control_is_404(sim: SmarterMailSimulator) -> None:
    assert control(sim.url, "nonsense", method="GET").status_code == 404
