"""Paying an invoice on the gateway's own page."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import requests
from django.core.exceptions import ValidationError

from billing.gateways.contract import Urls
from billing.gateways.errors import GatewayError
from billing.models import ChargeAttempt, GatewayCustomer, Invoice, Payment, SavedMethod
from billing.payments import attempts, checkout, collect, credit, sweep
from config import clock
from tests.payments import build

URLS = Urls(done="http://127.0.0.1/done", back="http://127.0.0.1/back")


def open_page(invoice, *, save=False):
    return checkout.start(invoice, "stripe", URLS, save=save)


def test_the_page_asks_for_what_is_open_and_books_it_when_the_customer_is_back(
    stripe, owner, invoice
):
    build.paid(owner, "1.42", invoice=invoice)
    page = open_page(invoice)
    stripe.pay(page.external_id)
    checkout.came_back(invoice)
    invoice.refresh_from_db()
    assert invoice.status == "paid"
    assert Payment.objects.get(gateway="stripe").amount == Decimal("20.00")
    assert build.books_balance(owner)


def test_a_person_pays_on_the_page_in_a_browser(stripe, invoice):
    page = open_page(invoice)
    shown = requests.get(page.url, timeout=5).text
    assert invoice.number in shown
    assert "21.42 EUR" in shown
    answer = requests.post(page.url, data={"card": build.VISA}, timeout=5, allow_redirects=False)
    assert answer.headers["Location"] == URLS.done
    checkout.came_back(invoice)
    assert Invoice.objects.get().status == "paid"


def test_a_bank_that_asks_is_asked_on_the_page(stripe, invoice):
    page = open_page(invoice)
    asked = requests.post(page.url, data={"card": build.ASKS_ALWAYS}, timeout=5).text
    assert "Your bank asks" in asked
    requests.post(
        page.url,
        data={"card": build.ASKS_ALWAYS, "bank": "yes"},
        timeout=5,
        allow_redirects=False,
    )
    checkout.came_back(invoice)
    assert Invoice.objects.get().status == "paid"


def test_a_declined_card_leaves_the_page_open_for_another(stripe, invoice):
    page = open_page(invoice)
    assert stripe.pay(page.external_id, build.EMPTY) == "Your card has insufficient funds."
    checkout.came_back(invoice)
    attempt = ChargeAttempt.objects.get()
    assert (attempt.status, attempt.error) == ("open", "Your card has insufficient funds.")
    stripe.pay(page.external_id)
    checkout.came_back(invoice)
    assert Payment.objects.count() == 1


def test_coming_back_without_paying_books_nothing(stripe, invoice):
    open_page(invoice)
    checkout.came_back(invoice)
    assert not Payment.objects.exists()
    assert Invoice.objects.get().settled == 0


def test_the_card_is_kept_only_when_the_customer_wants_that(stripe, owner, invoice):
    stripe.pay(open_page(invoice).external_id)
    checkout.came_back(invoice)
    assert not SavedMethod.objects.exists()
    second = build.invoice(owner)
    stripe.pay(open_page(second, save=True).external_id, build.MASTERCARD)
    checkout.came_back(second)
    kept = SavedMethod.objects.get()
    assert (kept.label, kept.is_default) == ("Mastercard ending 4444", True)
    assert build.collected(build.invoice(owner)).status == "succeeded"


def test_an_earlier_page_is_closed_so_that_nobody_pays_twice(stripe, invoice):
    first, second = open_page(invoice), open_page(invoice)
    assert stripe.state.get("cs", first.external_id)["status"] == "expired"
    assert "closed" in requests.get(first.url, timeout=5).text
    stripe.pay(second.external_id)
    checkout.came_back(invoice)
    assert Payment.objects.count() == 1


def test_who_has_paid_already_gets_no_second_page(stripe, invoice):
    page = open_page(invoice)
    stripe.pay(page.external_id)
    with pytest.raises(ValidationError, match="just made"):
        open_page(invoice)
    assert Invoice.objects.get().status == "paid"
    assert len(list(stripe.state.all("cs"))) == 1


def test_an_open_page_is_closed_before_a_saved_card_is_charged(stripe, owner, invoice):
    build.card(owner, stripe)
    page = open_page(invoice)
    assert build.collected(invoice).status == "succeeded"
    assert stripe.state.get("cs", page.external_id)["status"] == "expired"


def test_a_page_that_was_just_paid_on_keeps_the_saved_card_from_being_charged(
    stripe, owner, invoice
):
    build.card(owner, stripe)
    stripe.pay(open_page(invoice).external_id)
    assert collect.charge(invoice) is None
    assert Payment.objects.count() == 1
    assert Invoice.objects.get().status == "paid"


def test_a_debit_on_the_page_is_announced_until_the_bank_answers(stripe, invoice):
    page = open_page(invoice)
    stripe.pay(page.external_id, build.DEBIT)
    checkout.came_back(invoice)
    payment = Payment.objects.get()
    assert (payment.status, payment.invoice) == ("pending", invoice)
    assert Invoice.objects.get().settled == 0
    with pytest.raises(ValidationError, match="on its way"):
        open_page(invoice)
    stripe.actions()["end_debit"](intent=payment.external_id)
    sweep.look_again()
    assert Payment.objects.get().status == "received"
    assert Invoice.objects.get().status == "paid"


def test_a_debit_that_comes_back_leaves_the_invoice_open_and_says_why(stripe, owner, invoice):
    stripe.pay(open_page(invoice).external_id, build.DEBIT_COMES_BACK)
    checkout.came_back(invoice)
    stripe.actions()["end_debit"](intent=Payment.objects.get().external_id)
    sweep.look_again()
    payment, attempt = Payment.objects.get(), ChargeAttempt.objects.get()
    assert (payment.status, attempt.status) == ("failed", "failed")
    assert "not authorized" in attempt.error
    assert Invoice.objects.get().settled == 0
    assert open_page(invoice).url


def test_a_payment_nobody_told_us_of_is_found_within_the_hour(stripe, invoice):
    stripe.pay(open_page(invoice).external_id)
    ChargeAttempt.objects.update(created_at="2026-01-01T00:00:00Z")
    sweep.look_again()
    assert Invoice.objects.get().status == "paid"


def test_money_for_an_invoice_that_is_paid_meanwhile_becomes_credit(stripe, owner, invoice):
    page = open_page(invoice)
    build.paid(owner, "21.42", invoice=invoice)
    stripe.pay(page.external_id)
    checkout.came_back(invoice)
    assert credit.balance(owner, "EUR") == Decimal("21.42")
    assert build.books_balance(owner)


def test_nothing_is_asked_for_an_invoice_that_is_paid(stripe, owner, invoice):
    build.paid(owner, "21.42", invoice=invoice)
    with pytest.raises(ValidationError, match="Nothing is left"):
        open_page(invoice)
    assert not list(stripe.state.all("cs"))


def test_a_gateway_without_an_answer_leaves_no_page_behind(stripe, invoice):
    stripe.fault("close", "/v1/checkout/sessions", method="POST")
    with pytest.raises(GatewayError):
        open_page(invoice)
    assert ChargeAttempt.objects.get().status == "failed"
    assert open_page(invoice).url


def test_a_customer_is_made_known_once(stripe, owner, invoice):
    open_page(invoice)
    open_page(build.invoice(owner))
    assert GatewayCustomer.objects.count() == 1
    assert len(list(stripe.state.all("cus"))) == 1


def test_a_page_that_is_being_made_at_this_moment_is_waited_for(stripe, invoice):
    attempts.begin(invoice, "stripe", None)
    with pytest.raises(ValidationError, match="being opened"):
        open_page(invoice)
    assert not list(stripe.state.all("cs"))
    ChargeAttempt.objects.update(created_at=clock.now() - timedelta(minutes=2))
    assert open_page(invoice).url
