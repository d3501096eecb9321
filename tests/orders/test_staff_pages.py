"""Orders and promotions in the admin site."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Customer
from billing.models import Order, Promotion
from tests.backoffice.world import list_url, press, said, url_of
from tests.factories import StaffFactory
from tests.orders.build import nothing_written, order, product, promotion, wanted

pytestmark = pytest.mark.django_db
CODE = {
    "code": "spring", "name": "Spring", "active": "on", "type": "percent", "value": "10",
    "recurrences": "3",
}  # fmt: skip


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffFactory())
    return client


@pytest.fixture
def pending(acme: Customer) -> Order:
    sold = product("5.00", name="Mail for offices", setup_type="on_approval")
    return order(acme, wanted(sold, domain="shop.example"))


def test_an_order_shows_what_was_ordered_and_where_it_stands(staff: Client, pending: Order) -> None:
    assert "shop.example" in staff.get(list_url(Order)).content.decode()
    page = staff.get(url_of(pending)).content.decode()
    for fact in ("Mail for offices", "shop.example", "5.00 EUR", "Accept", "INV-2026-00001"):
        assert fact in page


def test_staff_accept_an_order_by_a_button(staff: Client, pending: Order) -> None:
    response = press(staff, pending, "accept")
    assert "accepted" in said(response)
    pending.refresh_from_db()
    assert pending.status == "accepted"
    event = AuditEvent.objects.get(action="order.accepted")
    assert event.after["status"] == "accepted"
    again = press(staff, pending, "accept")
    assert "not possible any more" in said(again)


@pytest.mark.parametrize(("button", "status"), [("cancel", "cancelled"), ("fraud", "fraud")])
def test_a_reason_is_asked_for_and_kept(
    staff: Client, pending: Order, button: str, status: str
) -> None:
    with nothing_written():
        assert press(staff, pending, button).status_code == 200
    press(staff, pending, button, reason="does not exist")
    pending.refresh_from_db()
    assert (pending.status, pending.notes) == (status, "does not exist")


def test_a_refusal_is_told_in_words(staff: Client, acme: Customer) -> None:
    made = order(acme, wanted(product(setup_type="on_order")))
    response = press(staff, made, "cancel", reason="too late")
    assert "terminate its services instead" in response.content.decode()
    made.refresh_from_db()
    assert made.status == "accepted"


@pytest.mark.parametrize("role", ["support", "read_only"])
def test_who_does_not_do_money_looks_and_does_nothing(
    client: Client, pending: Order, role: str
) -> None:
    client.force_login(StaffFactory(staff_role=role))
    assert client.get(url_of(pending)).status_code == 200
    with nothing_written():
        assert press(client, pending, "accept").status_code == 403
        add = reverse("admin:billing_promotion_add")
        assert client.post(add, CODE).status_code == 403


def test_a_promotion_is_made_changed_and_deleted(staff: Client, db: None) -> None:
    staff.post(reverse("admin:billing_promotion_add"), CODE | {"cycles": ["monthly", "annually"]})
    made = Promotion.objects.get()
    assert (made.code, made.cycles) == ("SPRING", ["monthly", "annually"])
    staff.post(url_of(made), CODE | {"value": "15"})
    made.refresh_from_db()
    assert (made.value, made.cycles) == (Decimal(15), [])
    assert "15 %" in staff.get(list_url(Promotion)).content.decode()
    staff.post(url_of(made, "delete"), {"post": "yes"})
    assert not Promotion.objects.exists()


WRONG = [
    ({"value": "0"}, "worth something"),
    ({"value": "101"}, "at most 100"),
    ({"type": "fixed"}, "needs a currency"),
    ({"valid_from": "2026-06-02", "valid_to": "2026-06-01"}, "before the first"),
    ({"code": "taken"}, "has this code"),
]


@pytest.mark.parametrize(("change", "text"), WRONG)
def test_a_promotion_that_cannot_be_is_refused_in_words(
    staff: Client, change: dict[str, Any], text: str
) -> None:
    promotion(code="Taken")
    page = staff.post(reverse("admin:billing_promotion_add"), CODE | change)
    assert text in page.content.decode()
    assert Promotion.objects.count() == 1


def test_a_promotion_that_was_used_stays(staff: Client, acme: Customer) -> None:
    used = promotion()
    order(acme, wanted(product()), code=used.code)
    assert staff.post(url_of(used, "delete"), {"post": "yes"}).status_code == 403
    assert Promotion.objects.exists()
