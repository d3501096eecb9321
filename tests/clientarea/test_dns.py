from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clientarea import dns as remembered
from config import clock
from provisioning.models import Service
from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from tests.clientarea.conftest import DOMAIN, product_settings, to
from tests.support.dns_server import DnsServer, Fault

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def zone(dns: DnsServer) -> DnsServer:
    dns.reset({DOMAIN: {"TXT": ["v=spf1 include:mail.example.com ~all"], "NS": ["x.ovh.net"]}})
    return dns


def statuses(response: Any) -> dict[str, str]:
    return {card.code: card.status.value for card in response.context["guide"].cards}


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_guide_says_what_is_right_what_is_wrong_and_what_to_publish(
    browser: Client, service: Service
) -> None:
    response = browser.get(to("dns", service))
    assert statuses(response)["spf"] == "ok"
    assert statuses(response)["mx"] == "missing"
    page = text(response)
    assert "v=spf1 include:mail.example.com ~all" in page
    assert 'data-copy-text="_autodiscover._tcp"' in page
    assert "There is no MX record at client.example." in page


def test_dns_trouble_is_unknown_and_not_an_accusation(
    browser: Client, service: Service, zone: DnsServer
) -> None:
    zone.faults["*"] = Fault.SERVFAIL
    response = browser.get(to("dns", service))
    assert set(statuses(response).values()) <= {"unknown", "not_applicable"}
    assert "DNS gave no answer." in text(response)
    zone.faults.clear()
    assert statuses(browser.get(to("dns", service)))["spf"] == "ok"


def test_a_check_on_demand_asks_anew_and_then_cools_down(
    browser: Client, service: Service, zone: DnsServer
) -> None:
    browser.get(to("dns", service))
    zone.zone[DOMAIN]["TXT"] = ["v=spf1 -all"]
    assert statuses(browser.get(to("dns", service)))["spf"] == "ok"
    response = browser.post(to("dns_refresh", service), follow=True)
    assert statuses(response)["spf"] == "missing"
    assert "asked again just now" in text(response)
    asked = len(zone.queries)
    again = browser.post(to("dns_refresh", service), follow=True)
    assert "asked a moment ago" in text(again)
    assert len(zone.queries) == asked


def test_the_panel_of_the_name_servers_is_chosen_and_another_can_be(
    browser: Client, service: Service
) -> None:
    assert browser.get(to("dns", service)).context["panel"].code == "ovh"
    other = browser.get(to("dns", service), {"panel": "plesk"})
    assert other.context["panel"].code == "plesk"
    assert browser.get(to("dns", service), {"panel": "<x>"}).context["panel"].code == "ovh"


def test_a_platform_that_is_known_to_be_down_is_explained(
    browser: Client, service: Service
) -> None:
    assert service.server
    service.server.paused_until = clock.now() + timedelta(minutes=5)
    service.server.save()
    assert "does not answer" in text(browser.get(to("dns", service)))
    assert "does not answer" in text(browser.post(to("dns_refresh", service), follow=True))
    assert "does not answer" in text(browser.get(to("dns_pills", service)))
    assert browser.get(to("dmarc", service)).status_code == 200


def test_the_guide_is_open_before_the_service_is_ready_for_it_says_what_is_missing(
    browser: Client, service: Service
) -> None:
    Service.objects.filter(pk=service.pk).update(observed="waiting")
    assert to("dns", service) in text(browser.get("/"))
    assert browser.get(to("dns", service)).status_code == 200
    assert browser.get(to("mailboxes", service)).status_code == 409


def test_the_home_page_waits_for_nobody_and_fetches_the_checks_after_it(
    browser: Client, service: Service, zone: DnsServer
) -> None:
    page = text(browser.get("/"))
    assert zone.queries == []
    assert f'hx-get="{to("dns_pills", service)}"' in page
    pills = text(browser.get(to("dns_pills", service)))
    assert "SPF: Configured" in pills
    assert "MX: Not configured" in pills
    assert "SPF: Configured" in text(browser.get("/"))
    assert remembered.remembered(service) is not None


def test_the_dmarc_generator_begins_with_what_the_product_suggests(
    browser: Client, service: Service
) -> None:
    service.product.module_settings = product_settings(
        dmarc_policy="quarantine", dmarc_rua="reports@acme.example"
    )
    service.product.save()
    form = browser.get(to("dmarc", service)).context["form"]
    assert form.record == "v=DMARC1; p=quarantine; rua=mailto:reports@acme.example"


def test_the_dmarc_generator_builds_what_is_chosen_and_marks_what_is_wrong(
    browser: Client, service: Service
) -> None:
    asked = {"p": "reject", "pct": "50", "rua": "a@x.com"}
    good = browser.get(to("dmarc", service), asked)
    assert "v=DMARC1; p=reject; pct=50; rua=mailto:a@x.com" in text(good)
    bad = browser.get(to("dmarc", service), {"p": "reject", "pct": "150", "rua": "nobody"})
    assert set(bad.context["form"].errors) == {"pct", "rua"}
    assert bad.context["form"].record == ""


def test_the_preview_of_the_generator_is_the_record_alone(
    browser: Client, service: Service
) -> None:
    page = browser.get(to("dmarc", service), {"p": "none"}, headers={"HX-Request": "true"})
    assert "v=DMARC1; p=none" in text(page)
    assert "<html" not in text(page)


def test_signing_is_switched_on_and_off_and_the_record_is_shown(
    browser: Client, service: Service
) -> None:
    assert browser.get(to("dkim", service)).context["key"].state == "none"
    on = browser.post(to("dkim_enable", service), follow=True)
    assert on.context["key"].state in ("standby", "active")
    assert "v=DKIM1; k=rsa; p=" in text(on)
    off = browser.post(to("dkim_disable", service), follow=True)
    assert off.context["key"].state in ("none", "disabled")
    assert "no longer signed" in text(off)


def test_signing_that_cannot_be_read_or_changed_says_so(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    simulator.stop()
    assert "does not answer" in text(browser.get(to("dkim", service)))
    response = browser.post(to("dkim_enable", service))
    assert response.status_code == 422
    assert "does not answer" in text(response)
