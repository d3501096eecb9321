"""What every page goes through: who is looking, for which customer, at which service."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from accounts.access import Access, CustomerRequest, owned_or_404, require_right
from accounts.roles import CustomerRight
from clientarea import condition
from clientarea.platform import Platform
from clientarea.zones import zone_or_default
from provisioning.contract import Capability
from provisioning.models import Service

P = ParamSpec("P")
View = Callable[Concatenate[CustomerRequest, P], HttpResponseBase]
Routed = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

UNPROCESSABLE = 422
BUTTONS = {
    "may_change": CustomerRight.MANAGE_MAIL,
    "may_sign_on": CustomerRight.SIGN_ON,
    "may_see_money": CustomerRight.VIEW_INVOICES,
    "may_pay": CustomerRight.PAY,
    "may_order": CustomerRight.ORDER,
}
CONFLICT = 409


class ServiceRequest(CustomerRequest):
    """What a page of one service receives."""

    platform: Platform
    service: Service


ServiceView = Callable[Concatenate[ServiceRequest, P], HttpResponseBase]


def customer_page(right: CustomerRight) -> Callable[[View[P]], Routed[P]]:
    """Times are told in the customer's zone."""

    def decorate(view: View[P]) -> Routed[P]:
        @wraps(view)
        def page(request: CustomerRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            with timezone.override(zone_or_default(request.customer.time_zone)):
                return view(request, *args, **kwargs)

        return require_right(right)(cast("View[P]", page))

    return decorate


def service_page(
    right: CustomerRight = CustomerRight.VIEW_SERVICES,
    *,
    capability: Capability | None = None,
    early: bool = False,
    offered: Callable[[Platform], bool] = lambda platform: True,
) -> Callable[[ServiceView[P]], Callable[..., HttpResponseBase]]:
    """A page of one service of the current customer; any other service does not exist.

    With a `capability` the service also needs an account on a platform that has it, and, where
    the right is to change something, one that takes changes. `early`: begun is enough.
    """

    def decorate(view: ServiceView[P]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def page(request: CustomerRequest, public_id: str, **kwargs: Any) -> HttpResponseBase:
            here = _enter(request, public_id)
            if capability is None:
                return view(here, **kwargs)  # type: ignore[call-arg]
            if not here.platform.has(capability) or not offered(here.platform):
                raise Http404
            blocked = _blocked(here, early=early, writing=right == CustomerRight.MANAGE_MAIL)
            return blocked or view(here, **kwargs)  # type: ignore[call-arg]

        return customer_page(right)(page)

    return decorate


def services(request: CustomerRequest) -> QuerySet[Service]:
    mine = Service.objects.filter(customer=request.customer)
    return mine.select_related("product", "server", "customer")


def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    context = {**_rights(request), **context}
    response = render(request, f"clientarea/{template}", context, status=status)
    patch_vary_headers(response, ["HX-Request"])  # or "back" shows a part where a page was
    return response


def wants_part(request: HttpRequest) -> bool:
    """A script asks for what changes alone; one that restores a page wants all of it."""
    asked = "HX-Request" in request.headers
    return asked and "HX-History-Restore-Request" not in request.headers


def show_form(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """`context["form"]`, with the status that says whether it was refused."""
    refused = context["form"].is_bound
    return show(request, template, context, status=UNPROCESSABLE if refused else 200)


def _rights(request: HttpRequest) -> dict[str, Any]:
    """What decides which buttons a page has; the views behind them check for themselves."""
    access: Access | None = getattr(request, "access", None)
    found = {name: bool(access and access.has_right(right)) for name, right in BUTTONS.items()}
    platform: Platform | None = getattr(request, "platform", None)
    if platform is None:
        return found
    found["may_start"] = found["may_change"]
    found["may_change"] &= condition.of(platform.service).writable
    found["can_open_mailbox"] = platform.has(Capability.MAILBOX_LOGIN)
    return {**found, "nouns": platform.nouns}


def _enter(request: CustomerRequest, public_id: str) -> ServiceRequest:
    here = cast(ServiceRequest, request)
    here.service = owned_or_404(request, services(request), public_id=public_id)
    here.platform = Platform.of(here.service)
    return here


def _blocked(request: ServiceRequest, *, early: bool, writing: bool) -> HttpResponse | None:
    state = condition.of(request.service)
    open_enough = state.ready or (early and state.begun)
    if open_enough and (state.writable or not writing):
        return None
    return show(request, "services/blocked.html", {"condition": state}, status=CONFLICT)
