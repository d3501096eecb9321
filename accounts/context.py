from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts import impersonation
from accounts.access import current_access


def people(request: HttpRequest) -> dict[str, Any]:
    """`current_customer`, `membership_rights`, `impersonating`; they cost no query until used."""

    def customer() -> Any:
        access = current_access(request)
        return access and access.customer

    def rights() -> frozenset[str]:
        access = current_access(request)
        return access.rights if access else frozenset()

    return {
        "current_customer": SimpleLazyObject(customer),
        "membership_rights": SimpleLazyObject(rights),
        "impersonating": impersonation.current(request),
        "SIGNUP_OPEN": settings.SIGNUP_OPEN,
        "LANGUAGES": settings.LANGUAGES,
    }
