"""What was deleted and can still be brought back; read from the platform each time."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import CustomerRight
from clientarea.forms.base import ConfirmForm
from clientarea.pages import ServiceRequest, service_page, show
from clientarea.writes import Done, Sheet, handle, posted
from provisioning import directory
from provisioning.contract import Capability, DeletedMailbox, ModuleError

writing = service_page(CustomerRight.MANAGE_MAIL, capability=Capability.RESTORE)


@require_safe
@service_page(capability=Capability.RESTORE)
def index(request: ServiceRequest) -> HttpResponse:
    rows, trouble = _read(request)
    return show(request, "deleted/index.html", {"rows": rows, "trouble": trouble})


@require_http_methods(["GET", "HEAD", "POST"])
@writing
def restore(request: ServiceRequest, key: str) -> HttpResponse:
    form = ConfirmForm(posted(request))
    here = reverse("clientarea:deleted", args=[request.service.public_id])

    def act() -> Done:
        address = directory.restore(request.service, key)
        return Done(url=here, message=_("%s is back, with all that was in it.") % address)

    rows, trouble = _read(request)
    row = next((row for row in rows if row.id == key), None)
    if row is None and not trouble and request.method != "POST":
        raise Http404
    context = {"row": row, "trouble": trouble}
    return handle(
        request, form, act, Sheet(template="deleted/restore.html", back=here, context=context)
    )


def _read(request: ServiceRequest) -> tuple[tuple[DeletedMailbox, ...], str]:
    """As the platform has them now, or none and a sentence on why not."""
    try:
        return directory.list_deleted(request.service), ""
    except ModuleError as error:
        return (), error.message
