"""Distribution lists, under the name that the platform has for them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import CustomerRight
from clientarea.forms.base import ConfirmForm
from clientarea.forms.lists import ListForm, MembersForm
from clientarea.mirror import synced
from clientarea.pages import ServiceRequest, service_page, show, wants_part
from clientarea.tables import Column, table
from clientarea.writes import Done, Sheet, handle, posted
from provisioning import directory
from provisioning.contract import Capability, ModuleError
from provisioning.models import DistributionList

COLUMNS = (
    Column("address", gettext_lazy("Address"), "address"),
    Column("description", gettext_lazy("Description"), "description"),
    Column("members", gettext_lazy("Members"), "member_count"),
)
writing = service_page(CustomerRight.MANAGE_MAIL, capability=Capability.LISTS)


@require_safe
@service_page(capability=Capability.LISTS)
def index(request: ServiceRequest) -> HttpResponse:
    told = "description" in request.platform.list_details
    columns = tuple(column for column in COLUMNS if column.code != "description" or told)
    context = {
        "table": table(request, request.service.lists.all(), columns, search_field="address"),
        "synced": synced(request.service),
        "used": request.service.lists.count(),
        "limit": request.platform.limits.lists,
    }
    part = "rows" if wants_part(request) else "index"
    return show(request, f"lists/{part}.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@writing
def create(request: ServiceRequest) -> HttpResponse:
    form = ListForm(posted(request), platform=request.platform)

    def act() -> Done:
        directory.create_list(request.service, form.mailing_list())
        return _done(request, _("%s was created.") % form.address)

    return handle(request, form, act, _sheet(request, "form"))


@require_http_methods(["GET", "HEAD", "POST"])
@writing
def edit(request: ServiceRequest, address: str) -> HttpResponse:
    row = _row(request, address)
    form = ListForm(
        posted(request),
        platform=request.platform,
        address=row.address,
        initial={"description": row.description, "owner": row.owner},
    )

    def act() -> Done:
        directory.update_list(request.service, form.mailing_list())
        return _done(request, _("%s was saved.") % row.address)

    return handle(request, form, act, _sheet(request, "form", row=row))


@require_http_methods(["GET", "HEAD", "POST"])
@writing
def members(request: ServiceRequest, address: str) -> HttpResponse:
    row = _row(request, address)
    now, trouble = _members(request, row)
    form = MembersForm(posted(request), members=now)

    def act() -> Done:
        added, removed = form.new_members(), tuple(form.cleaned_data["remove"])
        directory.change_members(request.service, row.address, add=added, remove=removed)
        counts = {"added": len(added), "removed": len(removed)}
        said = _("%(added)d added, %(removed)d removed.") % counts
        return Done(url=_members_url(request, row), message=said)

    sheet = _sheet(request, "members", row=row, trouble=trouble, members=now, chosen=form.ticked())
    return handle(request, form, act, sheet)


@require_http_methods(["GET", "HEAD", "POST"])
@writing
def delete(request: ServiceRequest, address: str) -> HttpResponse:
    row = _row(request, address)
    form = ConfirmForm(posted(request))

    def act() -> Done:
        directory.delete_list(request.service, row.address)
        return _done(request, _("%s was deleted.") % row.address)

    return handle(request, form, act, _sheet(request, "delete", row=row))


def _members(request: ServiceRequest, row: DistributionList) -> tuple[tuple[str, ...], str]:
    """Members as the platform has them now, or none and a sentence on why not."""
    try:
        return tuple(directory.list_members(request.service, row.address)), ""
    except ModuleError as error:
        return (), error.message


def _row(request: ServiceRequest, address: str) -> DistributionList:
    return get_object_or_404(request.service.lists, address__iexact=address)


def _sheet(request: ServiceRequest, name: str, **context: Any) -> Sheet:
    return Sheet(template=f"lists/{name}.html", back=_url(request), context=context)


def _done(request: ServiceRequest, message: str) -> Done:
    return Done(url=_url(request), message=message)


def _url(request: ServiceRequest) -> str:
    return reverse("clientarea:lists", args=[request.service.public_id])


def _members_url(request: ServiceRequest, row: DistributionList) -> str:
    return reverse("clientarea:list_members", args=[request.service.public_id, row.address])
