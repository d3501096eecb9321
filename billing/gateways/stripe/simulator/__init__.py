"""A Stripe that is not one: its wire protocol, its test cards, its page and its events."""

from __future__ import annotations

from billing.gateways.stripe.simulator.server import KEY, SECRET, StripeSimulator

__all__ = ["KEY", "SECRET", "StripeSimulator"]
