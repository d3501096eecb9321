"""What gateways told, and what came of each try to collect."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString

from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice.base import BigList
from backoffice.buttons import Answer, Button
from backoffice.look import ago, badge, state_badge
from billing.gateways.registry import label_of
from billing.models import ChargeAttempt, GatewayEvent
from billing.payments import collect, events
from config.money import format_money


def _again(_request: StaffRequest, row: GatewayEvent, _data: dict[str, Any]) -> Answer:
    events.work_off(row.pk)
    row.refresh_from_db()
    return row.outcome or "The gateway does not answer; it is tried again every minute."


def _seen(_request: StaffRequest, row: GatewayEvent, _data: dict[str, Any]) -> Answer:
    events.seen(row)
    return "Marked as seen."


class GatewayEventAdmin(BigList):
    list_display = ("received", "gateway", "kind", "stands", "outcome")
    list_filter = ("refused", "gateway")
    search_fields = ("event_id__startswith", "kind__startswith")
    fields = (
        "gateway", "kind", "event_id", "received_at", "handled_at", "stands", "outcome", "body",
    )  # fmt: skip
    buttons = (
        Button(
            name="again", label="Work off now", icon="refresh", act=_again,
            right=StaffRight.MANAGE_BILLING, shown=lambda row: row.handled_at is None,
        ),
        Button(
            name="seen", label="Seen", icon="done", act=_seen, right=StaffRight.MANAGE_BILLING,
            shown=lambda row: row.refused,
        ),
    )  # fmt: skip

    @admin.display(description="received", ordering="received_at")
    def received(self, row: GatewayEvent) -> str:
        return ago(row.received_at)

    @admin.display(description="status")
    def stands(self, row: GatewayEvent) -> SafeString:
        if row.refused:
            return badge("Contradicts our rows", "bad")
        return badge("Done", "good") if row.handled_at else badge("Waiting", "warn")


def _look_again(_request: StaffRequest, row: ChargeAttempt, _data: dict[str, Any]) -> Answer:
    done = collect.carry_out(row, again=True)
    return f"{done.get_status_display()}. {done.error}".strip()


def _is_stuck(row: ChargeAttempt) -> bool:
    return row.status == ChargeAttempt.Status.STARTED and row.method_id is not None


class ChargeAttemptAdmin(BigList):
    list_display = ("created", "invoice", "number", "way", "money", "stands", "error")
    list_filter = ("status", "gateway")
    list_select_related = ("invoice", "method")
    search_fields = ("invoice__number__startswith", "external_id__startswith")
    fields = (
        "invoice", "number", "way", "money", "stands", "external_id", "error", "created_at",
        "finished_at",
    )  # fmt: skip
    buttons = (
        Button(
            name="look", label="Look it up", icon="search", act=_look_again,
            right=StaffRight.MANAGE_BILLING, shown=_is_stuck,
        ),
    )  # fmt: skip

    @admin.display(description="started", ordering="created_at")
    def created(self, row: ChargeAttempt) -> str:
        return ago(row.created_at)

    @admin.display(description="by", ordering="gateway")
    def way(self, row: ChargeAttempt) -> str:
        return str(row.method or f"{label_of(row.gateway)}, on its page")

    @admin.display(description="amount", ordering="amount")
    def money(self, row: ChargeAttempt) -> str:
        return format_money(row.amount, row.invoice.currency)

    @admin.display(description="status", ordering="status")
    def stands(self, row: ChargeAttempt) -> SafeString:
        return state_badge(row, "status")
