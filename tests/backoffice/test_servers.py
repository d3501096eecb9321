from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Customer
from config import clock
from provisioning import services
from provisioning.contract import Capability, LoginLink, MisconfiguredError, TemporaryError
from provisioning.engine import execution
from provisioning.models import Command, Server, ServerGroup, Service
from tests.backoffice.world import formdata, press, said, url_of
from tests.factories import (
    CustomerFactory,
    ProductFactory,
    ServerFactory,
    ServerGroupFactory,
    ServiceFactory,
)
from tests.support.fake_module import Domain, FakeModule, Platform

ADD = "/admin/provisioning/server/add/"
BASICS = {"name": "mail9", "hostname": "mail9.example.net", "port": "443", "username": "admin"}


def test_the_platform_is_chosen_first_and_decides_the_fields(boss: Client) -> None:
    first = boss.get(ADD).content.decode()
    assert "?platform=fake" in first and "?platform=smartermail" in first
    assert "set-api_key" in boss.get(f"{ADD}?platform=fake").content.decode()
    assert "set-identity" in boss.get(f"{ADD}?platform=smartermail").content.decode()


def test_a_server_is_added_with_its_platform_and_sealed_credentials(boss: Client) -> None:
    data = BASICS | {"password": "Fresh-Pw-1", "set-api_key": "k1", "enabled": "on"}
    assert boss.post(f"{ADD}?platform=fake", data).status_code == 302
    server = Server.objects.get()
    assert (server.module, server.password, server.enabled) == ("fake", "Fresh-Pw-1", True)


@pytest.mark.parametrize("name", ["https://mail9.example.net", "mail 9", ""])
def test_a_host_name_that_is_none_stands_corrected_beside_its_field(
    name: str, boss: Client
) -> None:
    page = boss.post(f"{ADD}?platform=fake", BASICS | {"hostname": name})
    assert "hostname" in page.context["adminform"].form.errors
    assert not Server.objects.exists()


def test_a_connection_that_works_shows_version_domains_and_latency(
    boss: Client, server: Server, platform: Platform
) -> None:
    platform.domains["one.example"] = Domain()
    text = said(press(boss, server, "check"))
    assert "1.2" in text and "1 domains" in text and "3 ms" in text
    server.refresh_from_db()
    assert (server.health, server.account_count) == (Server.Health.UP, 1)


def test_going_to_a_server_is_offered_where_the_platform_lets_us_in(
    boss: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Go to server" not in boss.get(url_of(server)).content.decode()
    able = FakeModule.capabilities | {Capability.SERVER_LOGIN}
    link = LoginLink(url="https://mail.example.net/panel", fields={"key": "once-only"})
    monkeypatch.setattr(FakeModule, "capabilities", able)
    monkeypatch.setattr(FakeModule, "server_login", lambda self: link)
    assert "Go to server" in boss.get(url_of(server)).content.decode()
    page = press(boss, server, "go")
    assert "once-only" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert "https://mail.example.net/panel" in page["Content-Security-Policy"]
    assert not AuditEvent.objects.filter(after__icontains="once-only").exists()
    assert AuditEvent.objects.filter(action="sign_on.server").exists()


def test_a_connection_that_fails_says_what_is_wrong(
    boss: Client, server: Server, platform: Platform
) -> None:
    platform.fail("check", MisconfiguredError("The password of admin is wrong."))
    assert "The password of admin is wrong." in said(press(boss, server, "check"))
    assert "The password of admin is wrong." in boss.get(url_of(server)).content.decode()


def test_a_paused_server_shows_its_pause_and_is_tried_at_once(
    boss: Client, server: Server, platform: Platform
) -> None:
    later = clock.now() + timedelta(minutes=9)
    Server.objects.filter(pk=server.pk).update(failures=4, paused_until=later, health="down")
    assert "Try now" in boss.get(url_of(server)).content.decode()

    press(boss, server, "try-now")

    server.refresh_from_db()
    assert (server.health, server.paused_until, server.failures) == ("up", None, 0)
    assert platform.calls == ["check"]


def test_usage_is_read_by_a_worker(boss: Client, server: Server, sent: list[Any]) -> None:
    press(boss, server, "sync")
    assert sent == [("sync_server_usage", server.pk)]


def import_url(server: Server) -> str:
    return reverse("admin:provisioning_server_import", args=[server.pk])


def test_the_import_page_tells_managed_unmanaged_and_missing_apart(
    boss: Client, active: Service, server: Server, platform: Platform
) -> None:
    platform.domains["stranger.example"] = Domain()
    rows = {row.domain: row.standing for row in boss.get(import_url(server)).context["rows"]}
    assert rows == {active.domain: "managed", "stranger.example": "unmanaged"}


def test_a_domain_whose_creation_was_refused_is_in_the_way_and_can_be_adopted_from_there(
    boss: Client, server: Server, platform: Platform, sent: list[Any]
) -> None:
    service = ServiceFactory(server=server)
    platform.domains[service.domain] = Domain(marker="somebody")
    command = services.deliver(service, cause="order:1")
    assert command is not None
    execution.carry_out(command.pk)

    page = boss.get(import_url(server)).content.decode()
    there = reverse("admin:provisioning_service_do", args=[service.pk, "adopt"])
    link = f"{there}?next={import_url(server)}"
    assert "In the way" in page and ">Managed<" not in page
    assert link in page
    assert Command.objects.count() == 1

    assert boss.get(link).status_code == 200
    answer = boss.post(link, {"form_token": "token-of-one-form"})

    assert (answer.status_code, answer["Location"]) == (302, import_url(server))
    assert Command.objects.filter(action="adopt", status="queued").exists()


def test_chosen_domains_are_previewed_and_then_linked_to_a_new_customer(
    boss: Client, server: Server, platform: Platform
) -> None:
    platform.domains |= {"one.example": Domain(), "two.example": Domain()}
    product = ProductFactory()
    page = boss.post(import_url(server), {"domain": ["one.example"]})
    assert [row.domain for row in page.context["rows"]] == ["one.example"]
    assert not Service.objects.exists()

    answer = boss.post(import_url(server), _terms(product.pk) | {"domain": ["one.example"]})

    assert answer.status_code == 302
    service = Service.objects.get()
    assert (service.domain, service.server, str(service.customer)) == (
        "one.example",
        server,
        "Fern",
    )
    assert Command.objects.get().action == Command.Action.ADOPT
    assert AuditEvent.objects.filter(action="customer.added").exists()


def _terms(product: int, **values: Any) -> dict[str, Any]:
    return {
        "link": "1", "form_token": "token-of-one-form", "product": product, "cycle": "monthly",
        "currency": "EUR", "anchor": "2026-03-01", "new_name": "Ann", "new_company": "Fern",
        "new_email": "ann@example.com", "new_country": "DE",
    } | values  # fmt: skip


def test_a_second_click_on_link_makes_no_second_customer(
    boss: Client, server: Server, platform: Platform
) -> None:
    platform.domains["one.example"] = Domain()
    platform.domains["two.example"] = Domain()
    data = _terms(ProductFactory().pk) | {"domain": ["one.example", "two.example"]}
    for _click in range(2):
        boss.post(import_url(server), data)
    assert (Customer.objects.count(), Service.objects.count()) == (1, 2)


def test_terms_that_do_not_hold_are_refused_beside_their_fields(
    boss: Client, server: Server, platform: Platform
) -> None:
    platform.domains["one.example"] = Domain()
    data = _terms(ProductFactory().pk, new_email="", anchor="soon") | {"domain": ["one.example"]}
    page = boss.post(import_url(server), data)
    assert set(page.context["form"].errors) == {"new_email", "anchor"}
    assert not Service.objects.exists() and not Customer.objects.exists()


def test_a_domain_that_is_managed_cannot_be_chosen(
    boss: Client, active: Service, server: Server
) -> None:
    data = _terms(active.product_id, customer=CustomerFactory().pk) | {"domain": [active.domain]}
    boss.post(import_url(server), data)
    assert Service.objects.count() == 1


def test_an_import_from_a_dead_server_is_a_sentence(
    boss: Client, server: Server, platform: Platform
) -> None:
    platform.fail("inventory", TemporaryError("Nobody answers at mail1."))
    page = boss.get(import_url(server))
    assert page.status_code == 200
    assert "Nobody answers at mail1." in page.content.decode()


def test_a_group_takes_servers_of_its_own_platform_only(boss: Client, server: Server) -> None:
    other = ServerFactory(module="smartermail")
    group = ServerGroupFactory(servers=[server])
    data = formdata(boss, url_of(group)) | {"members-0-server": other.pk}
    page = boss.post(url_of(group), data)
    assert "another platform" in page.content.decode()
    assert list(ServerGroup.objects.get().servers.all()) == [server]
