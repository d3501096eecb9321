"""The account itself: what is still missing before it can be used, and what is shown on request."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.roles import CustomerRight
from clientarea import account, condition, tokens
from clientarea.overview import Overview
from clientarea.pages import ServiceRequest, service_page, show
from provisioning import services
from provisioning.contract import ModuleError
from provisioning.engine import observation
from provisioning.models import Service


@require_POST
@service_page()
def check(request: ServiceRequest) -> HttpResponse:
    """Look at the platform now."""
    service = request.service
    if condition.of(service).step in account.CHECKED:
        _look(request)
    return redirect("clientarea:service", service.public_id)


@require_POST
@service_page(CustomerRight.MANAGE_MAIL)
def start_again(request: ServiceRequest) -> HttpResponse:
    """A creation that was given up on the platform because a proof came too late."""
    service = request.service
    if condition.of(service).step == "start_again":
        token = request.POST.get(tokens.FIELD) or tokens.fresh()
        services.deliver(service, cause=f"again:{token[:64]}", by=request.user)
        messages.success(request, _("The set-up was started again. Reload this page in a minute."))
    return redirect("clientarea:service", service.public_id)


@never_cache
@require_POST
@service_page(CustomerRight.SIGN_ON)
def reveal(request: ServiceRequest) -> HttpResponse:
    """The overview with one secret fact open; who saw it is on record."""
    service, label = request.service, request.POST.get("fact", "")
    card = Overview(service)
    known = {fact.label for fact in card.account.facts if fact.secret}
    if not card.condition.ready or label not in known:
        return redirect("clientarea:service", service.public_id)
    audit.record("service.secret_shown", service, after={"name": label})
    context = {"card": card, "revealed": label}
    return show(request, "services/page.html", context)


def _look(request: ServiceRequest) -> None:
    try:
        seen = observation.refresh(request.service)
    except ModuleError as error:
        messages.error(request, error.message)
        return
    if seen.observed == Service.Observed.ACTIVE:
        messages.success(request, _("It is there: the service can be used."))
    else:
        messages.info(request, _("Not yet. DNS changes can take a few hours; we keep looking."))
