"""Into the mail platform without typing a password there."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.roles import CustomerRight
from clientarea.pages import ServiceRequest, service_page, show
from provisioning import sign_on
from provisioning.contract import Capability, LoginLink, ModuleError


@never_cache
@require_POST
@service_page(CustomerRight.SIGN_ON, capability=Capability.CUSTOMER_LOGIN)
def customer(request: ServiceRequest) -> HttpResponse:
    return _go(request, lambda: sign_on.customer_login(request.service), back="clientarea:service")


@never_cache
@require_POST
@service_page(CustomerRight.SIGN_ON, capability=Capability.MAILBOX_LOGIN)
def mailbox(request: ServiceRequest, address: str) -> HttpResponse:
    found = get_object_or_404(request.service.mailboxes, address__iexact=address)
    return _go(
        request,
        lambda: sign_on.mailbox_login(request.service, found.address),
        back="clientarea:mailboxes",
    )


def _go(request: ServiceRequest, ask: Callable[[], LoginLink], *, back: str) -> HttpResponse:
    """A page that goes on by itself: browsers hold a redirect after a form to our own addresses."""
    try:
        link = ask()
    except ModuleError as error:
        messages.error(request, error.message)
        return redirect(back, request.service.public_id)
    response = show(request, "services/leaving.html", {"link": link})
    response["Referrer-Policy"] = "no-referrer"
    place = urlsplit(link.url)
    response._csp_update = {"form-action": [f"{place.scheme}://{place.netloc}"]}  # type: ignore[attr-defined]
    return response
