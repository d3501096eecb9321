from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import CustomerRight
from clientarea.forms.base import PanelForm
from clientarea.pages import ServiceRequest, service_page
from clientarea.writes import Done, Sheet, handle
from provisioning import directory
from provisioning.contract import Capability, DkimKey, ModuleError
from provisioning.contract.dns import DkimExpectation, DkimState
from provisioning.dnsguide.dkim import wanted_record
from provisioning.models import Service

writing = service_page(CustomerRight.MANAGE_MAIL, capability=Capability.DKIM)


@require_safe
@service_page(capability=Capability.DKIM)
def index(request: ServiceRequest) -> HttpResponse:
    return _page(request, PanelForm(), _never)


@require_POST
@writing
def enable(request: ServiceRequest) -> HttpResponse:
    said = _("Mail is signed from now on. Publish the record below, if it is not in DNS yet.")
    return _switch(request, directory.enable_dkim, said)


@require_POST
@writing
def disable(request: ServiceRequest) -> HttpResponse:
    return _switch(request, directory.disable_dkim, _("Mail is no longer signed."))


def _switch(
    request: ServiceRequest, change: Callable[[Service], object], said: str
) -> HttpResponse:
    def act() -> Done:
        change(request.service)
        return Done(url=_url(request), message=said)

    return _page(request, PanelForm(request.POST), act)


def _page(request: ServiceRequest, form: PanelForm, act: Callable[[], Done]) -> HttpResponse:
    key, trouble = _read(request.service) if request.method != "POST" else (None, "")
    context = {"key": key, "record": _record(key), "trouble": trouble}
    sheet = Sheet(template="dkim/index.html", back=_url(request), context=context)
    return handle(request, form, act, sheet)


def _read(service: Service) -> tuple[DkimKey | None, str]:
    try:
        return directory.read_dkim(service), ""
    except ModuleError as error:
        return None, error.message


def _record(key: DkimKey | None) -> object:
    if key is None or not key.public_key:
        return None
    return wanted_record(
        DkimExpectation(
            state=DkimState(key.state), selector=key.selector, public_key=key.public_key
        )
    )


def _never() -> Done:
    raise AssertionError("a page that is only read changes nothing")


def _url(request: ServiceRequest) -> str:
    return reverse("clientarea:dkim", args=[request.service.public_id])
