from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.roles import CustomerRight
from clientarea.forms.base import ConfirmForm
from clientarea.forms.domain_aliases import DomainAliasForm
from clientarea.mirror import synced
from clientarea.pages import ServiceRequest, service_page
from clientarea.platform import Platform
from clientarea.writes import Done, Sheet, handle, posted
from provisioning import directory
from provisioning.contract import Capability


def _offered(platform: Platform) -> bool:
    return platform.offers_domain_aliases


reading = service_page(capability=Capability.DOMAIN_ALIASES, offered=_offered)
writing = service_page(
    CustomerRight.MANAGE_MAIL, capability=Capability.DOMAIN_ALIASES, offered=_offered
)


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Who may see the service may look; adding is for those who manage mail."""
    right = writing if request.method == "POST" else reading
    return right(_list)(request, public_id=public_id)


def _list(request: ServiceRequest) -> HttpResponse:
    service = request.service
    form = DomainAliasForm(posted(request), domain=service.domain)

    def act() -> Done:
        name = form.cleaned_data["name"]
        directory.add_domain_alias(service, name)
        return Done(url=_url(request), message=_("%s was added.") % name)

    rows, limit = list(service.domain_aliases.all()), request.platform.limits.domain_aliases
    context = {
        "rows": rows,
        "limit": limit,
        "full": limit is not None and len(rows) >= limit,
        "synced": synced(service),
    }
    sheet = Sheet(template="domain_aliases/index.html", back=_url(request), context=context)
    return handle(request, form, act, sheet)


@require_http_methods(["GET", "HEAD", "POST"])
@writing
def delete(request: ServiceRequest, name: str) -> HttpResponse:
    row = get_object_or_404(request.service.domain_aliases, name__iexact=name)
    form = ConfirmForm(posted(request), word=row.name)

    def act() -> Done:
        directory.delete_domain_alias(request.service, row.name)
        return Done(url=_url(request), message=_("%s was removed.") % row.name)

    context = {"row": row}
    sheet = Sheet(template="domain_aliases/delete.html", back=_url(request), context=context)
    return handle(request, form, act, sheet)


def _url(request: ServiceRequest) -> str:
    return reverse("clientarea:domain_aliases", args=[request.service.public_id])
