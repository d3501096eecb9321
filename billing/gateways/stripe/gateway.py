"""Stripe: hosted Checkout, cards kept for renewals, refunds, disputes and signed notifications."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import stripe
from django.utils.translation import gettext as _
from stripe import StripeClient

from billing.gateways.contract import (
    Ability,
    Charge,
    Demand,
    Dispute,
    Event,
    Gateway,
    Method,
    Page,
    Payer,
    RefundOrder,
    RefundState,
    State,
    Urls,
)
from billing.gateways.errors import GatewayRefused
from billing.gateways.stripe import events, reading
from billing.gateways.stripe.amounts import to_units
from billing.gateways.stripe.client import connect, our_errors, plain
from provisioning.contract.fields import Field, FieldSet, Kind

LOOK_BACK = 100  # payments or refunds of one customer that are searched for a lost answer


def _key_trouble(text: str) -> str | None:
    if not text or text.startswith(("sk_", "rk_")):
        return None
    return "A secret key starts with sk_, a restricted one with rk_."


def _webhook_trouble(text: str) -> str | None:
    return None if not text or text.startswith("whsec_") else "It starts with whsec_."


class StripeGateway(Gateway):
    code = "stripe"
    label = "Stripe"
    abilities = frozenset(
        {Ability.CHECKOUT, Ability.SAVED_METHODS, Ability.REFUNDS, Ability.EVENTS}
    )
    fields = FieldSet(
        (
            Field(
                code="secret_key",
                label="Secret key",
                kind=Kind.SECRET,
                required=True,
                validate=_key_trouble,
                help="Developers › API keys. A restricted key needs Checkout Sessions, Customers,"
                " PaymentIntents, PaymentMethods, SetupIntents and Refunds to write, and Charges,"
                " Disputes and Balance to read.",
            ),
            Field(
                code="webhook_secret",
                label="Signing secret",
                kind=Kind.SECRET,
                required=True,
                validate=_webhook_trouble,
                help="Of the webhook endpoint whose address stands on this page.",
            ),
        )
    )

    @cached_property
    def _client(self) -> StripeClient:
        return connect(self.settings["secret_key"])

    def _asked(self, act: Any, *ids: str, key: str = "", **params: Any) -> dict[str, Any]:
        """Blank parameters are left out. The idempotency key makes asking again harmless."""
        given = {name: value for name, value in params.items() if value not in (None, "")}
        options: dict[str, str] = {"idempotency_key": key} if key else {}
        with our_errors():
            return plain(act(*ids, params=given, options=options))

    def check(self) -> str:
        found = self._asked(self._client.v1.balance.retrieve)
        return f"Stripe answers, in {'live' if found.get('livemode') else 'test'} mode."

    def register(self, payer: Payer) -> str:
        found = self._asked(
            self._client.v1.customers.create,
            key=f"customer-{payer.reference}",
            name=payer.name,
            email=payer.email,
            metadata={reading.CUSTOMER: payer.reference},
        )
        return str(found["id"])

    def start_checkout(self, demand: Demand, urls: Urls, *, save: bool) -> Page:
        price = {
            "currency": demand.currency.lower(),
            "unit_amount": to_units(demand.amount, demand.currency),
            "product_data": {"name": demand.title},
        }
        intent: dict[str, Any] = {"metadata": {reading.ATTEMPT: demand.reference}}
        if save:
            intent["setup_future_usage"] = "off_session"
        return self._page(
            key=demand.reference,
            mode="payment",
            customer=demand.payer.external_id,
            line_items=[{"price_data": price, "quantity": 1}],
            payment_intent_data=intent,
            adaptive_pricing={"enabled": False},  # the payer pays the invoice's own currency
            metadata={reading.ATTEMPT: demand.reference},
            success_url=urls.done,
            cancel_url=urls.back,
        )

    def start_saving(self, payer: Payer, urls: Urls, *, currency: str, reference: str) -> Page:
        return self._page(
            key=reference,
            mode="setup",
            customer=payer.external_id,
            currency=currency.lower(),
            success_url=urls.done,
            cancel_url=urls.back,
        )

    def _page(self, *, key: str, **params: Any) -> Page:
        found = self._asked(self._client.v1.checkout.sessions.create, key=key, **params)
        if not found.get("url"):
            raise GatewayRefused(_("This payment page was used or closed already."))
        return Page(external_id=found["id"], url=found["url"])

    def close_checkout(self, page_id: str) -> bool:
        sessions = self._client.v1.checkout.sessions
        try:
            return bool(self._asked(sessions.expire, page_id)["status"] == "expired")
        except GatewayRefused:  # it is not open any more: was it used?
            return bool(self._asked(sessions.retrieve, page_id)["status"] == "expired")

    def read_page(self, page_id: str) -> Charge | Method | None:
        found = self._asked(self._client.v1.checkout.sessions.retrieve, page_id)
        if found.get("payment_intent"):
            return self.read_charge(reading.id_of(found["payment_intent"]))
        if not found.get("setup_intent") or found.get("status") != "complete":
            return None
        intents = self._client.v1.setup_intents
        intent = self._asked(intents.retrieve, reading.id_of(found["setup_intent"]))
        return self.read_method(reading.id_of(intent["payment_method"]))

    def read_method(self, method_id: str) -> Method:
        return reading.method(self._asked(self._client.v1.payment_methods.retrieve, method_id))

    def forget_method(self, method_id: str) -> None:
        if self.read_method(method_id).usable:
            self._asked(self._client.v1.payment_methods.detach, method_id)

    def charge_saved(self, demand: Demand, method_id: str) -> Charge:
        act = self._client.v1.payment_intents.create
        params = {
            "amount": to_units(demand.amount, demand.currency),
            "currency": demand.currency.lower(),
            "customer": demand.payer.external_id,
            "payment_method": method_id,
            "metadata": {reading.ATTEMPT: demand.reference},
            "confirm": True,
            "off_session": True,
        }
        try:
            with our_errors():
                found = plain(act(params, {"idempotency_key": demand.reference}))  # type: ignore[arg-type]
        except GatewayRefused as refused:
            return _declined(refused, demand)
        return reading.charge(found)

    def find_charge(self, demand: Demand) -> Charge | None:
        params: Any = {"customer": demand.payer.external_id, "limit": LOOK_BACK}
        with our_errors():
            found = self._client.v1.payment_intents.list(params).data
        charges = (reading.charge(plain(each)) for each in found)
        return next((each for each in charges if each.reference == demand.reference), None)

    def read_charge(self, charge_id: str) -> Charge:
        act = self._client.v1.payment_intents.retrieve
        return reading.charge(self._asked(act, charge_id, expand=["payment_method"]))

    def refund(self, order: RefundOrder) -> RefundState:
        intent = self._asked(self._client.v1.payment_intents.retrieve, order.payment_id)
        found = self._asked(
            self._client.v1.refunds.create,
            key=order.reference,
            charge=reading.id_of(intent.get("latest_charge")),
            amount=to_units(order.amount, order.currency),
            metadata={reading.REFUND: order.reference},
        )
        return reading.refund(found)

    def find_refund(self, order: RefundOrder) -> RefundState | None:
        params: Any = {"payment_intent": order.payment_id, "limit": LOOK_BACK}
        with our_errors():
            found = self._client.v1.refunds.list(params).data
        refunds = (reading.refund(plain(each)) for each in found)
        return next((each for each in refunds if each.reference == order.reference), None)

    def read_refund(self, refund_id: str) -> RefundState:
        return reading.refund(self._asked(self._client.v1.refunds.retrieve, refund_id))

    def read_dispute(self, dispute_id: str) -> Dispute:
        return reading.dispute(self._asked(self._client.v1.disputes.retrieve, dispute_id))

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> Event:
        return events.parse(headers, body, self.settings["webhook_secret"])


def _declined(refused: GatewayRefused, demand: Demand) -> Charge:
    """A decline comes as an error that carries the payment."""
    cause = refused.__cause__
    intent = (
        cause.error.payment_intent if isinstance(cause, stripe.CardError) and cause.error else None
    )
    if intent is not None:
        return reading.charge(plain(intent))
    if not isinstance(cause, stripe.CardError):
        raise refused
    return Charge(
        external_id="",
        reference=demand.reference,
        state=State.FAILED,
        amount=demand.amount,
        currency=demand.currency,
        words=str(refused),
    )
