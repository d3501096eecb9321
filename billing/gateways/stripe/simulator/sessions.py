"""Checkout: pages on which a payer pays, or leaves a card."""

from __future__ import annotations

from urllib.parse import urlsplit

from billing.gateways.stripe.simulator import payments
from billing.gateways.stripe.simulator.errors import Declined, Refused
from billing.gateways.stripe.simulator.forms import flag, integer, needed, only, texts
from billing.gateways.stripe.simulator.state import Data, State

OPEN_SECONDS = 24 * 3600
PARAMS = (
    "mode", "customer", "line_items", "payment_intent_data", "adaptive_pricing", "metadata",
    "success_url", "cancel_url", "currency", "expires_at",
)  # fmt: skip
INTENT_PARAMS = ("metadata", "setup_future_usage", "description")
TEMPLATE = "{CHECKOUT_SESSION_ID}"


def create(state: State, params: Data, args: dict[str, str]) -> Data:
    only(params, PARAMS)
    mode = needed(params, "mode")
    if mode not in ("payment", "setup"):
        raise Refused(f"Invalid mode: {mode}", param="mode")
    customer = state.get("cus", params["customer"])["id"] if params.get("customer") else None
    totals = _totals(params) if mode == "payment" else {"currency": needed(params, "currency")}
    intent_data = params.get("payment_intent_data") or {}
    only(intent_data, INTENT_PARAMS)
    if "enabled" in (params.get("adaptive_pricing") or {}):
        flag(params["adaptive_pricing"], "enabled")
    return state.add(
        "cs",
        mode=mode,
        customer=customer,
        status="open",
        payment_status="unpaid" if mode == "payment" else "no_payment_required",
        payment_intent=None,
        setup_intent=None,
        metadata=texts(params, "metadata"),
        success_url=_url(params, "success_url"),
        cancel_url=_url(params, "cancel_url"),
        expires_at=state.now() + OPEN_SECONDS,
        intent_data={
            "metadata": texts(intent_data, "metadata"),
            "setup_future_usage": intent_data.get("setup_future_usage"),
        },
        **totals,
    )


def _totals(params: Data) -> Data:
    items = needed(params, "line_items")
    if not isinstance(items, list) or len(items) != 1:
        raise Refused("The simulator takes one line item.", param="line_items")
    price: Data = needed(items[0], "price_data")
    name = needed(needed(price, "product_data"), "name")
    amount, currency = payments.amount_of(
        {"amount": needed(price, "unit_amount"), "currency": needed(price, "currency")}
    )
    total = amount * integer(items[0], "quantity")
    return {"amount_total": total, "currency": currency, "title": name}


def _url(params: Data, name: str) -> str:
    text = str(needed(params, name))
    if urlsplit(text).scheme not in ("http", "https"):
        raise Refused("Not a valid URL", code="url_invalid", param=name)
    return text


def shown(session: Data, root: str) -> Data:
    """As the API gives it: the page has an address while it is open."""
    hidden = ("intent_data", "title")
    found = {name: value for name, value in session.items() if name not in hidden}
    return found | {"url": address(session, root) if session["status"] == "open" else None}


def address(session: Data, root: str) -> str:
    """On the host by which the payer knows the seller, which may be another machine's name."""
    here, theirs = urlsplit(root), urlsplit(session["success_url"])
    host = theirs.hostname or here.hostname
    name = f"[{host}]" if host and ":" in host else host
    return f"{here.scheme}://{name}:{here.port}/c/pay/{session['id']}"


def age(state: State, session: Data) -> Data:
    if session["status"] == "open" and state.now() >= session["expires_at"]:
        _expire(state, session)
    return session


def _expire(state: State, session: Data) -> None:
    session["status"] = "expired"
    state.tell("checkout.session.expired", session)


def expire(state: State, params: Data, args: dict[str, str]) -> Data:
    session = age(state, state.get("cs", args["id"]))
    if session["status"] != "open":
        raise Refused(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of {session['status']}."
        )
    _expire(state, session)
    return session


def retrieve(state: State, params: Data, args: dict[str, str]) -> Data:
    return age(state, state.get("cs", args["id"]))


def retrieve_setup(state: State, params: Data, args: dict[str, str]) -> Data:
    return state.get("seti", args["id"])


def submit(state: State, session: Data, number: str, *, confirmed: bool = False) -> str:
    """What the payer does on the page: blank when it is done, "confirm" when the bank wants the
    payer, else the sentence of a decline.
    """
    method = payments.add_method(state, number, None)
    try:
        if session["mode"] == "setup":
            return _set_up(state, session, method, confirmed=confirmed)
        return _pay(state, session, method, confirmed=confirmed)
    except Declined as declined:
        return str(declined)


def _pay(state: State, session: Data, method: Data, *, confirmed: bool) -> str:
    intent = _intent(state, session)
    payments.pay(state, intent, method, confirmed=confirmed)
    if intent["status"] == "requires_action":
        return "confirm"
    session["payment_status"] = "paid" if intent["status"] == "succeeded" else "unpaid"
    _complete(state, session)
    return ""


def _intent(state: State, session: Data) -> Data:
    """Made with the first try to pay, and kept for the next ones."""
    if session["payment_intent"]:
        return state.get("pi", session["payment_intent"])
    intent = payments.new_intent(
        state,
        amount=session["amount_total"],
        currency=session["currency"],
        customer=session["customer"],
        **session["intent_data"],
    )
    session["payment_intent"] = intent["id"]
    return intent


def _set_up(state: State, session: Data, method: Data, *, confirmed: bool) -> str:
    card = payments.card_of(state, method)
    if card.asks and not confirmed:
        return "confirm"
    if card.declines and not (card.kept_but_declines or card.is_debit):
        raise Declined("Your card was declined.", code="card_declined")
    payments.attach(state, method, session["customer"])
    intent = state.add(
        "seti", customer=session["customer"], payment_method=method["id"], status="succeeded"
    )
    session["setup_intent"] = intent["id"]
    state.tell("setup_intent.succeeded", intent)
    _complete(state, session)
    return ""


def _complete(state: State, session: Data) -> None:
    session["status"] = "complete"
    state.tell("checkout.session.completed", session)


def back_to(session: Data) -> str:
    url: str = session["success_url"].replace(TEMPLATE, session["id"])
    return url


def end_debit(state: State, intent: str, *, paid: bool | None = None) -> Data:
    """The bank's answer some days later; a page that was paid by a debit tells it too."""
    ended = payments.end_debit(state, intent, paid=paid)
    session = next(state.all("cs", payment_intent=intent), None)
    if session:
        good = ended["status"] == "succeeded"
        session["payment_status"] = "paid" if good else "unpaid"
        name = "succeeded" if good else "failed"
        state.tell(f"checkout.session.async_payment_{name}", session)
    return ended
