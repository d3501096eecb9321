"""From the order to an account on the platform, over a real socket."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Customer
from billing.models import Invoice
from billing.nightly import run
from billing.orders import cancellations, decide
from config import clock
from provisioning.engine import execution
from provisioning.models import Command, Server, Service
from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from tests.orders.build import mail_product, order, promotion, service_of, wanted
from tests.orders.test_placing import pay

pytestmark = pytest.mark.django_db


def work() -> list[str]:
    """What workers would do now."""
    done = []
    for command in Command.objects.filter(status="queued").order_by("pk"):
        execution.carry_out(command.pk)
        command.refresh_from_db()
        done.append(f"{command.action} {command.status}")
    return done


def domains(simulator: SmarterMailSimulator) -> list[str]:
    return list(simulator.state.domains)


def test_on_order_the_account_is_made_at_once(
    acme: Customer, server: Server, simulator: SmarterMailSimulator
) -> None:
    sold = mail_product(server, setup_type="on_order")
    order(acme, wanted(sold, domain="shop.example"))
    assert work() == ["create done"]
    assert domains(simulator) == ["shop.example"]
    assert Service.objects.get().observed == "active"


def test_on_payment_it_waits_for_the_money(
    acme: Customer, server: Server, simulator: SmarterMailSimulator
) -> None:
    placed = order(acme, wanted(mail_product(server), domain="shop.example"))
    assert work() == [] and domains(simulator) == []
    assert placed.invoice
    pay(placed.invoice)
    assert work() == ["create done"]
    assert domains(simulator) == ["shop.example"]


def test_a_payment_stands_though_the_platform_is_down(
    acme: Customer, server: Server, simulator: SmarterMailSimulator
) -> None:
    placed = order(acme, wanted(mail_product(server), domain="shop.example"))
    simulator.fault("status", "*", status=503, times=None)
    assert placed.invoice
    pay(placed.invoice)
    assert work() == ["create queued"]
    assert Invoice.objects.get().status == "paid"
    assert domains(simulator) == []


def test_on_approval_it_waits_for_staff_and_a_refusal_sends_nothing(
    acme: Customer, server: Server, simulator: SmarterMailSimulator
) -> None:
    sold = mail_product(server, setup_type="on_approval")
    good = order(acme, wanted(sold, domain="good.example"))
    bad = order(acme, wanted(sold, domain="bad.example"))
    assert work() == []
    decide.accept(good)
    decide.cancel(bad, reason="not for us")
    assert work() == ["create done"]
    assert domains(simulator) == ["good.example"]


def test_fraud_suspends_what_was_delivered(
    acme: Customer, server: Server, simulator: SmarterMailSimulator
) -> None:
    placed = order(acme, wanted(mail_product(server, setup_type="on_order")))
    work()
    decide.mark_fraud(placed, reason="stolen card")
    assert work() == ["suspend done"]
    assert Service.objects.get().observed == "suspended"


def test_a_cancelled_term_ends_on_the_platform(
    acme: Customer, server: Server, simulator: SmarterMailSimulator, clock_stands: Any
) -> None:
    placed = order(acme, wanted(mail_product(server, setup_type="on_order")))
    work()
    cancellations.request(service_of(placed), when="end_of_term")
    assert work() == []
    clock_stands.move_to("2026-07-01T00:30:00+00:00", tick=False)
    assert cancellations.carry_out(clock.today()) == 1
    assert cancellations.carry_out(clock.today()) == 0
    assert work() == ["terminate done"]
    assert domains(simulator) == []


def test_a_tranche_product_in_advance_bills_its_minimum_and_discounts_it(
    acme: Customer, server: Server, clock_stands: Any
) -> None:
    sold = mail_product(server, "6.00", setup_type="on_order")
    placed = order(acme, wanted(sold), code=promotion(recurrences=0).code)
    assert placed.invoice and placed.invoice.total == Decimal("5.40")
    work()
    clock_stands.move_to("2026-07-01T12:00:00+00:00", tick=False)
    run.run(clock.today())
    later = Invoice.objects.exclude(pk=placed.invoice.pk).get()
    assert later.lines.get(kind="discount").amount == Decimal("-0.60")
