"""Settings of a mail domain or of one mailbox, as the platform declares them page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import CustomerRight
from clientarea import condition
from clientarea.forms.mail_settings import SettingsForm, seen_before
from clientarea.pages import ServiceRequest, service_page, show
from clientarea.writes import Done, Sheet, handle, posted
from provisioning import directory
from provisioning.contract import Capability, ModuleError, SettingsPage, SettingsSeen

TEMPLATE = "mail_settings.html"


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Spot:
    """A page, and whose it is: `address` is blank for the whole domain."""

    page: SettingsPage
    address: str
    url: str
    back: str
    tabs: tuple[Tab, ...]  # of all pages beside this one, itself among them


@require_safe
@service_page(capability=Capability.MAIL_SETTINGS)
def index(request: ServiceRequest) -> HttpResponse:
    """The first page: which there are is the platform's to say."""
    page = next(iter(request.platform.domain_pages), None)
    if page is None:
        raise Http404
    return redirect("clientarea:settings", request.service.public_id, page.code)


@require_http_methods(["GET", "HEAD", "POST"])
def of_domain(request: HttpRequest, public_id: str, code: str) -> HttpResponseBase:
    view = _change if request.method == "POST" else _look
    return view(request, public_id, code=code, address="")


@require_http_methods(["GET", "HEAD", "POST"])
def of_mailbox(request: HttpRequest, public_id: str, address: str, code: str) -> HttpResponseBase:
    view = _change if request.method == "POST" else _look
    return view(request, public_id, code=code, address=address)


@service_page(capability=Capability.MAIL_SETTINGS)
def _look(request: ServiceRequest, code: str, address: str) -> HttpResponse:
    spot = _spot(request, code, address)
    seen, trouble = _read(request, spot)
    if seen is None:
        return _nothing(request, spot, trouble)
    return show(request, TEMPLATE, {**_context(spot, seen), "form": _form(request, spot, seen)})


@service_page(CustomerRight.MANAGE_MAIL, capability=Capability.MAIL_SETTINGS)
def _change(request: ServiceRequest, code: str, address: str) -> HttpResponse:
    spot = _spot(request, code, address)
    seen, trouble = seen_before(request.POST, spot.page, _place(request, spot)), ""
    if seen is None:
        seen, trouble = _read(request, spot)
    if seen is None:
        return _nothing(request, spot, trouble)
    form = _form(request, spot, seen)

    def act() -> Done:
        changes = form.changes()
        written = directory.write_settings(request.service, code, changes, spot.address)
        said = _("%s: saved.") if changes else _("%s: nothing was changed.")
        return Done(url=spot.url, message=said % spot.page.label, warnings=written.incomplete)

    return handle(request, form, act, _sheet(spot, seen))


def _spot(request: ServiceRequest, code: str, address: str) -> Spot:
    """Only mailboxes that the mirror shows have settings here."""
    platform, here = request.platform, request.service.public_id
    if not address:
        back = reverse("clientarea:service", args=[here])
        return _among(platform.domain_pages, code, "", back, ("clientarea:settings", here))
    found = get_object_or_404(request.service.mailboxes, address__iexact=address).address
    back = reverse("clientarea:mailbox_edit", args=[here, found])
    name = ("clientarea:mailbox_settings", here, found)
    return _among(platform.mailbox_pages, code, found, back, name)


def _among(
    pages: Sequence[SettingsPage], code: str, address: str, back: str, name: tuple[str, ...]
) -> Spot:
    """`name` is that of their URLs, with all its arguments but the last."""
    urls = {each.code: reverse(name[0], args=[*name[1:], each.code]) for each in pages}
    page = next((each for each in pages if each.code == code), None)
    if page is None:
        raise Http404
    tabs = tuple(Tab(each.label, urls[each.code], each is page) for each in pages)
    return Spot(page, address, urls[code], back, tabs)


def _read(request: ServiceRequest, spot: Spot) -> tuple[SettingsSeen | None, str]:
    try:
        return directory.read_settings(request.service, spot.page.code, spot.address), ""
    except ModuleError as error:
        return None, error.message


def _form(request: ServiceRequest, spot: Spot, seen: SettingsSeen) -> SettingsForm:
    changeable = request.access.has_right(CustomerRight.MANAGE_MAIL)
    return SettingsForm(
        posted(request),
        page=spot.page,
        seen=seen,
        place=_place(request, spot),
        locked=not (changeable and condition.of(request.service).writable),
    )


def _sheet(spot: Spot, seen: SettingsSeen) -> Sheet:
    return Sheet(template=TEMPLATE, back=spot.back, context=_context(spot, seen))


def _nothing(request: ServiceRequest, spot: Spot, trouble: str) -> HttpResponse:
    """No form: it could overwrite what nobody has seen."""
    return show(request, TEMPLATE, {"spot": spot, "trouble": trouble})


def _context(spot: Spot, seen: SettingsSeen) -> dict[str, object]:
    return {"spot": spot, "notices": seen.notices}


def _place(request: ServiceRequest, spot: Spot) -> str:
    return f"{request.service.public_id}:{spot.address}"
