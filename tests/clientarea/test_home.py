from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import Customer
from accounts.roles import CustomerRole
from billing.charges.estimate import next_invoice
from clientarea.overview import draw, plot
from config import clock
from provisioning.models import Command, FeatureInterval, Service
from tests.clientarea.conftest import to
from tests.factories import (
    CommandFactory,
    CustomerFactory,
    MembershipFactory,
    ReadingFactory,
    ServiceFactory,
)

pytestmark = pytest.mark.django_db
GB = 1024**3


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def metered(service: Service) -> Service:
    """21 GB in use, in a month that is due in five days."""
    today = clock.today()
    service.anchor, service.next_due = today - timedelta(days=25), today + timedelta(days=5)
    service.save()
    metric = "disk"
    ReadingFactory(service=service, metric=metric, value=Decimal(21 * GB), source="sync")
    return service


def test_the_home_page_shows_use_tranches_and_what_it_will_cost(
    browser: Client, metered: Service
) -> None:
    page = text(browser.get("/"))
    assert "21.00 GB" in page
    assert "used of 30 GB billed" in page
    assert "3 tranches of 10 GB" in page
    assert "18.00 EUR" in page
    assert next_invoice(metered).total == Decimal("18.00")


def test_counts_come_from_the_mirror_with_its_age(browser: Client, metered: Service) -> None:
    FeatureInterval.objects.create(
        service=metered, address="anna@client.example", feature="eas", started_at=clock.now(),
        source="panel",
    )  # fmt: skip
    card = browser.get("/").context["cards"][0]
    counts = {count.label: count.value for count in card.counts}
    assert counts["Mailboxes"] == 3
    assert counts["Aliases"] == 2
    assert counts["ActiveSync (EAS)"] == 1
    assert "As of" in text(browser.get("/"))


def test_the_home_page_asks_no_platform(browser: Client, metered: Service, simulator) -> None:
    simulator.journal.clear()
    browser.get("/")
    browser.get(to("service", metered))
    assert len(simulator.journal) == 0


def test_a_product_that_no_platform_delivers_is_simply_active(
    browser: Client, service: Service
) -> None:
    service.product.module = ""
    service.product.save()
    Service.objects.update(server=None)
    for url in ("/", to("service", service)):
        assert "does not show this account" not in text(browser.get(url))


def test_technical_members_see_use_but_no_prices(
    client: Client, acme: Customer, metered: Service
) -> None:
    client.force_login(MembershipFactory(customer=acme, role=CustomerRole.TECHNICAL).user)
    for url in ("/", to("service", metered)):
        page = text(client.get(url))
        assert "21.00 GB" in page
        assert "EUR" not in page


STATES = {
    "ordered, to be paid": (
        {"desired": "pending", "observed": "missing", "activated_at": None},
        "as soon as its first invoice is paid",
    ),
    "being created": ({"observed": "missing", "activated_at": None}, "is being created"),
    "waiting for DNS": ({"observed": "waiting"}, "The DNS guide says what"),
    "gone": ({"observed": "missing"}, "does not show this account"),
    "unpaid": (
        {"desired": "suspended", "suspend_reasons": {"dunning": "INV-7 is late"}},
        "an invoice is overdue",
    ),
    "suspended by staff": (
        {"desired": "suspended", "suspend_reasons": {"staff": "spam wave"}},
        "Please contact us",
    ),
    "mail stopped, unpaid": (
        {"restricted": True, "restrict_reasons": {"dunning": "INV-7 is late"}},
        "Outgoing mail is stopped because an invoice is overdue",
    ),
    "mail stopped by staff": (
        {"restricted": True, "restrict_reasons": {"staff": "spam wave"}},
        "Outgoing mail is stopped. Incoming mail still arrives",
    ),
    "not understood": ({"observed": "unknown"}, "is being checked"),
}


@pytest.mark.parametrize(("facts", "sentence"), STATES.values(), ids=STATES)
def test_a_service_that_does_not_run_explains_itself_in_plain_words(
    browser: Client, service: Service, facts: dict[str, Any], sentence: str
) -> None:
    Service.objects.filter(pk=service.pk).update(**facts)
    for url in ("/", to("service", service)):
        page = text(browser.get(url))
        assert sentence in page
        assert "spam wave" not in page
        assert "INV-7 is late" not in page


@pytest.mark.parametrize("health", ["down", "misconfigured"])
def test_a_platform_that_is_down_is_said_beside_what_was_seen_last(
    browser: Client, service: Service, health: str
) -> None:
    assert service.server
    service.server.health, service.server.health_detail = health, "Wrong sysadmin password"
    service.server.save()
    page = text(browser.get("/"))
    assert "does not answer at the moment" in page
    assert "sysadmin" not in page
    assert "Mailboxes" in page


def test_a_set_up_that_is_stuck_asks_nothing_of_the_customer(
    browser: Client, service: Service
) -> None:
    Service.objects.filter(pk=service.pk).update(observed="missing", activated_at=None)
    CommandFactory(service=service, status=Command.Status.ATTENTION, detail="HTTP 500 at 10.0.0.1")
    page = text(browser.get("/"))
    assert "there is nothing you need to do" in page
    assert "10.0.0.1" not in page


@pytest.mark.parametrize("number", [5, 60])
def test_many_services_are_a_list_that_costs_the_same_few_queries(
    browser: Client, acme: Customer, service: Service, number: int, django_assert_num_queries
) -> None:
    product, server = service.product, service.server
    ServiceFactory.create_batch(
        number, customer=acme, product=product, server=server, delivered=True
    )
    browser.get("/")
    with django_assert_num_queries(15):
        response = browser.get("/")
    assert len(response.context["rows"]) == min(number + 1, 50)


def test_services_that_have_ended_leave_the_home_page(browser: Client, service: Service) -> None:
    Service.objects.filter(pk=service.pk).update(desired="terminated", observed="missing")
    assert "Your former services have ended" in text(browser.get("/"))
    assert "This service has ended" in text(browser.get(to("service", service)))
    assert browser.get(to("mailboxes", service)).status_code == 409


def test_an_ended_service_offers_no_pages_of_mail_that_is_gone(
    browser: Client, service: Service
) -> None:
    assert to("mailboxes", service) in browser.get(to("service", service)).content.decode()
    Service.objects.filter(pk=service.pk).update(desired="terminated", observed="missing")
    page = browser.get(to("service", service)).content.decode()
    assert to("mailboxes", service) not in page
    assert to("dns", service) not in page
    assert to("activity", service) in page


def test_a_customer_without_services_is_told_so(client: Client, acme: Customer) -> None:
    client.force_login(MembershipFactory(customer=CustomerFactory()).user)
    assert "No service yet" in text(client.get("/"))


def test_the_drawing_has_a_block_for_each_tranche_filled_as_far_as_it_is_used(
    metered: Service,
) -> None:
    found = next_invoice(metered).tranches
    assert found is not None
    bar = draw(found)
    first, second, third = bar.blocks
    assert first.filled == first.width
    assert second.filled == second.width
    assert 0 < third.filled < third.width // 5
    assert third.x + third.width == bar.width


def test_the_chart_stays_in_its_box_and_starts_at_zero() -> None:
    chart = plot([(0.0, Decimal(0)), (10.0, Decimal(50)), (20.0, Decimal(100))])
    assert chart.line.split() == ["0.0,140.0", "300.0,74.0", "600.0,8.0"]


def test_use_that_never_changed_or_is_nothing_can_be_drawn() -> None:
    assert plot([(5.0, Decimal(0)), (5.0, Decimal(0))]).line == "0.0,140.0 0.0,140.0"


def test_times_are_told_in_the_customer_s_zone(
    browser: Client, acme: Customer, service: Service, time_machine
) -> None:
    Service.objects.filter(pk=service.pk).update(observed_at="2026-03-01T23:30:00Z")
    acme.time_zone = "Asia/Tokyo"
    acme.save()
    assert "March 2, 2026, 8:30 a.m." in text(browser.get(to("service", service)))
    acme.time_zone = "Nowhere/Land"
    acme.save()
    assert "March 1, 2026, 11:30 p.m." in text(browser.get(to("service", service)))


def test_one_person_switches_between_customers(browser: Client, owner, service: Service) -> None:
    other = MembershipFactory(user=owner, customer=CustomerFactory(company="Beta GmbH")).customer
    assert "Acme Ltd" in text(browser.get("/"))
    page = browser.get("/").content.decode()
    assert f'value="{other.public_id}"' in page
    browser.post("/customer/switch/", {"customer": other.public_id})
    assert "Beta GmbH" in text(browser.get("/"))
    assert browser.get(to("service", service)).status_code == 404
