"""Several workers at once, and workers that are killed: threads and processes on PostgreSQL."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from billing.gateways.contract import Urls
from billing.models import Allocation, ChargeAttempt, GatewayEvent, Invoice, Payment, Refund
from billing.payments import checkout, collect, credit, events, sweep
from billing.payments.chargebacks import Loss, reverse
from billing.payments.refunds import Wish, refund
from config import clock
from tests.payments import build
from tests.support.processes import manage

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("seller"),
]
CHARGES = "/v1/payment_intents"
URLS = Urls(done="http://127.0.0.1/done", back="http://127.0.0.1/back")


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What each of `count` threads got, all let loose at one moment."""
    barrier = threading.Barrier(count)

    def run(number: int) -> Any:
        try:
            barrier.wait()
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except ValidationError:
        return True
    return False


def charges(stripe: Any) -> int:
    return len([each for each in stripe.journal if (each.method, each.path) == ("POST", CHARGES)])


def test_workers_at_once_charge_a_card_once(stripe, owner, invoice):
    build.card(owner, stripe)
    found = at_once(4, lambda _number: collect.charge(Invoice.objects.get(pk=invoice.pk)))
    assert len([each for each in found if each]) == 1
    assert charges(stripe) == 1
    assert Payment.objects.get().amount == Decimal("21.42")


def test_a_page_and_a_worker_at_once_ask_for_the_money_once(stripe, owner, invoice):
    build.card(owner, stripe)
    acts = (
        lambda: collect.charge(Invoice.objects.get(pk=invoice.pk)),
        lambda: checkout.start(Invoice.objects.get(pk=invoice.pk), "stripe", URLS, save=False),
    )
    at_once(2, lambda number: refused(acts[number]))
    under_way = ChargeAttempt.objects.filter(status__in=("open", "started", "succeeded"))
    assert under_way.count() == 1


def test_the_same_event_worked_off_by_several_books_once(stripe, owner, invoice):
    page = checkout.start(invoice, "stripe", URLS, save=False)
    stripe.pay(page.external_id)
    row = GatewayEvent.objects.create(
        gateway="stripe", event_id="evt_1", kind="payment_intent.succeeded",
        body={"topic": "payment", "subject": next(stripe.state.all("pi"))["id"]},
    )  # fmt: skip
    at_once(4, lambda _number: events.work_off(row.pk))
    assert (Payment.objects.count(), Allocation.objects.count()) == (1, 1)
    assert build.books_balance(owner)


def test_the_same_receipt_at_once_is_one_payment(owner, invoice):
    at_once(4, lambda _number: build.paid(owner, "21.42", invoice=invoice))
    assert (Payment.objects.count(), Allocation.objects.count()) == (1, 1)


def test_one_receipt_for_two_customers_at_once_is_one_customer_s(owner):
    other = build.customer()
    answers = at_once(
        4, lambda number: refused(lambda: build.paid((owner, other)[number % 2], "5.00"))
    )
    assert Payment.objects.count() == 1
    assert answers.count(True) == 2


def test_credit_is_not_spent_twice(owner):
    build.paid(owner, "21.42")
    invoices = [build.invoice(owner) for _each in range(3)]
    at_once(3, lambda number: credit.apply_credit(invoices[number]))
    assert credit.balance(owner, "EUR") == 0
    assert Invoice.objects.filter(status="paid").count() == 1
    assert build.books_balance(owner)


def test_money_is_not_sent_back_twice(stripe, owner):
    build.card(owner, stripe)
    collect.charge(build.invoice(owner))
    credit.adjust(owner, Decimal("21.42"), "EUR", note="Goodwill")
    payment = Payment.objects.get()

    def send(number: int) -> bool:
        wish = Wish(amount=Decimal("21.42"), reason="Asked for", key=f"form-{number % 2}")
        return refused(lambda: refund(Payment.objects.get(pk=payment.pk), wish))

    at_once(4, send)
    assert Refund.objects.count() == 1
    assert len(list(stripe.state.all("re"))) == 1
    assert credit.balance(owner, "EUR") == 0


def test_a_refund_and_a_charge_back_at_once_keep_the_books(owner, invoice):
    payment = build.paid(owner, "30.00", invoice=invoice)
    wish = Wish(amount=Decimal("8.58"), reason="Asked for", key="k")
    acts = (
        lambda: refund(Payment.objects.get(pk=payment.pk), wish),
        lambda: reverse(Payment.objects.get(pk=payment.pk), Loss(amount=Decimal("30.00"))),
    )
    at_once(2, lambda number: refused(acts[number]))
    assert credit.balance(owner, "EUR") >= 0
    assert build.books_balance(owner)


def collect_elsewhere(invoice: Invoice) -> Any:
    code = (
        "from billing.models import Invoice; from billing.payments import collect;"
        f" collect.charge(Invoice.objects.get(pk={invoice.pk}))"
    )
    return manage("shell", "-v", "0", "-c", code)


@pytest.mark.parametrize("fault", ["hang", "apply-then-hang"])
def test_a_worker_killed_in_the_middle_of_a_charge_is_taken_over(
    stripe, owner, invoice, fault, monkeypatch
):
    """It died before the money moved, or after: either way it moves once."""
    monkeypatch.setenv("STRIPE_API_BASE", stripe.url)
    build.card(owner, stripe)
    stripe.fault(fault, CHARGES, method="POST")
    worker = collect_elsewhere(invoice)
    deadline = time.monotonic() + 60
    while not charges(stripe):
        assert time.monotonic() < deadline and worker.poll() is None
        time.sleep(0.02)
    worker.kill()
    worker.communicate()
    assert ChargeAttempt.objects.get().status == "started"
    ChargeAttempt.objects.update(created_at=clock.now() - timedelta(minutes=3))
    sweep.sweep()
    assert Invoice.objects.get().status == "paid"
    assert len(list(stripe.state.all("pi"))) == 1
    assert build.books_balance(owner)
