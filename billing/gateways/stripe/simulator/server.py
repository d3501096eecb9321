"""The Stripe simulator: the API and the Checkout page on one socket, events to the seller."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlencode

from billing.gateways.stripe.simulator import (
    customers,
    money_back,
    pages,
    payments,
    sessions,
    webhooks,
)
from billing.gateways.stripe.simulator.cards import CARDS
from billing.gateways.stripe.simulator.errors import BadKey, KeyReused, Refused
from billing.gateways.stripe.simulator.forms import decode
from billing.gateways.stripe.simulator.state import Data, State, token
from provisioning.simulation import (
    Match,
    Request,
    Response,
    Router,
    SimClock,
    Simulator,
    html_response,
    json_response,
    redirect_response,
)
from provisioning.simulation.persistence import Autosave, read_json, write_json

Handler = Callable[[State, Data, dict[str, str]], Data]
KEY = "sk_test_simulated"
SECRET = "whsec_simulated"
KEEPS_KEYS_SECONDS = 24 * 3600
ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "balance", customers.balance),
    ("POST", "customers", customers.create),
    ("GET", "customers/{id}", customers.retrieve),
    ("GET", "customers/{id}/payment_methods", customers.methods),
    ("GET", "payment_methods/{id}", customers.method),
    ("POST", "payment_methods/{id}/detach", payments.detach),
    ("POST", "payment_intents", payments.create),
    ("GET", "payment_intents", payments.listed),
    ("GET", "payment_intents/{id}", payments.retrieve),
    ("POST", "payment_intents/{id}/cancel", payments.cancel),
    ("GET", "setup_intents/{id}", sessions.retrieve_setup),
    ("POST", "checkout/sessions", sessions.create),
    ("GET", "checkout/sessions/{id}", sessions.retrieve),
    ("POST", "checkout/sessions/{id}/expire", sessions.expire),
    ("GET", "charges/{id}", customers.charge),
    ("POST", "refunds", money_back.refund),
    ("GET", "refunds", money_back.listed),
    ("GET", "refunds/{id}", money_back.retrieve),
    ("GET", "disputes/{id}", money_back.retrieve_dispute),
)


def _router() -> Router[Handler]:
    router: Router[Handler] = Router()
    for method, pattern, handler in ROUTES:
        router.add(method, f"v1/{pattern}", handler)
    return router


ROUTER = _router()


@dataclass
class Kept:
    """What an idempotency key was first answered with."""

    fingerprint: str
    at: int
    status: int
    body: str


class StripeSimulator(Simulator):
    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: SimClock | None = None,
        secret_key: str = KEY,
        state_file: Path | None = None,
    ) -> None:
        super().__init__(host=host, port=port, clock=clock)
        self.secret_key = secret_key
        self.state = State(self.clock)
        self.kept: dict[str, Kept] = {}
        self.postman = webhooks.Postman(now=self.state.now, stopping=self.stopping)
        self.held = False  # events wait until somebody delivers them
        self._told = 0
        self.state_file = state_file
        self._autosave: Autosave | None = None
        if state_file and (data := read_json(state_file)):
            self._restore(data)

    def sends_to(self, url: str, secret: str = SECRET) -> None:
        """Where the seller wants to hear of events."""
        self.postman.url, self.postman.secret = url, secret

    def start(self) -> Self:
        super().start()
        self.postman.start()
        if self.state_file:
            self._autosave = Autosave(version=lambda: self.state.revision, save=self.save)
        return self

    def stop(self) -> None:
        super().stop()
        self.postman.stop()
        if self._autosave:
            self._autosave.close()
            self._autosave = None

    def save(self) -> None:
        if self.state_file is None:
            return
        with self.lock:
            data = {
                "objects": self.state.objects,
                "numbers": self.state.numbers,
                "events": self.state.events,
                "kept": {key: asdict(each) for key, each in self.kept.items()},
            }
        write_json(self.state_file, data)

    def _restore(self, data: Mapping[str, Any]) -> None:
        self.state.objects, self.state.numbers = data["objects"], data["numbers"]
        self.state.events = data["events"]
        self.kept = {key: Kept(**each) for key, each in data["kept"].items()}
        self._told = len(self.state.events)

    def respond(self, request: Request) -> Response:
        try:
            if request.path.startswith("/c/pay/"):
                return self._page(request)
            return self._api(request)
        finally:
            self._tell()

    def _tell(self) -> None:
        fresh = self.state.events[self._told :]
        self._told = len(self.state.events)
        if not self.held:
            for event in fresh:
                self.postman.take(event)

    def _api(self, request: Request) -> Response:
        try:
            if request.header("authorization") != f"Bearer {self.secret_key}":
                raise BadKey("Invalid API Key provided: sk_****")
            found = ROUTER.find(request.method, request.path)
            if found is None:
                raise Refused(f"Unrecognized request URL ({request.method}: {request.path}).")
            query = urlencode(request.query)
            text = request.body.decode() if request.method == "POST" else query
            return self._once(request, found, text)
        except Refused as refused:
            return _answer(refused.status, json.dumps({"error": refused.error}))

    def _once(self, request: Request, found: Match[Handler], text: str) -> Response:
        key = request.header("idempotency-key")
        mark = hashlib.sha256(f"{request.path}\n{text}".encode()).hexdigest()
        kept = self.kept.get(key) if key and request.method == "POST" else None
        if kept and kept.at > self.state.now() - KEEPS_KEYS_SECONDS:
            if kept.fingerprint != mark:
                raise KeyReused(
                    "Keys for idempotent requests can only be used with the same parameters they"
                    " were first used with."
                )
            return _answer(kept.status, kept.body, {"Idempotent-Replayed": "true"})
        status, body, keep = self._carry_out(found, decode(text), request.root)
        if keep and key and request.method == "POST":
            self.kept[key] = Kept(mark, self.state.now(), status, body)
        return _answer(status, body)

    def _carry_out(self, found: Match[Handler], params: Data, root: str) -> tuple[int, str, bool]:
        try:
            answer = found.target(self.state, params, dict(found.args))
        except Refused as refused:
            return refused.status, json.dumps({"error": refused.error}), refused.kept
        if answer["object"] == "checkout.session":
            answer = sessions.shown(answer, root)
        return 200, json.dumps(answer), True

    def _page(self, request: Request) -> Response:
        session = self.state.objects.get(request.path.rpartition("/")[2])
        if session is None or session["object"] != "checkout.session":
            return html_response("<h1>Not found</h1>", status=404)
        if sessions.age(self.state, session)["status"] != "open":
            return html_response(pages.closed(session))
        if request.method != "POST":
            return html_response(pages.form(session))
        given = {name: each[-1] for name, each in parse_qs(request.body.decode()).items()}
        return self._submitted(session, given)

    def _submitted(self, session: Data, given: Mapping[str, str]) -> Response:
        number = given.get("card", "")
        if number not in CARDS:
            return html_response(pages.form(session, "Choose a card."))
        if given.get("bank") == "no":
            return html_response(pages.form(session, "Your bank did not confirm the payment."))
        outcome = sessions.submit(self.state, session, number, confirmed="bank" in given)
        if outcome == "confirm":
            return html_response(pages.confirmation(number))
        if outcome:
            return html_response(pages.form(session, outcome))
        return redirect_response(sessions.back_to(session))

    def event(self, kind: str, nth: int = -1) -> Data:
        """One of those told so far, the last of its kind unless said otherwise."""
        return [each for each in self.state.events if each["type"] == kind][nth]

    def letter(
        self, event: Data, *, at: int | None = None, secret: str = SECRET
    ) -> webhooks.Signed:
        """An event as it would be posted."""
        return webhooks.signed(event, secret, self.state.now() if at is None else at)

    def describe(self) -> dict[str, object]:
        kinds = [each["object"] for each in self.state.objects.values()]
        return {"objects": {kind: kinds.count(kind) for kind in sorted(set(kinds))}}

    def actions(self) -> dict[str, Callable[..., object]]:
        of_state: dict[str, Callable[..., object]] = {
            "end_debit": sessions.end_debit,
            "refund": money_back.by_hand,
            "fail_refund": money_back.fail,
            "dispute": money_back.dispute,
            "close_dispute": money_back.close_dispute,
        }
        own: dict[str, Callable[..., object]] = {
            "sends_to": self.sends_to,
            "add_card": self.add_card,
            "pay": self.pay,
        }
        own |= {name: partial(act, self.state) for name, act in of_state.items()}
        return {name: self._told_after(act) for name, act in own.items()}

    def _told_after(self, act: Callable[..., object]) -> Callable[..., object]:
        def acted(**given: Any) -> object:
            found = act(**given)
            self._tell()
            return found

        return acted

    def add_card(self, customer: str, number: str = "4242424242424242") -> Data:
        """A saved method, as if the payer had left it on the page."""
        method = payments.add_method(self.state, number, None)
        payments.attach(self.state, method, customer)
        return method

    def pay(self, session: str, number: str = "4242424242424242", confirmed: bool = False) -> str:
        """What a payer does on the page; the outcome of `sessions.submit`."""
        return sessions.submit(
            self.state, self.state.get("cs", session), number, confirmed=confirmed
        )


def _answer(status: int, body: str, headers: Mapping[str, str] | None = None) -> Response:
    named = {"Request-Id": f"req_{token(14)}"} | dict(headers or {})
    base = json_response(None)
    return Response(status, body.encode(), base.content_type, named)
