from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Customer
from billing.charges.estimate import next_invoice
from billing.models import CancellationRequest, Claim, Invoice
from billing.nightly import run
from billing.orders import cancellations
from config import clock
from provisioning.models import Service
from tests.orders.build import nothing_written, order, product, service_of, wanted
from tests.orders.test_placing import pay

pytestmark = pytest.mark.django_db
ON_ORDER = {"setup_type": "on_order"}


@pytest.fixture
def service(acme: Customer) -> Service:
    """Runs since 1 June at 30.00 a month in advance; June is paid."""
    placed = order(acme, wanted(product("30.00", **ON_ORDER)))
    assert placed.invoice
    pay(placed.invoice)
    return Service.objects.select_related("product", "customer").get()


def on(traveller: Any, day: str) -> None:
    traveller.move_to(f"{day}T12:00:00+00:00", tick=False)
    cancellations.carry_out(clock.today())
    run.run(clock.today())


def test_at_the_end_of_the_term_it_runs_until_then_and_is_not_renewed(
    service: Service, clock_stands: Any
) -> None:
    made = cancellations.request(service, when="end_of_term")
    assert made.due_on == date(2026, 7, 1)
    on(clock_stands, "2026-06-30")
    service.refresh_from_db()
    assert service.desired == "active"
    on(clock_stands, "2026-07-01")
    service.refresh_from_db()
    assert service.desired == "terminated"
    assert service.terminated_at == clock.now()
    on(clock_stands, "2026-09-01")
    assert Invoice.objects.count() == 1


def test_a_renewal_that_was_invoiced_already_is_credited(
    service: Service, clock_stands: Any
) -> None:
    on(clock_stands, "2026-06-25")
    assert Invoice.objects.filter(status="issued").count() == 1
    cancellations.request(service, when="end_of_term")
    renewal = Invoice.objects.filter(kind="invoice").latest("pk")
    assert renewal.status == "void"
    assert Invoice.objects.get(kind="credit_note").total == Decimal("30.00")


def test_a_renewal_that_is_paid_is_used_up_first(service: Service, clock_stands: Any) -> None:
    on(clock_stands, "2026-06-25")
    pay(Invoice.objects.get(status="issued"))
    assert cancellations.request(service, when="end_of_term").due_on == date(2026, 8, 1)


def test_of_an_invoice_with_other_services_only_its_lines_are_credited(
    acme: Customer,
) -> None:
    made = order(acme, wanted(product("5.00", **ON_ORDER)), wanted(product("7.00", **ON_ORDER)))
    leaving = Service.objects.get(product=made.items.get(recurring=5).product)
    cancellations.request(leaving, when="at_once")
    invoice = Invoice.objects.get(kind="invoice")
    assert (invoice.status, invoice.open_amount) == ("issued", Decimal("7.00"))


def test_at_once_ends_it_at_once(service: Service) -> None:
    cancellations.request(service, when="at_once", reason="too dear")
    service.refresh_from_db()
    assert service.desired == "terminated"
    row = CancellationRequest.objects.get()
    assert (row.done_at, row.reason) == (clock.now(), "too dear")
    assert Invoice.objects.filter(kind="credit_note").count() == 0  # what is paid stays paid


def test_what_was_used_in_arrears_is_still_billed(acme: Customer, clock_stands: Any) -> None:
    placed = order(acme, wanted(product("30.00", timing="arrears", **ON_ORDER)))
    leaving = service_of(placed)
    cancellations.request(leaving, when="end_of_term")
    on(clock_stands, "2026-07-01")
    assert Invoice.objects.get().total == Decimal("30.00")
    on(clock_stands, "2026-09-01")
    assert Invoice.objects.count() == 1


def test_what_was_never_delivered_is_dropped_with_its_invoice(acme: Customer) -> None:
    placed = order(acme, wanted(product("5.00")))
    cancellations.request(service_of(placed), when="end_of_term")
    assert Service.objects.get().desired == "cancelled"
    assert Invoice.objects.get(kind="invoice").status == "void"


def test_a_cancelled_item_is_not_delivered_by_the_credit_that_settles_its_order(
    acme: Customer,
) -> None:
    placed = order(acme, wanted(product("5.00")), wanted(product("7.00")))
    leaving, other = Service.objects.order_by("order_item__recurring")
    assert placed.invoice
    pay(placed.invoice, "7.00")
    cancellations.request(leaving, when="at_once")
    leaving.refresh_from_db()
    other.refresh_from_db()
    assert (leaving.desired, other.desired) == ("cancelled", "active")


def test_taken_back_it_goes_on_and_the_credited_renewal_falls_due_again(
    service: Service, clock_stands: Any
) -> None:
    on(clock_stands, "2026-06-25")
    made = cancellations.request(service, when="end_of_term")
    cancellations.withdraw(made)
    on(clock_stands, "2026-06-26")
    again = Invoice.objects.filter(kind="invoice").latest("pk")
    assert (again.status, again.total) == ("issued", Decimal("30.00"))
    assert str(Claim.objects.get(invoice=again).period_start) == "2026-07-01"
    assert Invoice.objects.filter(kind="invoice").count() == 3


def test_the_run_passing_the_last_day_early_does_not_stop_a_service_that_stays(
    service: Service, clock_stands: Any
) -> None:
    made = cancellations.request(service, when="end_of_term")
    on(clock_stands, "2026-06-25")
    service.refresh_from_db()
    assert service.next_due is None
    cancellations.withdraw(made)
    on(clock_stands, "2026-07-01")
    assert Invoice.objects.filter(kind="invoice").count() == 2


def test_the_estimate_of_a_cancelled_service_owes_nothing_more(service: Service) -> None:
    cancellations.request(service, when="end_of_term")
    found = Service.objects.select_related("product", "server").get()
    assert next_invoice(found).total == 0


def test_a_service_is_cancelled_once(service: Service) -> None:
    cancellations.request(service, when="end_of_term")
    with nothing_written(), pytest.raises(ValidationError, match="cancelled already"):
        cancellations.request(service, when="at_once")


def test_what_has_ended_is_neither_cancelled_nor_kept(service: Service) -> None:
    made = cancellations.request(service, when="at_once")
    with nothing_written():
        with pytest.raises(ValidationError, match="has ended"):
            cancellations.request(service, when="at_once")
        with pytest.raises(ValidationError, match="has ended"):
            cancellations.withdraw(made)


def test_when_has_to_be_one_of_the_two(service: Service) -> None:
    with nothing_written(), pytest.raises(ValidationError) as refusal:
        cancellations.request(service, when="some day")
    assert "when" in refusal.value.message_dict
