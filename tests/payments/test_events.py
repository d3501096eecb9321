"""Notifications: forged, old, twice, in any order, and such as contradict our rows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from billing.documents.credit_notes import credit_rest
from billing.gateways.contract import Urls
from billing.gateways.stripe.simulator import SECRET, customers, payments, sessions
from billing.models import ChargeAttempt, GatewayEvent, Invoice, Payment, Refund, SavedMethod
from billing.payments import checkout, collect, credit, events, methods, sweep
from billing.payments.refunds import Wish, refund
from config import clock
from tests.payments import build

URL = "/payments/stripe/events/"
URLS = Urls(done="http://127.0.0.1/done", back="http://127.0.0.1/back")


def post(letter: Any, *, url: str = URL, **headers: str) -> Any:
    named = {"Stripe-Signature": letter.headers["Stripe-Signature"]} | headers
    return Client(enforce_csrf_checks=True).post(
        url, letter.body, content_type="application/json", headers=named
    )


def deliver(stripe, *kinds: str) -> list[GatewayEvent]:
    """The last event of each kind, posted and worked off."""
    for kind in kinds:
        assert post(stripe.letter(stripe.event(kind))).status_code == 200
        events.work_off(GatewayEvent.objects.get(event_id=stripe.event(kind)["id"]).pk)
    return list(GatewayEvent.objects.order_by("pk"))


@pytest.fixture
def paid_page(stripe, invoice):
    """The customer paid and closed the browser."""
    page = checkout.start(invoice, "stripe", URLS, save=False)
    stripe.pay(page.external_id)
    return page


def nothing_booked() -> bool:
    return not Payment.objects.exists() and Invoice.objects.get().settled == 0


def test_a_payment_is_booked_when_the_gateway_tells(stripe, paid_page, sent):
    assert post(stripe.letter(stripe.event("payment_intent.succeeded"))).status_code == 200
    assert nothing_booked()  # stored first
    row = GatewayEvent.objects.get()
    assert sent == [] or sent[-1] == ("work_off_event", row.pk)
    events.work_off(row.pk)
    row.refresh_from_db()
    assert row.outcome.startswith("21.42 EUR received")
    assert Invoice.objects.get().status == "paid"


def test_an_event_that_was_told_twice_is_one(stripe, paid_page):
    deliver(stripe, "payment_intent.succeeded", "payment_intent.succeeded")
    deliver(stripe, "checkout.session.completed")
    assert GatewayEvent.objects.count() == 2
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("change", ["body", "secret", "no signature", "no event"])
def test_what_the_gateway_did_not_sign_is_refused_and_not_kept(stripe, paid_page, change):
    event = stripe.event("payment_intent.succeeded")
    letter = stripe.letter(event, secret="whsec_other" if change == "secret" else SECRET)
    if change == "body":
        letter = type(letter)(letter.headers, letter.body.replace(b"2142", b"9999"))
    if change == "no event":
        letter = stripe.letter({"id": "evt_1", "data": []})
    if change == "no signature":
        letter = type(letter)({"Stripe-Signature": ""}, letter.body)
    assert post(letter).status_code == 400
    assert not GatewayEvent.objects.exists()
    assert nothing_booked()


@pytest.mark.parametrize("seconds", [-301, -86400, 330])
def test_an_event_signed_long_ago_or_in_the_future_is_refused(stripe, paid_page, seconds):
    at = int(clock.now().timestamp()) + seconds
    event = stripe.event("payment_intent.succeeded")
    assert post(stripe.letter(event, at=at)).status_code == 400
    assert not GatewayEvent.objects.exists()


def test_four_minutes_on_the_way_are_fine(stripe, paid_page):
    at = int(clock.now().timestamp()) - 240
    event = stripe.event("payment_intent.succeeded")
    assert post(stripe.letter(event, at=at)).status_code == 200


@pytest.mark.parametrize("url", ["/payments/bank/events/", "/payments/paypal/events/"])
def test_only_gateways_that_tell_have_an_address(stripe, paid_page, url):
    event = stripe.event("payment_intent.succeeded")
    assert post(stripe.letter(event), url=url).status_code == 404


def test_a_gateway_that_is_not_set_up_is_told_to_try_again(simulator, db):
    letter = simulator.letter({"id": "evt_1", "type": "x", "data": {"object": {"id": "y"}}})
    assert post(letter).status_code == 503


def test_nobody_looks_at_the_address_with_a_browser(stripe):
    assert Client().get(URL).status_code == 405


def test_the_contents_of_an_event_are_not_believed(stripe, paid_page):
    """Signed by somebody who has the signing secret alone: the amount is read from the gateway."""
    event = stripe.event("payment_intent.succeeded")
    event["data"]["object"]["amount"] = event["data"]["object"]["amount_received"] = 1
    deliver(stripe, "payment_intent.succeeded")
    assert Payment.objects.get().amount == Decimal("21.42")


def test_what_the_gateway_does_not_have_is_refused(stripe, invoice):
    made_up = {
        "id": "evt_1",
        "type": "payment_intent.succeeded",
        "data": {"object": {"id": "pi_1"}},
    }
    assert post(stripe.letter(made_up)).status_code == 200
    events.work_off(GatewayEvent.objects.get().pk)
    row = GatewayEvent.objects.get()
    assert row.refused
    assert "No such payment_intent" in row.outcome
    assert nothing_booked()


def _wrong_amount(stripe, intent, invoice):
    intent["amount"] = intent["amount_received"] = 2141


def _wrong_currency(stripe, intent, invoice):
    intent["currency"] = "usd"


def _other_payer(stripe, intent, invoice):
    other = build.customer()
    build.card(other, stripe)
    intent["customer"] = other.at_gateways.get().external_id


def _no_payer(stripe, intent, invoice):
    intent["customer"] = None


@pytest.mark.parametrize(
    "tamper, words",
    [
        (_wrong_amount, "21.42 EUR was asked"),
        (_wrong_currency, "is in EUR"),
        (_other_payer, "not the customer"),
        (_no_payer, "not the customer"),
    ],
)
def test_a_payment_that_contradicts_our_rows_is_shown_to_staff_and_not_booked(
    stripe, invoice, paid_page, tamper, words
):
    tamper(stripe, next(stripe.state.all("pi")), invoice)
    row = deliver(stripe, "payment_intent.succeeded")[0]
    assert row.refused
    assert words in row.outcome
    assert nothing_booked()


def test_another_customer_s_invoice_is_not_paid_by_naming_it(stripe, owner, invoice):
    """Somebody with access to the gateway's account names an attempt that is not theirs."""
    thief = build.customer()
    build.card(thief, stripe)
    checkout.start(invoice, "stripe", URLS, save=False)
    attempt = ChargeAttempt.objects.get()
    page = checkout.start(build.invoice(thief), "stripe", URLS, save=False)
    session = stripe.state.get("cs", page.external_id)
    session["intent_data"]["metadata"]["attempt"] = attempt.reference
    stripe.pay(page.external_id)
    row = deliver(stripe, "payment_intent.succeeded")[0]
    assert row.refused
    assert not Payment.objects.exists()


@pytest.mark.parametrize("reference", ["", "nonsense", "a-b-c", "x-99999999", "-1"])
def test_payments_of_another_shop_on_the_same_account_are_left_alone(
    stripe, invoice, paid_page, reference
):
    next(stripe.state.all("pi"))["metadata"]["attempt"] = reference
    row = deliver(stripe, "payment_intent.succeeded")[0]
    assert (row.refused, row.outcome) == (False, "Not a payment of ours.")
    assert nothing_booked()


def test_a_late_word_of_failure_does_not_undo_a_payment(stripe, invoice):
    page = checkout.start(invoice, "stripe", URLS, save=False)
    stripe.pay(page.external_id, build.EMPTY)
    stripe.pay(page.external_id)
    deliver(stripe, "payment_intent.succeeded", "payment_intent.payment_failed")
    assert Invoice.objects.get().status == "paid"
    assert ChargeAttempt.objects.get().status == "succeeded"
    assert Payment.objects.count() == 1


def test_a_dispute_that_is_told_before_its_payment_books_both(stripe, owner, invoice, paid_page):
    stripe.actions()["dispute"](intent=next(stripe.state.all("pi"))["id"])
    deliver(stripe, "charge.dispute.created", "payment_intent.succeeded")
    assert Payment.objects.get().status == "reversed"
    assert Invoice.objects.get().status == "issued"
    assert build.books_balance(owner)


def test_a_refund_that_is_told_before_its_payment_books_both(stripe, owner, invoice, paid_page):
    intent = next(stripe.state.all("pi"))["id"]
    stripe.actions()["refund"](intent=intent, amount=1000)
    deliver(stripe, "refund.created", "payment_intent.succeeded", "charge.refunded")
    invoice.refresh_from_db()
    assert (invoice.status, invoice.open_amount) == ("issued", Decimal("10.00"))
    assert Refund.objects.get().reason == "Made at the gateway itself"
    assert build.books_balance(owner)


def test_our_own_refund_is_not_booked_again_when_the_gateway_tells(stripe, owner, invoice, seller):
    build.card(owner, stripe)
    collect.charge(invoice)
    extra = build.invoice(owner)
    collect.charge(extra)
    credit_rest(extra, reason="Not used")
    refund(Payment.objects.latest("pk"), Wish(amount=Decimal("21.42"), reason="Not used", key="k"))
    deliver(stripe, "refund.created")
    assert Refund.objects.count() == 1
    assert credit.balance(owner, "EUR") == 0
    assert build.books_balance(owner)


def test_a_gateway_that_does_not_answer_leaves_the_event_for_the_sweeper(stripe, paid_page):
    post(stripe.letter(stripe.event("payment_intent.succeeded")))
    stripe.stop()
    row = GatewayEvent.objects.get()
    events.work_off(row.pk)
    row.refresh_from_db()
    assert row.handled_at is None
    stripe.start()
    sweep.sweep()
    assert nothing_booked()  # not a minute old
    GatewayEvent.objects.update(received_at=clock.now() - timedelta(minutes=2))
    sweep.sweep()
    assert Invoice.objects.get().status == "paid"


def test_an_expired_page_ends_its_try(stripe, invoice):
    page = checkout.start(invoice, "stripe", URLS, save=False)
    session = stripe.state.get("cs", page.external_id)
    session["expires_at"] = 0
    sessions.age(stripe.state, session)
    deliver(stripe, "checkout.session.expired")
    assert ChargeAttempt.objects.get().status == "failed"


def test_a_card_that_was_taken_away_at_the_gateway_is_gone_here(stripe, owner):
    kept = build.card(owner, stripe)
    other = build.card(owner, stripe, build.MASTERCARD)
    payments.detach(stripe.state, {}, {"id": kept.external_id})
    deliver(stripe, "payment_method.detached")
    assert list(methods.kept(owner)) == [other]
    assert methods.default_of(owner) == other


def test_a_card_of_nobody_we_know_is_not_kept(stripe):
    stranger = customers.create(stripe.state, {}, {})
    stripe.add_card(stranger["id"])
    row = deliver(stripe, "payment_method.attached")[0]
    assert row.outcome == "Not a card of anybody we know."
    assert not SavedMethod.objects.exists()


def test_kinds_that_mean_nothing_to_us_are_done_at_once(stripe, paid_page):
    row = deliver(stripe, "charge.succeeded")[0]
    assert (row.outcome, row.refused) == ("Nothing to do.", False)
    assert nothing_booked()
