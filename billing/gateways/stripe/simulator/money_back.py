"""Refunds and disputes."""

from __future__ import annotations

from billing.gateways.stripe.simulator.errors import Refused
from billing.gateways.stripe.simulator.forms import integer, only, texts
from billing.gateways.stripe.simulator.state import Data, State, page

INQUIRY = "warning_needs_response"


def refund(state: State, params: Data, args: dict[str, str]) -> Data:
    only(params, ("charge", "payment_intent", "amount", "metadata", "reason"))
    charge = _charge(state, params)
    left = charge["amount"] - charge["amount_refunded"]
    amount = integer(params, "amount") if "amount" in params else left
    if not left:
        raise Refused(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if not 0 < amount <= left:
        raise Refused(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    return make(state, charge, amount, texts(params, "metadata"))


def make(state: State, charge: Data, amount: int, metadata: dict[str, str]) -> Data:
    made = state.add(
        "re",
        charge=charge["id"],
        payment_intent=charge["payment_intent"],
        amount=amount,
        currency=charge["currency"],
        status="succeeded",
        metadata=metadata,
    )
    _count(charge, amount)
    state.tell("refund.created", made)
    state.tell("charge.refunded", charge)
    return made


def by_hand(state: State, intent: str, amount: int) -> Data:
    """As somebody does on Stripe's own pages."""
    return make(state, _charge(state, {"payment_intent": intent}), amount, {})


def fail(state: State, refund_id: str) -> Data:
    """The customer's bank does not take it, days later."""
    found = state.get("re", refund_id)
    found |= {"status": "failed", "failure_reason": "lost_or_stolen_card"}
    _count(state.get("ch", found["charge"]), -found["amount"])
    state.tell("refund.failed", found)
    return found


def _count(charge: Data, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]


def _charge(state: State, params: Data) -> Data:
    if params.get("payment_intent"):
        intent = state.get("pi", params["payment_intent"])
        params = {"charge": intent["latest_charge"]}
    charge = state.get("ch", params.get("charge"))
    if not charge["paid"]:
        raise Refused(f"Charge {charge['id']} is not paid.", code="charge_not_refundable")
    return charge


def retrieve(state: State, params: Data, args: dict[str, str]) -> Data:
    return state.get("re", args["id"])


def listed(state: State, params: Data, args: dict[str, str]) -> Data:
    only(params, ("charge", "payment_intent", "limit"))
    wanted = {name: params[name] for name in ("charge", "payment_intent") if params.get(name)}
    return page(state.all("re", **wanted), params, "/v1/refunds")


def dispute(
    state: State, intent: str, amount: int | None = None, status: str = "needs_response"
) -> Data:
    """The payer complains to the bank; an inquiry moves no money."""
    charge = _charge(state, {"payment_intent": intent})
    made = state.add(
        "dp",
        charge=charge["id"],
        payment_intent=intent,
        amount=amount or charge["amount"] - charge["amount_refunded"],
        currency=charge["currency"],
        reason="fraudulent",
        status=status,
    )
    charge["disputed"] = True
    state.tell("charge.dispute.created", made)
    if status != INQUIRY:
        state.tell("charge.dispute.funds_withdrawn", made)
    return made


def close_dispute(state: State, dispute_id: str, *, won: bool) -> Data:
    found = state.get("dp", dispute_id)
    found["status"] = "won" if won else "lost"
    state.tell("charge.dispute.closed", found)
    if won:
        state.tell("charge.dispute.funds_reinstated", found)
    return found


def retrieve_dispute(state: State, params: Data, args: dict[str, str]) -> Data:
    return state.get("dp", args["id"])
