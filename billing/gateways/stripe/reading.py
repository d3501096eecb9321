"""What Stripe's objects mean to the panel. Each comes as plain data."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from billing.gateways.contract import Charge, Dispute, Method, RefundState, State
from billing.gateways.stripe.amounts import from_units

Data = Mapping[str, Any]
ATTEMPT, REFUND, CUSTOMER = "attempt", "refund", "customer"  # our keys in Stripe's metadata
AUTHENTICATE = frozenset({"authentication_required", "payment_intent_authentication_failure"})
PAYMENT_STATES = {
    "succeeded": State.SUCCEEDED,
    "processing": State.PENDING,
    "requires_action": State.ACTION,
    "requires_payment_method": State.FAILED,
    "canceled": State.FAILED,
}
REFUND_STATES = {
    "succeeded": State.SUCCEEDED,
    "pending": State.PENDING,
    "requires_action": State.PENDING,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}
# An inquiry moves no money; a dispute takes it at once, and only winning brings it back.
MONEY_GONE = frozenset({"needs_response", "under_review", "lost"})
KINDS = {"sepa_debit": "SEPA debit", "us_bank_account": "Bank account", "link": "Link"}


def charge(intent: Data) -> Charge:
    currency = intent["currency"].upper()
    error = intent.get("last_payment_error") or {}
    paid = intent["status"] == "succeeded"
    units = intent.get("amount_received") if paid else None
    return Charge(
        external_id=intent["id"],
        reference=(intent.get("metadata") or {}).get(ATTEMPT, ""),
        state=_state(intent["status"], error),
        amount=from_units(intent["amount"] if units is None else units, currency),
        currency=currency,
        payer_id=id_of(intent.get("customer")),
        words=error.get("message", ""),
        method=_kept(intent),
    )


def _state(status: str, error: Data) -> State:
    if error.get("code") in AUTHENTICATE and status == "requires_payment_method":
        return State.ACTION
    untouched = status == "requires_payment_method" and not error
    return State.OPEN if untouched else PAYMENT_STATES.get(status, State.OPEN)


def _kept(intent: Data) -> Method | None:
    """The method, where the payer agreed that it is charged again."""
    found = intent.get("payment_method")
    if intent.get("setup_future_usage") != "off_session" or not isinstance(found, Mapping):
        return None
    return method(found)


def method(found: Data) -> Method:
    card = found.get("card") or {}
    return Method(
        external_id=found["id"],
        payer_id=id_of(found.get("customer")),
        label=_label(found, card),
        expires_on=_last_day(card),
        usable=bool(found.get("customer")),
    )


def _label(found: Data, card: Data) -> str:
    kind = found.get("type", "card")
    last = (card or found.get(kind) or {}).get("last4", "")
    name = card.get("brand", "card").replace("_", " ").title() if card else KINDS.get(kind, kind)
    return _("%(name)s ending %(last)s") % {"name": name, "last": last} if last else str(name)


def _last_day(card: Data) -> date | None:
    if not card.get("exp_year"):
        return None
    year, month = int(card["exp_year"]), int(card["exp_month"])
    return date(year, month, calendar.monthrange(year, month)[1])


def refund(found: Data) -> RefundState:
    currency = found["currency"].upper()
    return RefundState(
        external_id=found["id"],
        reference=(found.get("metadata") or {}).get(REFUND, ""),
        payment_id=id_of(found.get("payment_intent")),
        state=REFUND_STATES.get(found.get("status") or "", State.PENDING),
        amount=from_units(found["amount"], currency),
        currency=currency,
        words=(found.get("failure_reason") or "").replace("_", " "),
    )


def dispute(found: Data) -> Dispute:
    currency = found["currency"].upper()
    return Dispute(
        external_id=found["id"],
        payment_id=id_of(found.get("payment_intent")),
        amount=from_units(found["amount"], currency),
        currency=currency,
        taken=found["status"] in MONEY_GONE,
        reason=(found.get("reason") or "").replace("_", " "),
    )


def id_of(found: Any) -> str:
    """Of an object that comes as its id or in full."""
    if isinstance(found, Mapping):
        return str(found["id"])
    return found or ""
