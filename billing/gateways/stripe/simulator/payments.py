"""Payment methods, payment intents and their charges."""

from __future__ import annotations

from typing import Any

from billing.gateways.stripe.simulator import money_back
from billing.gateways.stripe.simulator.cards import CARDS, SENTENCES, Card
from billing.gateways.stripe.simulator.errors import Declined, Refused
from billing.gateways.stripe.simulator.forms import flag, integer, needed, only, texts
from billing.gateways.stripe.simulator.state import Data, State, page

SMALLEST = 50  # cents; Stripe's minimum in most currencies
INTENT_PARAMS = (
    "amount", "currency", "customer", "payment_method", "metadata", "confirm", "off_session",
    "description", "setup_future_usage",
)  # fmt: skip
WAITING = ("requires_payment_method", "requires_confirmation", "requires_action")


def add_method(state: State, number: str, customer: str | None) -> Data:
    """A card or an account; ValueError for one that no test card is."""
    card = CARDS.get(number)
    if card is None:
        raise ValueError(f"no test card {number}; known: {', '.join(CARDS)}")
    details: Data = {"last4": number[-4:]}
    if not card.is_debit:
        details |= {"brand": card.brand, "exp_month": 12, "exp_year": 2031, "funding": "credit"}
    made = state.add("pm", type=card.type, customer=customer, metadata={}, **{card.type: details})
    state.numbers[made["id"]] = number
    return made


def attach(state: State, method: Data, customer: str) -> None:
    if method["customer"] != customer:
        method["customer"] = customer
        state.tell("payment_method.attached", method)


def detach(state: State, params: Data, args: dict[str, str]) -> Data:
    method = state.get("pm", args["id"])
    if not method["customer"]:
        raise Refused(
            "The payment method you provided is not attached to a customer so detachment is"
            " impossible."
        )
    method["customer"] = None
    state.tell("payment_method.detached", method)
    return method


def card_of(state: State, method: Data) -> Card:
    return CARDS[state.numbers[method["id"]]]


def amount_of(params: Data) -> tuple[int, str]:
    amount, currency = integer(params, "amount"), str(needed(params, "currency"))
    if currency != currency.lower() or len(currency) != 3:
        raise Refused(f"Invalid currency: {currency}.", param="currency")
    if amount < SMALLEST:
        raise Refused("Amount must be at least €0.50 eur", code="amount_too_small", param="amount")
    return amount, currency


def create(state: State, params: Data, args: dict[str, str]) -> Data:
    only(params, INTENT_PARAMS)
    amount, currency = amount_of(params)
    customer = state.get("cus", params["customer"])["id"] if params.get("customer") else None
    method = state.get("pm", params["payment_method"]) if params.get("payment_method") else None
    confirm, away = flag(params, "confirm"), flag(params, "off_session")
    if away and not confirm:
        raise Refused("off_session can only be used with confirm", param="off_session")
    if method and method["customer"] and method["customer"] != customer:
        raise Refused("The payment method belongs to another customer.", param="payment_method")
    intent = new_intent(
        state,
        amount=amount,
        currency=currency,
        customer=customer,
        payment_method=method["id"] if method else None,
        metadata=texts(params, "metadata"),
        setup_future_usage=params.get("setup_future_usage"),
    )
    if confirm:
        if method is None:
            raise Refused("You cannot confirm without a payment method.", param="payment_method")
        pay(state, intent, method, away=away)
    return intent


def new_intent(state: State, **values: Any) -> Data:
    defaults = {
        "status": "requires_payment_method",
        "amount_received": 0,
        "latest_charge": None,
        "last_payment_error": None,
        "payment_method": None,
    }
    intent = state.add("pi", **defaults | values)
    if intent["payment_method"]:
        intent["status"] = "requires_confirmation"
    state.tell("payment_intent.created", intent)
    return intent


def pay(
    state: State, intent: Data, method: Data, *, away: bool = False, confirmed: bool = False
) -> None:
    """Declined when the bank says no; the intent is left asking when it wants the payer."""
    card = card_of(state, method)
    intent["payment_method"] = method["id"]
    asks = card.asks == "always" or (card.asks == "once" and not method["customer"])
    if asks and not confirmed:
        _ask(state, intent, away=away)
        return
    if card.declines and not card.is_debit:
        decline(state, intent, card.declines)
    _charge(state, intent, method, card)


def _ask(state: State, intent: Data, *, away: bool) -> None:
    if away:
        _fail(state, intent, "authentication_required", "This payment requires authentication.")
    intent["status"] = "requires_action"
    state.tell("payment_intent.requires_action", intent)


def decline(state: State, intent: Data, reason: str) -> None:
    charge = _new_charge(state, intent, status="failed", paid=False)
    state.tell("charge.failed", charge)
    _fail(state, intent, "card_declined", SENTENCES[reason], reason)


def _fail(state: State, intent: Data, code: str, sentence: str, reason: str = "") -> None:
    intent["status"] = "requires_payment_method"
    intent["last_payment_error"] = {"type": "card_error", "code": code, "message": sentence} | (
        {"decline_code": reason} if reason else {}
    )
    intent["payment_method"] = None
    state.tell("payment_intent.payment_failed", intent)
    raise Declined(sentence, code=code, decline_code=reason, payment_intent=dict(intent))


def _new_charge(state: State, intent: Data, **values: Any) -> Data:
    charge = state.add(
        "ch",
        amount=intent["amount"],
        currency=intent["currency"],
        customer=intent["customer"],
        payment_intent=intent["id"],
        payment_method=intent["payment_method"],
        amount_refunded=0,
        refunded=False,
        disputed=False,
        **values,
    )
    intent["latest_charge"] = charge["id"]
    return charge


def _charge(state: State, intent: Data, method: Data, card: Card) -> None:
    intent["last_payment_error"] = None
    if intent.get("setup_future_usage") and intent["customer"]:
        attach(state, method, intent["customer"])
    charge = _new_charge(state, intent, status="pending", paid=False)
    if card.is_debit:
        intent["status"] = "processing"
        state.tell("payment_intent.processing", intent)
        return
    succeed(state, intent, charge)
    if card.disputed:
        money_back.dispute(state, intent["id"])


def succeed(state: State, intent: Data, charge: Data) -> None:
    charge |= {"status": "succeeded", "paid": True}
    intent |= {"status": "succeeded", "amount_received": intent["amount"]}
    state.tell("charge.succeeded", charge)
    state.tell("payment_intent.succeeded", intent)


def end_debit(state: State, intent_id: str, *, paid: bool | None = None) -> Data:
    """The bank's answer to a debit, some days later: as its account says unless told."""
    intent = state.get("pi", intent_id)
    if intent["status"] != "processing":
        raise ValueError(f"{intent_id} is {intent['status']}, not under way")
    charge = state.get("ch", intent["latest_charge"])
    card = card_of(state, state.get("pm", intent["payment_method"]))
    if paid if paid is not None else not card.declines:
        succeed(state, intent, charge)
        return intent
    sentence = SENTENCES["debit_not_authorized"]
    charge |= {"status": "failed", "failure_message": sentence}
    intent["status"] = "requires_payment_method"
    intent["last_payment_error"] = {"code": "payment_method_not_available", "message": sentence}
    state.tell("charge.failed", charge)
    state.tell("payment_intent.payment_failed", intent)
    return intent


def retrieve(state: State, params: Data, args: dict[str, str]) -> Data:
    only(params, ())
    intent = dict(state.get("pi", args["id"]))
    if "payment_method" in params.get("expand", []) and intent["payment_method"]:
        intent["payment_method"] = state.get("pm", intent["payment_method"])
    return intent


def listed(state: State, params: Data, args: dict[str, str]) -> Data:
    only(params, ("customer", "limit"))
    wanted = {"customer": params["customer"]} if params.get("customer") else {}
    return page(state.all("pi", **wanted), params, "/v1/payment_intents")


def cancel(state: State, params: Data, args: dict[str, str]) -> Data:
    intent = state.get("pi", args["id"])
    if intent["status"] not in WAITING:
        raise Refused(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
        )
    intent["status"] = "canceled"
    state.tell("payment_intent.canceled", intent)
    return intent
