"""Groups of mailboxes, under the name that the platform has for them; read from it each time."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.roles import CustomerRight
from clientarea.forms.base import ConfirmForm
from clientarea.forms.groups import GroupForm, MoveForm
from clientarea.pages import ServiceRequest, service_page
from clientarea.writes import Done, Sheet, handle, posted
from provisioning import directory
from provisioning.contract import Capability, Group, ModuleError
from provisioning.models import Service

reading = service_page(capability=Capability.GROUPS)
writing = service_page(CustomerRight.MANAGE_MAIL, capability=Capability.GROUPS)


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Who may see the service may look; adding is for those who manage mail."""
    right = writing if request.method == "POST" else reading
    return right(_list)(request, public_id=public_id)


def _list(request: ServiceRequest) -> HttpResponse:
    form = GroupForm(posted(request))

    def act() -> Done:
        name = form.cleaned_data["name"]
        directory.create_group(request.service, name)
        return _done(request, _("%s was created.") % name)

    groups, trouble = _read(request.service)
    return handle(request, form, act, _sheet(request, "index", groups=groups, trouble=trouble))


@require_http_methods(["GET", "HEAD", "POST"])
@writing
def move(request: ServiceRequest, name: str) -> HttpResponse:
    addresses = request.service.mailboxes.values_list("address", flat=True)
    form = MoveForm(posted(request), addresses=addresses)

    def act() -> Done:
        chosen = form.cleaned_data["mailboxes"]
        written = directory.move_mailboxes(request.service, chosen, name)
        said = _("%(count)d mailboxes were moved to %(name)s.")
        moved = len(chosen) - len(written.incomplete)
        message = said % {"count": moved, "name": name}
        return Done(url=_url(request), message=message, warnings=written.incomplete)

    return handle(request, form, act, _sheet(request, "move", name=_known(request, name)))


@require_http_methods(["GET", "HEAD", "POST"])
@writing
def delete(request: ServiceRequest, name: str) -> HttpResponse:
    form = ConfirmForm(posted(request))

    def act() -> Done:
        directory.delete_group(request.service, name)
        return _done(request, _("%s was deleted.") % name)

    return handle(request, form, act, _sheet(request, "delete", name=_known(request, name)))


def _read(service: Service) -> tuple[tuple[Group, ...], str]:
    """As the platform has them now, or none and a sentence on why not."""
    try:
        return directory.list_groups(service), ""
    except ModuleError as error:
        return (), error.message


def _known(request: ServiceRequest, name: str) -> str:
    """404 for a group that the platform does not list; its silence closes no page."""
    groups, trouble = _read(request.service) if request.method != "POST" else ((), "unread")
    if not trouble and name not in {group.name for group in groups}:
        raise Http404
    return name


def _sheet(request: ServiceRequest, page: str, **context: Any) -> Sheet:
    return Sheet(template=f"groups/{page}.html", back=_url(request), context=context)


def _done(request: ServiceRequest, message: str) -> Done:
    return Done(url=_url(request), message=message)


def _url(request: ServiceRequest) -> str:
    return reverse("clientarea:groups", args=[request.service.public_id])
