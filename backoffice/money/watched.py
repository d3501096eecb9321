"""Runs that workers carry out, on pages that come again by themselves until they are done."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from backoffice.base import ReadOnly
from backoffice.look import ago, state_badge
from billing.nightly.progress import LOST
from config import clock
from config.money import format_money
from provisioning.models import Service

EVERY = 3  # seconds
RUNNING = "running"


class Watched(ReadOnly):
    """Of rows with status, started_at, heartbeat_at, due_services, billed_services and failures."""

    list_filter = ("status",)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        response: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        row = self.get_object(request, object_id)
        if row is not None and is_alive(row):
            response["Refresh"] = str(EVERY)
        return response

    def panels(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        running = obj.status == RUNNING
        return {
            "running": running,
            "lost": running and not is_alive(obj),
            "failures": _failures({row["service"]: row["error"] for row in obj.failures}),
            "stop_reason": obj.stop_reason,
        }

    @admin.display(description="status", ordering="status")
    def stands(self, row: Any) -> SafeString:
        return state_badge(row, "status")

    @admin.display(description="started", ordering="started_at")
    def started(self, row: Any) -> str:
        return ago(row.started_at)

    @admin.display(description="failed")
    def failed(self, row: Any) -> int:
        return len(row.failures)

    @admin.display(description="issued")
    def money(self, row: Any) -> str:
        sums = ((Decimal(total), currency) for currency, total in sorted(row.totals.items()))
        return " · ".join(format_money(total, currency) for total, currency in sums) or "–"


def is_alive(row: Any) -> bool:
    fresh: bool = row.heartbeat_at > clock.now() - LOST
    return row.status == RUNNING and fresh


def _failures(found: dict[int, str]) -> list[tuple[Service | None, str]]:
    services = Service.objects.in_bulk(found)
    return [(services.get(pk), error) for pk, error in found.items()]
