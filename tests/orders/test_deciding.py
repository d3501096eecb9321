"""What staff decide about an order."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import AuditEvent, Customer
from billing.documents import credit_notes, issue
from billing.models import Invoice, Order, Payment, Seller
from billing.orders import decide
from billing.payments import credit
from provisioning.models import Command, Service
from tests.orders.build import (
    mail_product,
    nothing_written,
    order,
    product,
    promotion,
    wanted,
)
from tests.orders.test_placing import pay

pytestmark = pytest.mark.django_db
APPROVAL = {"setup_type": "on_approval"}


@pytest.fixture
def pending(acme: Customer) -> Order:
    """One item that waits for staff, one for a payment."""
    return order(acme, wanted(product("5.00", **APPROVAL)), wanted(product("7.00")))


def states(made: Order) -> list[str]:
    services = Service.objects.filter(order_item__order=made).order_by("pk")
    return list(services.values_list("desired", flat=True))


def test_an_order_that_needs_approval_waits_and_so_does_a_payment_for_it(pending: Order) -> None:
    assert pending.status == "pending"
    assert pending.invoice
    pay(pending.invoice)
    assert states(pending) == ["pending", "pending"]
    decide.accept(pending)
    assert states(pending) == ["active", "active"]


def test_what_waits_for_a_payment_goes_on_waiting_after_the_order_is_accepted(
    pending: Order,
) -> None:
    decide.accept(pending)
    assert sorted(states(pending)) == ["active", "pending"]
    assert pending.invoice
    pay(pending.invoice)
    assert states(pending) == ["active", "active"]


def test_what_is_paid_in_arrears_counts_from_the_day_it_begins(
    acme: Customer, clock_stands: Any
) -> None:
    made = order(acme, wanted(product("5.00", timing="arrears", **APPROVAL)))
    clock_stands.move_to("2026-06-11T12:00:00+00:00", tick=False)
    decide.accept(made)
    service = Service.objects.get()
    assert (str(service.anchor), str(service.next_due)) == ("2026-06-11", "2026-07-11")


def test_a_cancelled_order_is_credited_and_delivers_nothing(pending: Order) -> None:
    decide.cancel(pending, reason="asked by mistake")
    invoice = Invoice.objects.get(kind="invoice")
    assert invoice.status == "void"
    assert Invoice.objects.get(kind="credit_note").total == Decimal("12.00")
    assert states(pending) == ["cancelled", "cancelled"]
    assert AuditEvent.objects.filter(action="order.cancelled").count() == 1


def test_money_of_a_cancelled_order_becomes_account_credit_and_delivers_nothing(
    pending: Order,
) -> None:
    assert pending.invoice
    pay(pending.invoice, "5.00")
    decide.cancel(pending, reason="we cannot deliver this")
    assert credit.balance(pending.customer, "EUR") == Decimal("5.00")
    assert states(pending) == ["cancelled", "cancelled"]


def test_of_a_corrected_invoice_the_newer_one_is_credited(pending: Order) -> None:
    newer = issue.issue(credit_notes.correct(pending.invoice, reason="wrong address"))
    decide.cancel(pending, reason="asked by mistake")
    newer.refresh_from_db()
    assert (newer.status, states(pending)) == ("void", ["cancelled", "cancelled"])


def test_a_correction_that_is_not_issued_yet_is_thrown_away(pending: Order) -> None:
    credit_notes.correct(pending.invoice, reason="wrong address")
    decide.cancel(pending, reason="asked by mistake")
    assert not Invoice.objects.filter(status="draft").exists()
    assert Invoice.objects.get(kind="invoice").status == "void"


@pytest.mark.parametrize("days", [7, 30])
def test_an_order_nobody_pays_for_expires_after_the_sellers_days(
    acme: Customer, clock_stands: Any, days: int
) -> None:
    Seller.objects.update(order_days=days)
    code = promotion(max_uses=1)
    made = order(acme, wanted(product("5.00")), code=code.code)
    assert decide.expire(date(2026, 6, 1) + timedelta(days=days)) == 0
    assert decide.expire(date(2026, 6, 2) + timedelta(days=days)) == 1
    assert decide.expire(date(2026, 6, 2) + timedelta(days=days)) == 0
    made.refresh_from_db()
    code.refresh_from_db()
    assert (made.status, code.uses, states(made)) == ("cancelled", 0, ["cancelled"])
    assert Invoice.objects.get(kind="invoice").status == "void"


def test_an_order_with_money_on_it_or_under_way_does_not_expire(acme: Customer) -> None:
    partly, announced = (order(acme, wanted(product("5.00"))) for _ in range(2))
    pay(partly.invoice, "1.00")
    Payment.objects.create(
        customer=acme, gateway="stripe", external_id="p1", invoice=announced.invoice,
        status="pending", currency="EUR", amount=5, received_on=date(2026, 6, 1),
    )  # fmt: skip
    with nothing_written():
        assert decide.expire(date(2027, 1, 1)) == 0


@pytest.mark.parametrize("values", [{"order_days": 0}, {}])
def test_what_runs_or_is_to_wait_for_ever_does_not_expire(
    acme: Customer, values: dict[str, int]
) -> None:
    Seller.objects.update(**{"order_days": 30} | values)
    order(acme, wanted(product(setup_type="on_payment" if values else "on_order")))
    with nothing_written():
        assert decide.expire(date(2027, 1, 1)) == 0


def test_an_order_that_runs_is_not_cancelled(acme: Customer) -> None:
    made = order(acme, wanted(product(setup_type="on_order")))
    with nothing_written(), pytest.raises(ValidationError, match="terminate its services"):
        decide.cancel(made, reason="too late")
    made.refresh_from_db()
    assert made.status == "accepted"


def test_fraud_suspends_what_runs_drops_the_rest_and_lets_no_payment_free_it(
    acme: Customer, server: Any
) -> None:
    running = mail_product(server, setup_type="on_order")
    made = order(acme, wanted(running), wanted(product("7.00")))
    decide.mark_fraud(made, reason="stolen card")
    service = Service.objects.get(product=running)
    assert service.desired == "suspended"
    assert service.suspend_reasons == {"fraud": "stolen card"}
    assert sorted(states(made)) == ["cancelled", "suspended"]
    assert Invoice.objects.get(kind="invoice").status == "void"


@pytest.mark.parametrize("act", [decide.cancel, decide.mark_fraud])
def test_a_reason_is_needed(pending: Order, act: Any) -> None:
    with nothing_written(), pytest.raises(ValidationError, match="Say why"):
        act(pending, reason=" ")
    assert states(pending) == ["pending", "pending"]


@pytest.mark.parametrize("status", ["accepted", "cancelled", "fraud"])
def test_only_a_pending_order_is_accepted(pending: Order, status: str) -> None:
    Order.objects.update(status=status)
    with nothing_written(), pytest.raises(ValidationError, match="cannot be accepted"):
        decide.accept(pending)
    assert Command.objects.count() == 0
