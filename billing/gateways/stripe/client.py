"""The official SDK with our time-outs, without its own repeats, its errors as ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
import stripe
from django.conf import settings
from stripe import RequestsClient, StripeClient

from billing.gateways.errors import (
    GatewayError,
    GatewayMisconfigured,
    GatewayRefused,
    GatewayUnavailable,
)

CONFLICT = 409
NO_ANSWER = (stripe.APIConnectionError, stripe.APIError, stripe.RateLimitError)
NOT_ALLOWED = (stripe.AuthenticationError, stripe.PermissionError)
BAD_KEY = "Stripe does not accept the secret key, or the key may not do this."


class JsonClient(RequestsClient):
    """The SDK trips over an answer that is no JSON object; here it is no answer."""

    def request(self, *asked: Any, **options: Any) -> Any:
        answer = super().request(*asked, **options)
        if not _is_object(answer[0]):
            raise stripe.APIError("The answer is not a JSON object.")
        return answer


def _is_object(body: bytes | str) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


def connect(secret_key: str) -> StripeClient:
    """GatewayMisconfigured without a key."""
    if not secret_key:
        raise GatewayMisconfigured("The secret key of Stripe is missing.")
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    timeout = (settings.HTTP_CONNECT_TIMEOUT, settings.HTTP_READ_TIMEOUT)
    return StripeClient(
        secret_key,
        base_addresses={"api": settings.STRIPE_API_BASE},
        http_client=JsonClient(timeout=timeout, session=session),
        max_network_retries=0,
    )


@contextmanager
def our_errors() -> Iterator[None]:
    try:
        yield
    except stripe.StripeError as error:
        raise translated(error) from error


def translated(error: stripe.StripeError) -> GatewayError:
    if isinstance(error, NOT_ALLOWED):
        return GatewayMisconfigured(BAD_KEY)
    if isinstance(error, NO_ANSWER) or error.http_status == CONFLICT:
        return GatewayUnavailable(f"Stripe gave no usable answer ({type(error).__name__}).")
    return GatewayRefused(said(error))


def said(error: stripe.StripeError) -> str:
    """The words that Stripe means for people."""
    return (error.user_message or "Stripe refused this.").strip()


def plain(answer: Any) -> dict[str, Any]:
    """As plain data: what Stripe leaves out is simply not there."""
    found: dict[str, Any] = answer.to_dict()
    return found
