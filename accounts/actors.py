"""Who is behind a web request, as the audit trail writes it down."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

from accounts import impersonation
from accounts.audit import Actor
from accounts.models import User

VISITOR = "visitor"


def actor_of(request: HttpRequest) -> Actor:
    user = request.user if isinstance(request.user, User) else None
    shown = impersonation.current(request)
    return Actor(
        user=user,
        label=str(user or VISITOR),
        acting_for=str(shown.customer) if shown else "",
        ip=client_ip(request),
        request_id=getattr(request, "request_id", ""),
    )


def client_ip(request: HttpRequest) -> str | None:
    """The visitor's address behind TRUSTED_PROXY_COUNT proxies; None when they do not tell it."""
    try:
        ip: str = get_adapter().get_client_ip(request)
    except (PermissionDenied, ImproperlyConfigured):
        return None
    return ip
