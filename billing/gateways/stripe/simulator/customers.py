from __future__ import annotations

from billing.gateways.stripe.simulator.forms import only, texts
from billing.gateways.stripe.simulator.state import Data, State, page


def create(state: State, params: Data, args: dict[str, str]) -> Data:
    only(params, ("name", "email", "metadata", "description"))
    return state.add(
        "cus",
        name=params.get("name"),
        email=params.get("email"),
        metadata=texts(params, "metadata"),
    )


def retrieve(state: State, params: Data, args: dict[str, str]) -> Data:
    return state.get("cus", args["id"])


def methods(state: State, params: Data, args: dict[str, str]) -> Data:
    owner = state.get("cus", args["id"])["id"]
    return page(state.all("pm", customer=owner), params, f"/v1/customers/{owner}/payment_methods")


def method(state: State, params: Data, args: dict[str, str]) -> Data:
    return state.get("pm", args["id"])


def charge(state: State, params: Data, args: dict[str, str]) -> Data:
    return state.get("ch", args["id"])


def event(state: State, params: Data, args: dict[str, str]) -> Data:
    return next((each for each in state.events if each["id"] == args["id"]), {})


def balance(state: State, params: Data, args: dict[str, str]) -> Data:
    return {"object": "balance", "livemode": False, "available": [], "pending": []}
