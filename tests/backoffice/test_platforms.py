"""What staff see and do of a service on each platform, against its simulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from provisioning import servers, services
from provisioning.contract import Capability, State
from provisioning.models import Server, Service
from provisioning.registry import MODULES, module_class
from provisioning.simulation import Simulator
from tests.backoffice.world import press, said, url_of
from tests.factories import CustomerFactory
from tests.support import platforms
from tests.support.platforms import DOMAIN, every

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform(code: str) -> Iterator[Simulator]:
    with platforms.running(code) as simulator:
        yield simulator


@pytest.fixture
def here(code: str, platform: Simulator) -> Service:
    return platforms.delivered(code, platform, CustomerFactory())


@every()
def test_the_page_of_a_service_shows_what_its_platform_has_and_no_secret(
    boss: Client, here: Service, code: str
) -> None:
    text = boss.get(url_of(here)).content.decode()
    has_mail = Capability.MAILBOXES in module_class(code).capabilities
    assert ('id="mailboxes"' in text) == has_mail
    for secret in filter(None, (here.module_secrets or {}).values()):
        assert str(secret) not in text


@every()
def test_refresh_reads_what_there_is(boss: Client, here: Service) -> None:
    text = said(press(boss, here, "refresh"))
    assert "read from the platform" in text or "active" in text


@every(Capability.SERVER_LOGIN)
def test_going_to_the_server_is_one_click(boss: Client, platform: Simulator, code: str) -> None:
    server = platforms.server_on(code, platform)
    answer = press(boss, server, "go")
    assert answer.status_code == 200
    assert answer.context["link"].url.startswith("http")


@every(Capability.INVENTORY)
def test_what_is_on_a_server_is_listed_for_import(boss: Client, here: Service) -> None:
    answer = boss.get(f"/admin/provisioning/server/{here.server_id}/import/")
    assert answer.status_code == 200
    assert DOMAIN in {row.domain for row in answer.context["rows"]}


@pytest.mark.parametrize("code", MODULES)
def test_a_server_is_added_and_tested(boss: Client, platform: Simulator, code: str) -> None:
    form = boss.get(f"/admin/provisioning/server/add/?platform={code}").context["adminform"].form
    typed = {
        name: field.initial
        for name, field in form.fields.items()
        if field.initial not in (None, False)
    }
    where = {"name": "here", "hostname": "127.0.0.1", "port": platform.port, "allow_private": "on"}
    who = {"username": platforms.STAGES[code].username or "-", "password": platforms.PASSWORD}
    typed.pop("secure", None)
    answer = boss.post(
        f"/admin/provisioning/server/add/?platform={code}", {**typed, **where, **who}
    )
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    server = servers.check(Server.objects.get())
    assert (server.module, server.health) == (code, Server.Health.UP), server.health_detail


def test_an_account_that_its_platform_keeps_is_ended_and_says_what_is_left_to_do(
    boss: Client,
) -> None:
    with platforms.running("easymailarchive") as simulator:
        service = platforms.delivered("easymailarchive", simulator, CustomerFactory())
        command = platforms.carried_out(services.terminate(service, cause="staff:1"))
    service.refresh_from_db()
    assert (service.observed, service.terminated_at is not None) == (State.SUSPENDED, True)
    text = boss.get(url_of(service)).content.decode()
    assert command.notes
    assert "What is wanted and what was seen differ" not in text


def test_staff_start_a_set_up_again_that_was_given_up(boss: Client) -> None:
    with platforms.running("polarismail") as simulator:
        service = platforms.ordered("polarismail", simulator, CustomerFactory())
        platforms.carried_out(services.deliver(service, cause="order:1"))
        text = boss.get(url_of(service)).content.decode()
        assert simulator.state.domain(DOMAIN).txt in text  # type: ignore[attr-defined]
        assert "Start again" not in text
        simulator.clock.advance(25 * 3600)
        press(boss, service, "refresh")
        assert "Start again" in boss.get(url_of(service)).content.decode()
        press(boss, service, "start-again")
    assert service.commands.filter(action="create").count() == 2


def test_what_a_platform_asks_for_one_service_can_be_told_later(boss: Client) -> None:
    with platforms.running("easymailarchive") as simulator:
        service = platforms.delivered("easymailarchive", simulator, CustomerFactory())
    press(boss, service, "inputs", **{"input-journal_address": "journal@archive.example"})
    service.refresh_from_db()
    assert service.inputs["journal_address"] == "journal@archive.example"
