"""The socket itself: keep-alive, lengths, TLS, routing, the journal."""

from __future__ import annotations

import socket
import threading

import pytest
import requests

from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from provisioning.simulation import Router
from tests.simulation.conftest import Start
from tests.simulation.wire import ADMIN, Api


def raw(sim: SmarterMailSimulator, data: bytes) -> bytes:
    with socket.create_connection((sim.host, sim.port), timeout=3) as connection:
        connection.sendall(data)
        answer = b""
        while chunk := connection.recv(4096):
            answer += chunk
    return answer


def test_one_connection_serves_many_calls(sim: SmarterMailSimulator, admin: Api) -> None:
    connections = set()
    for _ in range(3):
        reply = admin.get("settings/sysadmin/domains", stream=True)
        assert reply.raw.connection is not None
        connections.add(reply.raw.connection.sock.getsockname())
        assert int(reply.headers["Content-Length"]) == len(reply.content)
    assert len(connections) == 1


def test_a_post_without_a_content_length_is_411(sim: SmarterMailSimulator) -> None:
    answer = raw(sim, b"POST /api/v1/auth/logout-user HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 411")
    assert b"<html>" in answer


def test_a_chunked_body_is_read(sim: SmarterMailSimulator) -> None:
    body = b'{"username":"admin","password":"Simulated-Sys4dmin"}'
    reply = requests.post(
        f"{sim.url}/api/v1/auth/authenticate-user", data=iter([body[:9], body[9:]]), timeout=3
    )
    assert reply.json()["success"] is True


@pytest.mark.parametrize("body", [b"", b"{}", b"[]"])
def test_nothing_an_object_and_an_array_are_all_an_empty_post(admin: Api, body: bytes) -> None:
    reply = admin.session.post(
        f"{admin.url}/api/v1/settings/sysadmin/manage-domain/client.com", data=body, timeout=3
    )
    assert reply.status_code == 200


def test_slashes_and_letter_case_do_not_matter(admin: Api) -> None:
    for path in ("/settings/sysadmin/domain/CLIENT.com/", "Settings/SysAdmin/Domain/client.com"):
        assert admin.get(path).json()["domainData"]["name"] == "client.com"


def test_a_path_segment_is_decoded_once_and_by_itself() -> None:
    router: Router[str] = Router()
    router.add("GET", "key/{selector}/{value}", "key")
    found = router.find("GET", "/key/s%40x/a%2Fb%252B")
    assert found is not None
    assert found.args == {"selector": "s@x", "value": "a/b%2B"}


def test_a_literal_segment_wins_over_a_placeholder() -> None:
    router: Router[str] = Router()
    router.add("GET", "list/{id}", "one")
    router.add("GET", "list/all", "all")
    found = [router.find("GET", path) for path in ("list/all", "list/7")]
    assert [match.target for match in found if match] == ["all", "one"]


def test_unknown_paths_are_404_and_unknown_methods_405(admin: Api) -> None:
    assert admin.get("settings/sysadmin/no-such-call").status_code == 404
    assert admin.get("auth/authenticate-user").status_code == 405


def test_the_journal_holds_what_went_over_the_wire(sim: SmarterMailSimulator, api: Api) -> None:
    api.log_in(**ADMIN, clientId="panel-1")
    entry = sim.journal.find("*/authenticate-user", method="POST")[0]
    assert entry.json() == {**ADMIN, "clientId": "panel-1"}
    assert entry.header("Content-Type") == "application/json"
    assert (entry.status, entry.fault) == (200, None)


def test_tls_is_served_with_a_certificate_of_its_own(start: Start) -> None:
    sim = start(tls=True)
    assert sim.url.startswith("https://")
    reply = requests.get(f"{sim.url}/interface/root", verify=str(sim.certificate), timeout=3)
    assert reply.status_code == 200


def test_an_unknown_certificate_authority_is_refused_by_a_verifying_client(start: Start) -> None:
    sim = start(tls=True)
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(sim.url, timeout=3)
    assert len(sim.journal) == 0


def test_a_stopped_simulator_refuses_and_returns_on_the_same_port(
    sim: SmarterMailSimulator, api: Api
) -> None:
    port = sim.port
    sim.stop()
    with pytest.raises(requests.ConnectionError):
        api.log_in(**ADMIN)
    sim.start()
    assert sim.port == port
    assert api.log_in(**ADMIN).status_code == 200


def test_many_callers_at_once_are_all_answered(sim: SmarterMailSimulator, admin: Api) -> None:
    names = [f"user{number}" for number in range(24)]

    def create(name: str) -> None:
        mine = admin.inside("client.com")
        mine.post(
            "settings/domain/user-put", {"userData": {"userName": name, "password": "Aa345678"}}
        )
        mine.close()

    threads = [threading.Thread(target=create, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(names) <= set(sim.state.domain("client.com").users)
