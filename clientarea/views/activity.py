from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import AuditEvent
from clientarea.history import told
from clientarea.pages import ServiceRequest, service_page, show
from clientarea.tables import Column, table
from provisioning.models import Service

COLUMNS = (Column("at", "When", "at"), Column("what", "What"), Column("who", "Who"))


@require_safe
@service_page()
def index(request: ServiceRequest) -> HttpResponse:
    """The newest first; nothing of other services, nothing that staff keep to themselves."""
    events = AuditEvent.objects.filter(
        customer=request.customer,
        object_type=Service._meta.label_lower,
        object_id=str(request.service.pk),
    ).select_related("actor")
    query = request.GET.copy()
    query.setdefault("sort", "-at")
    request.GET = query  # type: ignore[assignment]
    page = table(request, events, COLUMNS, search_field="")
    rows = [told(event) for event in page.page.object_list]
    return show(request, "services/activity.html", {"table": page, "rows": rows})
