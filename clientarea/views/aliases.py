"""Aliases, and those of them that only lead out of the service: redirects."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import CustomerRight
from clientarea.forms.aliases import AliasForm
from clientarea.forms.base import ConfirmForm
from clientarea.mirror import redirect_keys, synced
from clientarea.pages import ServiceRequest, service_page, show, wants_part
from clientarea.platform import Platform
from clientarea.tables import Column, table
from clientarea.writes import Done, Sheet, handle, posted
from config.exports import csv_response
from config.language import told
from provisioning import directory
from provisioning.contract import Capability
from provisioning.models import Alias

COLUMNS = (
    Column("address", gettext_lazy("Address"), "address"),
    Column("targets", gettext_lazy("Delivers to")),
    Column("flags", gettext_lazy("Options")),
)
EXPORTED = ("address", "display_name", "targets")
reading = service_page(capability=Capability.ALIASES)
writing = service_page(CustomerRight.MANAGE_MAIL, capability=Capability.ALIASES)


def _redirects(platform: Platform) -> bool:
    return platform.offers_redirects


@require_safe
@reading
def index(request: ServiceRequest) -> HttpResponse:
    return _list(request, request.service.aliases.all(), kind="aliases")


@require_safe
@service_page(capability=Capability.ALIASES, offered=_redirects)
def redirects(request: ServiceRequest) -> HttpResponse:
    rows = request.service.aliases.filter(pk__in=redirect_keys(request.service))
    return _list(request, rows, kind="redirects")


@require_safe
@reading
def export(request: ServiceRequest) -> HttpResponseBase:
    rows = request.service.aliases.order_by("address").values_list(*EXPORTED)
    texts = ((*row[:2], " ".join(row[2])) for row in rows.iterator(1000))
    return csv_response(f"aliases-{request.service.domain}", EXPORTED, texts)


@require_http_methods(["GET", "HEAD", "POST"])
@writing
def create(request: ServiceRequest) -> HttpResponse:
    return _create(request, kind="aliases")


@require_http_methods(["GET", "HEAD", "POST"])
@service_page(CustomerRight.MANAGE_MAIL, capability=Capability.ALIASES, offered=_redirects)
def create_redirect(request: ServiceRequest) -> HttpResponse:
    return _create(request, kind="redirects")


@require_http_methods(["GET", "HEAD", "POST"])
@writing
def edit(request: ServiceRequest, address: str) -> HttpResponse:
    alias = _alias(request, address)
    form = AliasForm(
        posted(request),
        platform=request.platform,
        address=alias.address,
        initial={
            "targets": tuple(alias.targets),
            "display_name": alias.display_name,
            "flags": alias.flags,
        },
    )

    def act() -> Done:
        directory.save_alias(request.service, form.alias(), create=False)
        return _done(request, "aliases", _("%s was saved.") % alias.address)

    return handle(request, form, act, _sheet(request, "edit", alias=alias))


@require_http_methods(["GET", "HEAD", "POST"])
@writing
def delete(request: ServiceRequest, address: str) -> HttpResponse:
    alias = _alias(request, address)
    form = ConfirmForm(posted(request))

    def act() -> Done:
        directory.delete_alias(request.service, alias.address)
        return _done(request, "aliases", _("%s was deleted.") % alias.address)

    return handle(request, form, act, _sheet(request, "delete", alias=alias))


def _create(request: ServiceRequest, *, kind: str) -> HttpResponse:
    form = AliasForm(posted(request), platform=request.platform)

    def act() -> Done:
        directory.save_alias(request.service, form.alias(), create=True)
        return _done(request, kind, _("%s was created.") % form.address)

    return handle(request, form, act, _sheet(request, "create", kind=kind))


def _list(request: ServiceRequest, rows: QuerySet[Alias], *, kind: str) -> HttpResponse:
    flags = request.platform.module.alias_flags if request.platform.module else ()
    columns = tuple(column for column in COLUMNS if column.code != "flags" or flags)
    context = {
        "table": table(request, rows, columns),
        "synced": synced(request.service),
        "kind": kind,
        "used": request.service.aliases.count(),
        "limit": request.platform.limits.aliases,
        "flag_labels": {flag.code: told(flag.label) for flag in flags},
    }
    part = "rows" if wants_part(request) else "index"
    return show(request, f"aliases/{part}.html", context)


def _alias(request: ServiceRequest, address: str) -> Alias:
    return get_object_or_404(request.service.aliases, address__iexact=address)


def _sheet(request: ServiceRequest, name: str, *, kind: str = "aliases", **context: Any) -> Sheet:
    return Sheet(
        template=f"aliases/{name}.html",
        back=_address(request, kind),
        context={"kind": kind, **context},
    )


def _done(request: ServiceRequest, kind: str, message: str) -> Done:
    return Done(url=_address(request, kind), message=message)


def _address(request: ServiceRequest, kind: str) -> str:
    return reverse(f"clientarea:{kind}", args=[request.service.public_id])
