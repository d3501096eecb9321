from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.base import BigList
from backoffice.filters import CallOutcome
from backoffice.look import ago, badge
from provisioning.models import ModuleCall

RETENTION = "Secrets are masked before a row is written. Rows are kept for {} days."


class ModuleCallAdmin(BigList):
    list_display = ("when", "server", "service", "operation", "outcome", "took")
    list_display_links = ("when", "operation")
    list_filter = (CallOutcome, "server")
    list_select_related = ("server", "service")
    search_fields = ("service__domain__startswith", "operation__startswith")
    search_help_text = "Domain or operation"
    fields = (
        "when_exactly", "server", "service", "command", "operation", "method", "url", "status",
        "took", "error", "sent", "received",
    )  # fmt: skip

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        note = {"list_note": RETENTION.format(settings.MODULE_LOG_DAYS)}
        response: HttpResponse = super().changelist_view(request, note | (extra_context or {}))
        return response

    @admin.display(description="when")
    def when(self, call: ModuleCall) -> str:
        return ago(call.at)

    @admin.display(description="when")
    def when_exactly(self, call: ModuleCall) -> str:
        return f"{call.at:%Y-%m-%d %H:%M:%S} UTC"

    @admin.display(description="outcome")
    def outcome(self, call: ModuleCall) -> SafeString:
        return outcome(call)

    @admin.display(description="took", ordering="duration_ms")
    def took(self, call: ModuleCall) -> str:
        return f"{call.duration_ms:,} ms"

    @admin.display(description="request")
    def sent(self, call: ModuleCall) -> SafeString:
        return _block(call.request)

    @admin.display(description="response")
    def received(self, call: ModuleCall) -> SafeString:
        return _block(call.response)


def outcome(call: ModuleCall) -> SafeString:
    if call.error:
        return badge(call.error[:60], "bad")
    return badge(call.status or "no answer", "good" if (call.status or 500) < 400 else "bad")


def _block(text: str) -> SafeString:
    return format_html('<pre class="bo-pre">{}</pre>', text or "–")
