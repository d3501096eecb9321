"""Refusals in Stripe's own shape."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """`kept`: execution had begun, so the idempotency key remembers it."""

    kept = False
    status = 400
    type = "invalid_request_error"

    def __init__(self, message: str, *, code: str = "", param: str = "", **more: Any) -> None:
        super().__init__(message)
        named = {"code": code, "param": param} | more
        self.error = {"type": self.type, "message": message} | {
            name: value for name, value in named.items() if value
        }


class NoSuch(Refused):
    status = 404

    def __init__(self, noun: str, key: str) -> None:
        super().__init__(f"No such {noun}: '{key}'", code="resource_missing", param="id")


class BadKey(Refused):
    status = 401


class KeyReused(Refused):
    type = "idempotency_error"


class Declined(Refused):
    """402: the card's bank said no. The payment comes along."""

    kept = True
    status = 402
    type = "card_error"
