"""Stripe's notifications: signed over the raw body, good for five minutes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import stripe

from billing.gateways.contract import Event, Topic
from billing.gateways.errors import ForgedEvent
from config import clock

WINDOW_SECONDS = 300
STAMP = re.compile(r"(?:^|,)\s*t=(\d{1,12})(?:,|$)")
TOPICS: dict[str, Topic] = {
    "payment_intent.succeeded": Topic.PAYMENT,
    "payment_intent.processing": Topic.PAYMENT,
    "payment_intent.payment_failed": Topic.PAYMENT,
    "payment_intent.requires_action": Topic.PAYMENT,
    "payment_intent.canceled": Topic.PAYMENT,
    "checkout.session.completed": Topic.PAGE,
    "checkout.session.expired": Topic.PAGE,
    "checkout.session.async_payment_succeeded": Topic.PAGE,
    "checkout.session.async_payment_failed": Topic.PAGE,
    "payment_method.attached": Topic.METHOD,
    "payment_method.updated": Topic.METHOD,
    "payment_method.automatically_updated": Topic.METHOD,
    "payment_method.detached": Topic.METHOD,
    "refund.created": Topic.REFUND,
    "refund.updated": Topic.REFUND,
    "refund.failed": Topic.REFUND,
    "charge.refund.updated": Topic.REFUND,
    "charge.dispute.created": Topic.DISPUTE,
    "charge.dispute.updated": Topic.DISPUTE,
    "charge.dispute.closed": Topic.DISPUTE,
    "charge.dispute.funds_withdrawn": Topic.DISPUTE,
    "charge.dispute.funds_reinstated": Topic.DISPUTE,
}


def parse(headers: Mapping[str, str], body: bytes, secret: str) -> Event:
    """ForgedEvent."""
    header = headers.get("Stripe-Signature", "")
    try:
        stripe.WebhookSignature.verify_header(body, header, secret)
        data = json.loads(body)
    except (stripe.SignatureVerificationError, ValueError) as error:
        raise ForgedEvent("The signature does not fit the body.") from error
    _check_age(header)
    return _event(data)


def _check_age(header: str) -> None:
    stamp = STAMP.search(header)
    age = clock.now().timestamp() - int(stamp[1]) if stamp else None
    if age is None or abs(age) > WINDOW_SECONDS:
        raise ForgedEvent("It was signed too long ago, or by a clock that is wrong.")


def _event(data: Any) -> Event:
    try:
        kind, subject = str(data["type"]), str(data["data"]["object"].get("id", ""))
        topic = TOPICS.get(kind, Topic.OTHER)
        return Event(event_id=str(data["id"]), kind=kind[:80], topic=topic, subject=subject)
    except (KeyError, TypeError, AttributeError) as error:
        raise ForgedEvent("This is not an event of Stripe.") from error
