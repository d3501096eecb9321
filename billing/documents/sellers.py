"""The seller and the buyer as a document copies them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from accounts.models import Customer
from billing.models import Seller

_SELLER = (
    "name", "address", "city", "region", "postcode", "country", "tax_number", "registration",
    "email", "phone", "website", "payment_instructions", "footer",
)  # fmt: skip
_BUYER = (
    "name", "company", "address", "city", "region", "postcode", "country", "tax_number", "email",
    "language",
)  # fmt: skip


def seller() -> Seller:
    """ImproperlyConfigured when nobody has entered the seller's details yet."""
    found = Seller.objects.order_by("pk").first()
    if found is None:
        raise ImproperlyConfigured("Enter the seller's details before issuing invoices.")
    return found


def seller_copy(party: Seller) -> dict[str, Any]:
    return {name: getattr(party, name) for name in _SELLER}


def buyer_copy(party: Customer) -> dict[str, Any]:
    return {name: getattr(party, name) for name in _BUYER}
