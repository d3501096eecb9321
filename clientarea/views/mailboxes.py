"""The mailboxes of a service as the mirror has them: no platform is asked."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from clientarea.mirror import synced
from clientarea.pages import ServiceRequest, service_page, show, wants_part
from clientarea.tables import Column, table
from config.exports import csv_response
from provisioning.contract import Capability

COLUMNS = (
    Column("address", _("Mailbox"), "address"),
    Column("size", _("Size"), "size_bytes"),
    Column("features", _("Synchronisation")),
    Column("login", _("Last sign-in"), "last_login_at"),
    Column("status", _("Status"), "enabled"),
)
EXPORTED = (
    "address",
    "display_name",
    "size_bytes",
    "quota_bytes",
    "enabled",
    "last_login_at",
    "features",
    "forward_to",
)


@require_safe
@service_page(capability=Capability.MAILBOXES)
def index(request: ServiceRequest) -> HttpResponse:
    platform = request.platform
    columns = tuple(column for column in COLUMNS if column.code != "features" or platform.features)
    mailboxes = table(request, request.service.mailboxes.all(), columns)
    used, limit = request.service.mailboxes.count(), platform.limits.mailboxes
    context = {
        "table": mailboxes,
        "synced": synced(request.service),
        "limit": limit,
        "used": used,
        "full": limit is not None and used >= limit,
        "feature_labels": {feature.code: feature.label for feature in platform.features},
    }
    part = "rows" if wants_part(request) else "index"
    return show(request, f"mailboxes/{part}.html", context)


@require_safe
@service_page(capability=Capability.MAILBOXES)
def export(request: ServiceRequest) -> HttpResponseBase:
    rows = request.service.mailboxes.order_by("address").values_list(*EXPORTED)
    texts = (
        (*row[:6], " ".join(row[6] or ()), " ".join(row[7] or ())) for row in rows.iterator(1000)
    )
    return csv_response(f"mailboxes-{request.service.domain}", EXPORTED, texts)
