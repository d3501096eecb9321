"""The simulator refuses what Stripe refuses, in Stripe's shapes, also to others than our client."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from billing.gateways.stripe.simulator import KEY, StripeSimulator
from tests.payments import build

PI, CS = "/v1/payment_intents", "/v1/checkout/sessions"


@pytest.fixture
def stripe():
    with StripeSimulator() as running:
        yield running


def call(stripe, path: str, data: Any = None, *, key: str = KEY, idempotency: str = "") -> Any:
    headers = {"Authorization": f"Bearer {key}"}
    if idempotency:
        headers["Idempotency-Key"] = idempotency
    return requests.post(f"{stripe.url}{path}", data=data, headers=headers, timeout=5)


def error(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["error"]
    return found


def test_a_wrong_key_is_401(stripe):
    answer = call(stripe, "/v1/customers", key="sk_other")
    assert answer.status_code == 401
    assert error(answer)["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "path, data, code",
    [
        (PI, {"amount": "2142"}, "parameter_missing"),
        (PI, {"amount": "21.42", "currency": "eur"}, "parameter_invalid_integer"),
        (PI, {"amount": "10", "currency": "eur"}, "amount_too_small"),
        (PI, {"amount": "100", "currency": "eur", "colour": "red"}, "parameter_unknown"),
        (PI, {"amount": "100", "currency": "eur", "customer": "cus_x"}, "resource_missing"),
        (CS, {"mode": "payment"}, "parameter_missing"),
        ("/v1/refunds", {"charge": "ch_x"}, "resource_missing"),
    ],
)
def test_bad_parameters_are_named(stripe, path, data, code):
    answer = call(stripe, path, data)
    assert answer.status_code in (400, 404)
    assert error(answer)["code"] == code
    assert not [each for each in stripe.state.objects.values() if each["object"] != "customer"]


def test_an_idempotency_key_repeats_the_first_answer(stripe):
    data = {"amount": "100", "currency": "eur"}
    first, second = (call(stripe, PI, data, idempotency="k") for _each in range(2))
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    other = call(stripe, PI, data | {"amount": "200"}, idempotency="k")
    assert error(other)["type"] == "idempotency_error"


def test_a_key_is_forgotten_after_a_day(stripe):
    data = {"amount": "100", "currency": "eur"}
    first = call(stripe, PI, data, idempotency="k").json()
    stripe.clock.advance(25 * 3600)
    assert call(stripe, PI, data, idempotency="k").json() != first


def test_what_is_refused_before_it_began_is_not_kept_under_its_key(stripe):
    call(stripe, PI, {"amount": "100"}, idempotency="k")
    assert call(stripe, PI, {"amount": "100", "currency": "eur"}, idempotency="k").ok


def test_a_decline_is_402_with_the_payment(stripe):
    customer = call(stripe, "/v1/customers", {"name": "A"}).json()
    card = stripe.add_card(customer["id"], build.DECLINES_LATER)
    data = {
        "amount": "100", "currency": "eur", "customer": customer["id"],
        "payment_method": card["id"], "confirm": "true", "off_session": "true",
    }  # fmt: skip
    answer = call(stripe, PI, data)
    found = error(answer)
    assert (answer.status_code, found["type"], found["code"]) == (
        402, "card_error", "card_declined",
    )  # fmt: skip
    assert found["payment_intent"]["status"] == "requires_payment_method"


def test_a_page_is_open_for_a_day(stripe):
    data = {
        "mode": "payment", "success_url": "http://127.0.0.1/ok", "cancel_url": "http://127.0.0.1/",
        "line_items[0][quantity]": "1", "line_items[0][price_data][currency]": "eur",
        "line_items[0][price_data][unit_amount]": "500",
        "line_items[0][price_data][product_data][name]": "<b>Invoice</b>",
    }  # fmt: skip
    page = call(stripe, CS, data).json()
    shown = requests.get(page["url"], timeout=5).text
    assert "&lt;b&gt;Invoice" in shown
    stripe.clock.advance(24 * 3600)
    assert "closed" in requests.get(page["url"], timeout=5).text
    assert stripe.event("checkout.session.expired")["data"]["object"]["id"] == page["id"]


def test_what_it_holds_outlives_a_restart(tmp_path):
    file = tmp_path / "stripe.json"
    with StripeSimulator(state_file=file) as first:
        made = call(first, "/v1/customers", {"name": "A"}).json()
        first.add_card(made["id"])
    with StripeSimulator(state_file=file) as second:
        assert second.state.get("cus", made["id"])["name"] == "A"
        assert len(list(second.state.all("pm", customer=made["id"]))) == 1
        assert second.state.events
