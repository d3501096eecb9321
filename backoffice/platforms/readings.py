from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.access import StaffRequest
from accounts.models import User
from accounts.roles import StaffRight
from backoffice.base import BigList, may
from backoffice.buttons import REFUSALS, Button
from backoffice.look import ago, state_badge
from config.sizes import size
from provisioning.metering import usage
from provisioning.models import UsageReading

Judge = Callable[[UsageReading, User], Any]


def _accept(request: StaffRequest, reading: UsageReading, _data: dict[str, Any]) -> str:
    usage.accept(reading, request.user)
    return f"The reading of {reading.service} counts; billing uses it."


def _reject(request: StaffRequest, reading: UsageReading, _data: dict[str, Any]) -> str:
    usage.reject(reading, request.user)
    return f"The reading of {reading.service} is put aside; the last good one stays."


def _is_acceptable(reading: UsageReading) -> bool:
    """What is no number can be rejected only: there is nothing to bill."""
    return _is_parked(reading) and reading.value is not None


def _is_parked(reading: UsageReading) -> bool:
    return reading.state == UsageReading.State.PARKED


class UsageReadingAdmin(BigList):
    list_display = ("domain", "metric", "amount", "stands", "reason", "when", "source")
    list_filter = ("state", "metric")
    list_select_related = ("service",)
    search_fields = ("service__domain__startswith",)
    search_help_text = "Domain"
    fields = ("service", "metric", "amount", "raw", "stands", "reason", "when", "source")
    actions = ("accept_selected", "reject_selected")
    buttons = (
        Button(
            name="accept", label="Accept", icon="check", tone="primary", act=_accept,
            right=StaffRight.MANAGE_BILLING, shown=_is_acceptable,
        ),
        Button(
            name="reject", label="Reject", icon="close", act=_reject,
            right=StaffRight.MANAGE_BILLING, shown=_is_parked,
        ),
    )  # fmt: skip

    def has_judge_permission(self, request: HttpRequest) -> bool:
        return may(request, StaffRight.MANAGE_BILLING)

    @admin.display(description="service")
    def domain(self, reading: UsageReading) -> str:
        return reading.service.domain

    @admin.display(description="value")
    def amount(self, reading: UsageReading) -> str:
        if reading.value is None:
            return reading.raw
        return size(reading.value) if reading.metric == "disk" else f"{reading.value.normalize():f}"

    @admin.display(description="state")
    def stands(self, reading: UsageReading) -> str:
        return state_badge(reading, "state")

    @admin.display(description="measured")
    def when(self, reading: UsageReading) -> str:
        return ago(reading.at)

    @admin.action(description="Accept: bill these", permissions=["judge"])
    def accept_selected(self, request: StaffRequest, rows: QuerySet[UsageReading]) -> None:
        self._judge(request, rows.filter(value__isnull=False), usage.accept, "accepted")

    @admin.action(description="Reject: never bill these", permissions=["judge"])
    def reject_selected(self, request: StaffRequest, rows: QuerySet[UsageReading]) -> None:
        self._judge(request, rows, usage.reject, "rejected")

    def _judge(
        self, request: StaffRequest, rows: QuerySet[UsageReading], act: Judge, word: str
    ) -> None:
        done = 0
        for reading in rows.select_related("service"):
            try:
                act(reading, request.user)
            except REFUSALS:
                continue
            done += 1
        messages.success(request, f"{done} readings {word}.")
