"""The official SDK and our gateway against a Stripe that somebody else wrote.

It knows no Checkout, no idempotency keys and no filters of lists; the rest is tried on it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

from billing.gateways.contract import Demand, Payer, RefundOrder, State
from billing.gateways.errors import GatewayMisconfigured, GatewayRefused
from billing.gateways.stripe.client import connect
from billing.gateways.stripe.gateway import StripeGateway
from tests.support.demo import free_port

KEY = "sk_test_local"
VISA, DECLINES, ASKS = "4242424242424242", "4000000000000341", "4000002760003184"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        assert process.poll() is None, "localstripe ended"
        try:
            requests.get(f"{url}/v1/balance", auth=(KEY, ""), timeout=1)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("localstripe does not answer")


@pytest.fixture
def gateway(server: str, settings: Any) -> StripeGateway:
    settings.STRIPE_API_BASE = server
    requests.delete(f"{server}/_config/data", timeout=5)
    return StripeGateway({"secret_key": KEY, "webhook_secret": "whsec_x"})


def demand(gateway: StripeGateway, amount: str = "21.42") -> Demand:
    unknown = Payer(reference="cust-1", name="Acme Ltd", email="pay@acme.example")
    payer = Payer(
        reference="cust-1", name="Acme Ltd", email="pay@acme.example",
        external_id=gateway.register(unknown),
    )  # fmt: skip
    return Demand(
        reference="inv-1", title="INV-1", amount=Decimal(amount), currency="EUR", payer=payer
    )


def card(payer_id: str, number: str = VISA) -> str:
    """Left by the payer, as a browser would."""
    params: Any = {
        "type": "card",
        "card": {"number": number, "exp_month": 12, "exp_year": 2031, "cvc": "123"},
    }
    methods = connect(KEY).v1.payment_methods
    made = methods.create(params)
    methods.attach(made.id, {"customer": payer_id})
    return made.id


def test_a_customer_is_made_known(gateway):
    wanted = demand(gateway)
    found = connect(KEY).v1.customers.retrieve(wanted.payer.external_id)
    assert found.email == "pay@acme.example"
    assert found.metadata and found.metadata["customer"] == "cust-1"


def test_a_saved_card_is_charged_and_read_again(gateway):
    wanted = demand(gateway)
    paid = gateway.charge_saved(wanted, card(wanted.payer.external_id))
    assert (paid.state, paid.amount, paid.currency) == (State.SUCCEEDED, Decimal("21.42"), "EUR")
    assert paid.reference == "inv-1"
    again = gateway.read_charge(paid.external_id)
    assert (again.state, again.payer_id) == (State.SUCCEEDED, wanted.payer.external_id)


def test_a_decline_is_told_in_words(gateway):
    wanted = demand(gateway)
    found = gateway.charge_saved(wanted, card(wanted.payer.external_id, DECLINES))
    assert (found.state, found.words) == (State.FAILED, "Your card was declined.")


def test_a_card_that_wants_the_payer_is_left_to_them(gateway):
    wanted = demand(gateway)
    found = gateway.charge_saved(wanted, card(wanted.payer.external_id, ASKS))
    assert found.state is State.ACTION


def test_a_card_is_read_and_forgotten(gateway):
    wanted = demand(gateway)
    key = card(wanted.payer.external_id)
    kept = gateway.read_method(key)
    assert (kept.label, kept.usable) == ("Visa ending 4242", True)
    gateway.forget_method(key)
    assert not gateway.read_method(key).usable


def test_a_card_left_by_a_setup_intent_is_read(gateway):
    intents = connect(KEY).v1.setup_intents
    wanted = demand(gateway)
    intent = intents.create({"customer": wanted.payer.external_id, "usage": "off_session"})
    details: Any = {"number": VISA, "exp_month": 12, "exp_year": 2031, "cvc": "123"}
    data: Any = {"payment_method_data": {"type": "card", "card": details}}
    done = intents.confirm(intent.id, data)
    assert done.status == "succeeded"
    assert gateway.read_method(str(done.payment_method)).label == "Visa ending 4242"


@pytest.mark.parametrize("amount", ["7.14", "21.42"])
def test_money_is_sent_back(gateway, amount):
    wanted = demand(gateway)
    paid = gateway.charge_saved(wanted, card(wanted.payer.external_id))
    order = RefundOrder(
        reference="r-1", payment_id=paid.external_id, amount=Decimal(amount), currency="EUR"
    )
    done = gateway.refund(order)
    assert (done.state, done.amount, done.reference) == (State.SUCCEEDED, Decimal(amount), "r-1")
    assert gateway.read_refund(done.external_id).amount == Decimal(amount)


def test_what_is_not_there_is_refused(gateway):
    with pytest.raises(GatewayRefused):
        gateway.read_charge("pi_missing")


def test_a_key_that_is_no_key_is_named(gateway):
    with pytest.raises(GatewayMisconfigured):
        StripeGateway({"secret_key": "nonsense", "webhook_secret": ""}).check()
