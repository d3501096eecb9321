"""A customer changes the plan of a service."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import Customer
from accounts.roles import CustomerRole
from billing.models import Invoice, ServiceChange
from billing.nightly import run as billing_run
from config import clock
from products.models import Product
from provisioning.models import Service
from tests.billing import build
from tests.clientarea.conftest import product_settings, to
from tests.factories import MembershipFactory, ProductFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def plans(acme: Customer) -> tuple[Service, Product]:
    """Billed for the running month, and a dearer plan beside it."""
    small, large = (build.product(price=price, timing="advance") for price in ("10.00", "20.00"))
    today = clock.today()
    owner = build.service(small, anchor=today, next_due=today, customer=acme)
    billing_run.run(today, guarded=False)
    owner.refresh_from_db()
    return owner, large


def url(owner: Service, product: Product) -> str:
    return f"{to('plan', owner)}?plan={product.pk}-monthly"


def test_the_price_is_shown_before_anything_is_confirmed(
    browser: Client, plans: tuple[Service, Product]
) -> None:
    owner, large = plans
    page = browser.post(url(owner, large), {})
    assert page.context["preview"].total == Decimal("20.00")
    assert 'name="confirm"' in page.content.decode()
    assert not ServiceChange.objects.exists()


def test_a_confirmed_change_leads_to_its_invoice_and_two_clicks_make_one(
    browser: Client, plans: tuple[Service, Product]
) -> None:
    owner, large = plans
    page = browser.post(url(owner, large), {"confirm": "1", "form_token": "t"}, follow=True)
    again = browser.post(url(owner, large), {"confirm": "1", "form_token": "t"})
    assert again["Location"] == to("plan", owner)
    change = ServiceChange.objects.get()
    assert change.invoice is not None and change.status == "waiting"
    assert page.redirect_chain[-1][0].endswith(f"/invoices/{change.invoice.public_id}/")
    assert "waiting" in browser.get(to("plan", owner)).content.decode()


def test_a_waiting_change_can_be_cancelled(browser: Client, plans: tuple[Service, Product]) -> None:
    owner, large = plans
    browser.post(url(owner, large), {"confirm": "1"})
    browser.post(to("plan_cancel", owner), {})
    assert ServiceChange.objects.get().status == "cancelled"
    assert Invoice.objects.filter(status="void").count() == 1


def test_who_may_not_order_may_not_change(client: Client, plans: Any, acme: Customer) -> None:
    owner, large = plans
    technician = UserFactory()
    MembershipFactory(user=technician, customer=acme, role=CustomerRole.TECHNICAL)
    client.force_login(technician)
    assert client.post(url(owner, large), {"confirm": "1"}).status_code == 403
    assert not ServiceChange.objects.exists()


def test_a_plan_that_is_not_offered_cannot_be_forged(browser: Client, plans: Any) -> None:
    owner, large = plans
    Product.objects.filter(pk=large.pk).update(active=False)
    page = browser.post(url(owner, large), {"confirm": "1"})
    assert not ServiceChange.objects.exclude(product=owner.product).exists()
    assert page.status_code in (200, 302, 422)


def test_a_plan_that_is_billed_by_use_says_when_it_is_paid(
    browser: Client, service: Service
) -> None:
    """Tranches, in arrears: no part of the running period has a price yet."""
    today = clock.today()
    Service.objects.filter(pk=service.pk).update(
        anchor=today - timedelta(days=10), next_due=today + timedelta(days=20)
    )
    dearer = ProductFactory(module="smartermail", module_settings=product_settings())
    words = browser.post(url(service, dearer), {}).content.decode()
    assert "Your plan is billed by use" in words
    assert "To pay" not in words


def test_the_plan_one_has_offers_nothing_to_calculate(
    browser: Client, plans: tuple[Service, Product]
) -> None:
    owner, large = plans
    page = browser.get(to("plan", owner)).content.decode()
    assert "This is the plan you have" in page and "See what it costs" not in page
    assert "See what it costs" in browser.get(url(owner, large)).content.decode()
    large.delete()
    assert "no other plan to change to" in browser.get(to("plan", owner)).content.decode()
