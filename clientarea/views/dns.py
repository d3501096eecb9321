from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clientarea import dns
from clientarea.forms.dmarc import DmarcForm, suggested
from clientarea.pages import ServiceRequest, service_page, show, wants_part
from provisioning.contract import Capability, ModuleError
from provisioning.contract.dns import DmarcExpectation
from provisioning.dnsguide import panels

reading = service_page(capability=Capability.DNS_GUIDE, early=True)


@require_safe
@reading
def guide(request: ServiceRequest) -> HttpResponse:
    try:
        found = dns.read(request.service)
    except ModuleError as error:
        return show(request, "dns/index.html", {"trouble": error.message})
    by_code = {panel.code: panel for panel in panels.PANELS}
    chosen = by_code.get(request.GET.get("panel", ""), found.panel)
    context = {"guide": found, "panel": chosen, "panels": panels.PANELS, "tones": dns.TONES}
    return show(request, "dns/index.html", context)


@require_POST
@reading
def refresh(request: ServiceRequest) -> HttpResponse:
    try:
        found = dns.read(request.service, refresh=True)
    except ModuleError as error:
        messages.error(request, error.message)
    else:
        _say(request, refreshed=found.refreshed)
    return redirect("clientarea:dns", request.service.public_id)


@require_safe
@reading
def pills(request: ServiceRequest) -> HttpResponse:
    """A fragment for the home page, fetched after it."""
    if dns.remembered(request.service) is None:
        try:
            dns.read(request.service)
        except ModuleError as error:
            return show(request, "dns/pills.html", {"trouble": error.message})
    context = {"pills": dns.remembered(request.service), "service": request.service}
    return show(request, "dns/pills.html", context)


@require_safe
@reading
def dmarc(request: ServiceRequest) -> HttpResponse:
    asked = "p" in request.GET
    form = DmarcForm(request.GET if asked else suggested(_expected(request)))
    form.is_valid()
    page = "dmarc_record" if wants_part(request) else "dmarc"
    return show(request, f"dns/{page}.html", {"form": form})


def _expected(request: ServiceRequest) -> DmarcExpectation:
    """Only pre-fills the form, so a platform that is down does not close the page."""
    try:
        return dns.expectations(request.service).dmarc
    except ModuleError:
        return DmarcExpectation()


def _say(request: ServiceRequest, *, refreshed: bool) -> None:
    if refreshed:
        messages.success(request, _("DNS was asked again just now."))
    else:
        messages.info(request, _("DNS was asked a moment ago. Try again in half a minute."))
