from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from clientarea.history import events_of, told
from clientarea.pages import ServiceRequest, service_page, show
from clientarea.tables import Column, table

COLUMNS = (Column("at", "At", "at"),)


@require_safe
@service_page()
def index(request: ServiceRequest) -> HttpResponse:
    """The newest first; nothing of other services, nothing that staff keep to themselves."""
    events = events_of(request.service).select_related("actor")
    page = table(request, events, COLUMNS, search_field="", newest_first=True)
    rows = [told(event) for event in page.page.object_list]
    return show(request, "services/activity.html", {"table": page, "rows": rows})
