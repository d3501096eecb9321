"""What is sent to Stripe, and what its answers mean."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest

from billing.gateways.contract import Demand, Payer, RefundOrder, State, Urls
from billing.gateways.errors import (
    GatewayMisconfigured,
    GatewayRefused,
    GatewayUnavailable,
)
from billing.gateways.stripe.amounts import from_units, to_units
from billing.gateways.stripe.gateway import StripeGateway
from tests.payments import build

URLS = Urls(done="http://127.0.0.1/done", back="http://127.0.0.1/back")


def payer(gateway) -> Payer:
    unknown = Payer(reference="cust-1", name="Acme Ltd", email="pay@acme.example")
    return Payer(
        reference="cust-1", name="Acme Ltd", email="pay@acme.example",
        external_id=gateway.register(unknown),
    )  # fmt: skip


def demand(gateway, reference: str = "inv-1", **values) -> Demand:
    facts: dict[str, Any] = {
        "reference": reference,
        "title": "INV-2026-00001",
        "amount": Decimal("21.42"),
        "currency": "EUR",
        "payer": payer(gateway),
    }
    return Demand(**facts | values)


def sent(simulator, path: str) -> dict[str, str]:
    found = [each for each in simulator.journal if (each.method, each.path) == ("POST", path)][-1]
    return dict(parse_qsl(found.body.decode())) | {"key": found.headers.get("idempotency-key", "")}


def test_checkout_is_asked_for_with_our_reference_in_the_invoice_s_currency(gateway, simulator):
    gateway.start_checkout(demand(gateway), URLS, save=True)
    body = sent(simulator, "/v1/checkout/sessions")
    assert body["key"] == body["payment_intent_data[metadata][attempt]"] == "inv-1"
    assert body["line_items[0][price_data][unit_amount]"] == "2142"
    assert body["line_items[0][price_data][currency]"] == "eur"
    assert body["payment_intent_data[setup_future_usage]"] == "off_session"
    assert body["adaptive_pricing[enabled]"] == "false"


def test_a_saved_card_is_charged_off_session_under_our_reference(gateway, simulator):
    wanted = demand(gateway)
    card = simulator.add_card(wanted.payer.external_id)
    gateway.charge_saved(wanted, card["id"])
    body = sent(simulator, "/v1/payment_intents")
    assert body["key"] == body["metadata[attempt]"] == "inv-1"
    assert (body["confirm"], body["off_session"], body["amount"]) == ("true", "true", "2142")


def test_the_same_reference_is_the_same_charge_however_often_it_is_asked_for(gateway, simulator):
    wanted = demand(gateway)
    card = simulator.add_card(wanted.payer.external_id)
    first, second = (gateway.charge_saved(wanted, card["id"]) for _each in range(2))
    assert first == second
    assert len(list(simulator.state.all("pi"))) == 1


def test_a_reference_with_other_facts_is_refused(gateway, simulator):
    wanted = demand(gateway)
    card = simulator.add_card(wanted.payer.external_id)
    gateway.charge_saved(wanted, card["id"])
    with pytest.raises(GatewayRefused, match="same parameters"):
        gateway.charge_saved(demand(gateway, amount=Decimal("9.99")), card["id"])
    assert len(list(simulator.state.all("pi"))) == 1


@pytest.mark.parametrize(
    "number, state, words",
    [
        (build.DECLINES_LATER, State.FAILED, "Your card was declined."),
        (build.EMPTY, State.FAILED, "Your card has insufficient funds."),
        (build.ASKS_ALWAYS, State.ACTION, "This payment requires authentication."),
        (build.DEBIT, State.PENDING, ""),
        (build.VISA, State.SUCCEEDED, ""),
    ],
)
def test_what_a_card_answers_is_told_in_our_words(gateway, simulator, number, state, words):
    wanted = demand(gateway)
    card = simulator.add_card(wanted.payer.external_id, number)
    found = gateway.charge_saved(wanted, card["id"])
    assert (found.state, found.words) == (state, words)
    assert gateway.find_charge(wanted).state == state


def test_another_payer_s_card_is_refused(gateway, simulator):
    stranger = gateway.register(Payer(reference="cust-2", name="Other", email="o@x.example"))
    card = simulator.add_card(stranger)
    with pytest.raises(GatewayRefused, match="another customer"):
        gateway.charge_saved(demand(gateway), card["id"])
    assert not list(simulator.state.all("pi"))


def test_a_card_that_was_taken_away_cannot_be_charged(gateway, simulator):
    wanted = demand(gateway)
    with pytest.raises(GatewayRefused, match="No such payment_method"):
        gateway.charge_saved(wanted, "pm_gone")


def test_a_refund_goes_to_the_charge_once(gateway, simulator):
    wanted = demand(gateway)
    paid = gateway.charge_saved(wanted, simulator.add_card(wanted.payer.external_id)["id"])
    order = RefundOrder(
        reference="r-1", payment_id=paid.external_id, amount=Decimal("7.14"), currency="EUR"
    )
    first, second = gateway.refund(order), gateway.refund(order)
    assert first == second == gateway.find_refund(order)
    assert (first.amount, first.state) == (Decimal("7.14"), State.SUCCEEDED)
    assert sent(simulator, "/v1/refunds")["metadata[refund]"] == "r-1"


def test_more_than_was_paid_is_not_refunded(gateway, simulator):
    wanted = demand(gateway)
    paid = gateway.charge_saved(wanted, simulator.add_card(wanted.payer.external_id)["id"])
    order = RefundOrder(
        reference="r-1", payment_id=paid.external_id, amount=Decimal("21.43"), currency="EUR"
    )
    with pytest.raises(GatewayRefused, match="greater than unrefunded"):
        gateway.refund(order)
    assert not list(simulator.state.all("re"))


def test_a_question_of_the_bank_is_no_dispute(gateway, simulator):
    wanted = demand(gateway)
    paid = gateway.charge_saved(wanted, simulator.add_card(wanted.payer.external_id)["id"])
    made = simulator.actions()["dispute"](intent=paid.external_id, status="warning_needs_response")
    assert not gateway.read_dispute(made["id"]).taken
    made["status"] = "needs_response"
    assert gateway.read_dispute(made["id"]).taken


@pytest.mark.parametrize(
    "fault", ["close", "status", "garbage", "empty", "truncated", "bad-http", "apply-then-close"]
)
def test_every_broken_answer_is_no_answer(gateway, simulator, fault):
    simulator.fault(fault, "/v1/balance")
    with pytest.raises(GatewayUnavailable):
        gateway.check()


def test_a_redirect_is_not_followed(gateway, simulator):
    simulator.fault("status", "/v1/balance", status=302, content_type="text/html")
    with pytest.raises(GatewayUnavailable):
        gateway.check()


def test_a_wrong_key_is_named_without_being_shown(simulator, settings):
    gateway = StripeGateway({"secret_key": "sk_live_Planted", "webhook_secret": ""})
    with pytest.raises(GatewayMisconfigured) as refused:
        gateway.check()
    assert "Planted" not in str(refused.value) + repr(gateway)


def test_the_connection_test_tells_the_mode(gateway):
    assert gateway.check() == "Stripe answers, in test mode."


@pytest.mark.parametrize(
    "amount, currency, units",
    [
        ("21.42", "EUR", 2142),
        ("500", "JPY", 500),
        ("5", "ISK", 500),
        ("10", "UGX", 1000),
        ("500", "MGA", 500),
        ("5.120", "KWD", 5120),
    ],
)
def test_amounts_in_stripe_s_units(amount, currency, units):
    assert to_units(Decimal(amount), currency) == units
    assert from_units(units, currency) == Decimal(amount)


@pytest.mark.parametrize("amount, currency", [("5.123", "KWD"), ("1.005", "EUR"), ("0.5", "MGA")])
def test_an_amount_stripe_cannot_take_is_refused(amount, currency):
    with pytest.raises(GatewayRefused, match="too many decimals"):
        to_units(Decimal(amount), currency)
