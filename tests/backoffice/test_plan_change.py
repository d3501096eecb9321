"""Staff change a plan with its money."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from billing.models import Invoice, Seller, ServiceChange
from billing.nightly import run as billing_run
from config import clock
from products.models import Price, Product
from provisioning.models import Service
from tests.backoffice.world import press, url_of
from tests.billing import build


@pytest.fixture
def billed(boss: Client) -> tuple[Service, Product]:
    """Of a plan without a platform, billed for the running month."""
    if not Seller.objects.exists():
        build.seller()
    small, large = (build.product(price=price, timing="advance") for price in ("10.00", "20.00"))
    today = clock.today()
    owner = build.service(small, anchor=today, next_due=today)
    billing_run.run(today, guarded=False)
    owner.refresh_from_db()
    return owner, large


def url(owner: Service, product: Product) -> str:
    price = Price.objects.get(product=product)
    return f"/admin/provisioning/service/{owner.pk}/change-plan/?price={price.pk}"


def test_the_lines_are_shown_first_and_two_clicks_make_one_change(
    boss: Client, billed: tuple[Service, Product]
) -> None:
    owner, large = billed
    page = boss.post(url(owner, large), {})
    assert 'name="confirm"' in page.content.decode()
    assert not ServiceChange.objects.exists()
    for _click in range(2):
        boss.post(url(owner, large), {"confirm": "1", "form_token": "token-of-one-form"})
    assert ServiceChange.objects.get().invoice is not None
    assert "is waiting" in boss.get(url_of(owner)).content.decode()
    press(boss, owner, "cancel_change")
    assert ServiceChange.objects.get().status == "cancelled"


def test_staff_may_leave_the_money_out(boss: Client, billed: tuple[Service, Product]) -> None:
    owner, large = billed
    boss.post(url(owner, large), {"confirm": "1", "free": "on"})
    owner.refresh_from_db()
    assert owner.product == large
    assert Invoice.objects.count() == 1


def test_without_the_right_to_bill_nothing_changes(
    billed: tuple[Service, Product], signed_in: Any
) -> None:
    owner, large = billed
    assert signed_in("support").post(url(owner, large), {"confirm": "1"}).status_code == 403
    assert not ServiceChange.objects.exists()


def test_an_own_price_ends_on_its_last_day(boss: Client, billed: tuple[Service, Product]) -> None:
    owner, _large = billed
    press(
        boss, owner, "terms", price_override="4.50", price_override_reason="compensation",
        price_override_until="2026-01-31", next_due="2026-05-01",
    )  # fmt: skip
    owner.refresh_from_db()
    assert owner.price_override_until == date(2026, 1, 31)
    assert "compensation" in boss.get(url_of(owner)).content.decode()
