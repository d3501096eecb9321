"""Every fault, as a client meets it on the wire, and whether the act was done."""

from __future__ import annotations

import time

import pytest
import requests

from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from provisioning.simulation import FaultRule
from tests.simulation.wire import Api, control

PUT = {
    "adminUsername": "postadmin",
    "adminPassword": "Str0ng-enough",
    "domainData": {"name": "new.com", "path": "C:\\SmarterMail\\Domains\\new.com"},
}


def create(api: Api, timeout: float = 2) -> requests.Response:
    return api.session.post(
        f"{api.url}/api/v1/settings/sysadmin/domain-put", json=PUT, timeout=timeout
    )


def exists(sim: SmarterMailSimulator) -> bool:
    return sim.state.find_domain("new.com") is not None


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("close", requests.ConnectionError),
        ("bad-http", requests.ConnectionError),
        ("hang", requests.Timeout),
    ],
)
def test_a_call_without_an_answer_was_not_done(
    sim: SmarterMailSimulator, admin: Api, kind: str, error: type[Exception]
) -> None:
    sim.fault(kind, "*/domain-put")
    with pytest.raises(error):
        create(admin, timeout=0.3)
    assert not exists(sim)
    assert sim.journal[-1].fault == kind
    assert sim.journal[-1].status is None


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("apply-then-close", requests.ConnectionError),
        ("apply-then-hang", requests.Timeout),
        ("apply-then-bad-http", requests.ConnectionError),
        ("truncated", requests.exceptions.ChunkedEncodingError),
    ],
)
def test_a_call_may_be_done_although_its_answer_is_lost(
    sim: SmarterMailSimulator, admin: Api, kind: str, error: type[Exception]
) -> None:
    sim.fault(kind, "*/domain-put")
    with pytest.raises(error):
        create(admin, timeout=0.3)
    assert exists(sim)


@pytest.mark.parametrize(
    ("kind", "answer", "done"),
    [
        ("status", (500, b"<"), False),
        ("apply-then-500", (500, b"<"), True),
        ("empty", (200, b""), False),
        ("apply-then-empty", (200, b""), True),
        ("garbage", (200, b"\x00"), False),
        ("apply-then-garbage", (200, b"\x00"), True),
        ("refusal", (200, b"{"), False),
    ],
)
def test_an_answer_may_be_spoilt(
    sim: SmarterMailSimulator, admin: Api, kind: str, answer: tuple[int, bytes], done: bool
) -> None:
    sim.fault(kind, "*/domain-put")
    reply = create(admin)
    assert (reply.status_code, reply.content[:1]) == answer
    assert exists(sim) is done


def test_a_refusal_is_a_200_that_says_no(sim: SmarterMailSimulator, admin: Api) -> None:
    sim.fault("refusal", message="Not today")
    reply = create(admin)
    assert (reply.status_code, reply.json()) == (200, {"success": False, "message": "Not today"})


def test_a_close_is_a_reset_of_the_connection(sim: SmarterMailSimulator, admin: Api) -> None:
    sim.fault("close", "*/domain-put")
    with pytest.raises(requests.ConnectionError) as caught:
        create(admin)
    assert "reset by peer" in str(caught.value)


def test_a_status_fault_carries_the_body_asked_for(sim: SmarterMailSimulator, admin: Api) -> None:
    sim.fault("status", status=503, body="<h1>Maintenance</h1>", times=None)
    for _ in range(3):
        reply = admin.get("settings/sysadmin/domains")
        assert (reply.status_code, reply.text) == (503, "<h1>Maintenance</h1>")
        assert reply.headers["Content-Type"] == "text/html"


def test_a_delay_answers_late_and_right(sim: SmarterMailSimulator, admin: Api) -> None:
    sim.fault("delay", seconds=0.2)
    begun = time.monotonic()
    assert create(admin).json()["success"] is True
    assert time.monotonic() - begun >= 0.2


def test_a_hang_can_end_by_itself(sim: SmarterMailSimulator, admin: Api) -> None:
    sim.fault("hang", seconds=0.1)
    with pytest.raises(requests.ConnectionError):
        create(admin)


def test_a_rule_strikes_the_nth_match_so_often_and_no_other(
    sim: SmarterMailSimulator, admin: Api
) -> None:
    sim.fault("status", "*/domain/*", method="GET", nth=2, times=2, status=502)
    admin.get("settings/sysadmin/domains")
    statuses = [admin.get("settings/sysadmin/domain/client.com").status_code for _ in range(4)]
    assert statuses == [200, 502, 502, 200]


def test_the_first_due_rule_wins_and_all_rules_count(sim: SmarterMailSimulator, admin: Api) -> None:
    sim.fault("status", status=501)
    sim.fault("status", status=502, nth=2)
    statuses = [admin.get("settings/sysadmin/domains").status_code for _ in range(3)]
    assert statuses == [501, 502, 200]


def test_a_stop_releases_a_hanging_call(sim: SmarterMailSimulator, admin: Api) -> None:
    sim.fault("delay", seconds=0.05)
    sim.fault("hang", nth=2)
    create(admin)
    begun = time.monotonic()
    with pytest.raises(requests.Timeout):
        create(admin, timeout=0.1)
    sim.stop()
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("terms", [{"kind": "explode"}, {"kind": "hang", "nth": 0}])
def test_a_rule_that_makes_no_sense_is_refused(terms: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"unknown fault|count from 1"):
        FaultRule.from_json(terms)


def test_faults_are_set_listed_and_cleared_from_another_process(
    sim: SmarterMailSimulator, admin: Api
) -> None:
    rule = {"kind": "status", "path": "*/domains", "status": 418, "times": None}
    assert control(sim.url, "faults", [rule]).json()["faults"][0]["status"] == 418
    assert admin.get("settings/sysadmin/domains").status_code == 418
    assert control(sim.url, "faults", method="GET").json()["faults"][0]["seen"] == 1
    control(sim.url, "faults", method="DELETE")
    assert admin.get("settings/sysadmin/domains").status_code == 200


@pytest.mark.parametrize("rule", [{"kind": "explode"}, {"path": "*"}, {"kind": "hang", "x": 1}, 3])
def test_a_wrong_rule_over_http_is_400_and_adds_nothing(
    sim: SmarterMailSimulator, rule: object
) -> None:
    reply = control(sim.url, "faults", rule)
    assert reply.status_code == 400
    assert reply.json()["error"]
    assert sim.faults.as_list() == []
