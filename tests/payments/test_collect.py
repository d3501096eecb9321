"""Charging a saved card while nobody is there."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.models import ChargeAttempt, GatewayAccount, Invoice, Payment
from billing.payments import attempts, collect, credit, methods, sweep
from config import clock
from tests.payments import build

CHARGES = "/v1/payment_intents"


def charges(stripe) -> list[str]:
    """Every call that could move money."""
    return [each.path for each in stripe.journal if (each.method, each.path) == ("POST", CHARGES)]


def long_ago() -> None:
    ChargeAttempt.objects.update(created_at=clock.now() - timedelta(minutes=3))


def test_the_default_card_pays_what_is_open(stripe, owner, invoice):
    build.card(owner, stripe)
    build.paid(owner, "1.42", invoice=invoice)
    attempt = build.collected(invoice)
    invoice.refresh_from_db()
    payment = Payment.objects.get(gateway="stripe")
    assert (attempt.status, attempt.amount) == ("succeeded", Decimal("20.00"))
    assert (invoice.status, payment.amount) == ("paid", Decimal("20.00"))
    assert payment.external_id == attempt.external_id
    assert build.books_balance(owner)


def test_a_decline_is_recorded_with_its_reason_and_books_nothing(stripe, owner, invoice):
    build.card(owner, stripe, build.DECLINES_LATER)
    attempt = build.collected(invoice)
    assert (attempt.status, attempt.error) == ("failed", "Your card was declined.")
    assert not Payment.objects.exists()
    assert Invoice.objects.get().settled == 0


def test_after_a_decline_the_next_try_is_a_charge_of_its_own(stripe, owner, invoice):
    build.card(owner, stripe, build.DECLINES_LATER)
    collect.charge(invoice)
    methods.make_default(build.card(owner, stripe))
    second = build.collected(invoice)
    assert (second.number, second.status) == (2, "succeeded")
    assert len(charges(stripe)) == 2


def test_a_bank_that_wants_the_customer_leaves_the_invoice_to_them(stripe, owner, invoice):
    build.card(owner, stripe, build.ASKS_ALWAYS)
    attempt = build.collected(invoice)
    assert (attempt.status, attempt.error) == ("action", "This payment requires authentication.")
    assert not Payment.objects.exists()


def test_a_card_that_asks_once_is_charged_later_without_asking(stripe, owner, invoice):
    build.card(owner, stripe, build.ASKS_ONCE)
    assert build.collected(invoice).status == "succeeded"


def test_a_bank_debit_waits_and_keeps_others_from_charging(stripe, owner, invoice):
    build.card(owner, stripe, build.DEBIT)
    attempt = build.collected(invoice)
    assert attempt.status == "pending"
    assert Payment.objects.get().status == "pending"
    assert collect.charge(invoice) is None
    assert len(charges(stripe)) == 1
    assert Invoice.objects.get().settled == 0


def test_nothing_is_asked_for_without_a_card_or_a_debt(stripe, owner, invoice):
    assert collect.charge(invoice) is None
    build.card(owner, stripe)
    build.paid(owner, "21.42", invoice=invoice)
    assert collect.charge(invoice) is None
    assert charges(stripe) == []
    assert not ChargeAttempt.objects.exists()


def test_a_gateway_that_is_switched_off_is_not_used_on_its_own(stripe, owner, invoice):
    build.card(owner, stripe)
    GatewayAccount.objects.update(enabled=False)
    assert collect.charge(invoice) is None
    assert charges(stripe) == []


@pytest.mark.parametrize("fault", ["apply-then-close", "apply-then-500", "apply-then-garbage"])
def test_a_lost_answer_is_looked_up_and_the_card_is_charged_once(stripe, owner, invoice, fault):
    build.card(owner, stripe)
    stripe.fault(fault, CHARGES, method="POST")
    attempt = build.collected(invoice)
    assert attempt.status == "started"
    assert not Payment.objects.exists()
    long_ago()
    sweep.sweep()
    attempt.refresh_from_db()
    assert attempt.status == "succeeded"
    assert len(charges(stripe)) == 1
    assert Payment.objects.get().amount == Decimal("21.42")


def test_a_request_that_never_arrived_is_made_again(stripe, owner, invoice):
    build.card(owner, stripe)
    stripe.fault("close", CHARGES, method="POST")
    collect.charge(invoice)
    long_ago()
    sweep.sweep()
    assert Invoice.objects.get().status == "paid"
    assert len(list(stripe.state.all("pi"))) == 1


def test_nobody_charges_again_while_an_answer_is_missing(stripe, owner, invoice):
    build.card(owner, stripe)
    stripe.fault("apply-then-close", CHARGES, method="POST")
    collect.charge(invoice)
    assert collect.charge(invoice) is None
    assert len(charges(stripe)) == 1


def test_a_worker_that_died_between_row_and_call_is_taken_over(stripe, owner, invoice):
    method = build.card(owner, stripe)
    attempts.begin(invoice, "stripe", method)
    assert charges(stripe) == []
    long_ago()
    sweep.sweep()
    assert Invoice.objects.get().status == "paid"
    assert len(charges(stripe)) == 1


def test_a_gateway_that_is_down_leaves_the_try_open_until_it_is_back(stripe, owner, invoice):
    build.card(owner, stripe)
    stripe.stop()
    attempt = build.collected(invoice)
    assert attempt.status == "started"
    assert "no usable answer" in attempt.error
    stripe.start()
    long_ago()
    sweep.sweep()
    assert Invoice.objects.get().status == "paid"


def test_a_wrong_key_is_staff_s_to_mend_and_named(stripe, owner, invoice):
    build.card(owner, stripe)
    GatewayAccount.objects.update(settings={"secret_key": "sk_wrong", "webhook_secret": "x"})
    attempt = build.collected(invoice)
    assert attempt.status == "failed"
    assert "secret key" in attempt.error
    assert "sk_wrong" not in attempt.error


def test_a_try_that_was_overtaken_by_other_money_becomes_credit(stripe, owner, invoice):
    """The answer was lost, and the customer paid by bank meanwhile."""
    build.card(owner, stripe)
    stripe.fault("apply-then-close", CHARGES, method="POST")
    collect.charge(invoice)
    build.paid(owner, "21.42", invoice=invoice)
    long_ago()
    sweep.sweep()
    assert credit.balance(owner, "EUR") == Decimal("21.42")
    assert build.books_balance(owner)


def test_yen_are_charged_in_yen(stripe):
    owner = build.customer(currency="JPY")
    invoice = build.invoice(owner, net="1000")
    build.card(owner, stripe)
    collect.charge(invoice)
    assert next(stripe.state.all("pi"))["amount"] == 1190
    assert Payment.objects.get().amount == 1190
