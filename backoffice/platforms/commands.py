from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.access import StaffRequest
from accounts.models import User
from accounts.roles import StaffRight
from backoffice.base import BigList, may
from backoffice.buttons import REFUSALS, Button, sentence
from backoffice.filters import NeedsAttention
from backoffice.look import ago, state_badge
from provisioning.engine import commands
from provisioning.models import Command

Status, Action = Command.Status, Command.Action


def _retry(request: StaffRequest, command: Command, _data: dict[str, Any]) -> str:
    commands.retry(command, request.user)
    return f"{command} is tried again now."


def _cancel(request: StaffRequest, command: Command, _data: dict[str, Any]) -> str:
    commands.cancel(command, request.user)
    return f"{command} is given up. What is wanted of the service stays as it is."


def may_retry(command: Command) -> bool:
    """A refused password is not kept, so there is nothing to send again."""
    lost = command.action == Action.CHANGE_PASSWORD and command.status == Status.FAILED
    return command.status in (Status.QUEUED, Status.ATTENTION, Status.FAILED) and not lost


def may_cancel(command: Command) -> bool:
    return command.status in (Status.QUEUED, Status.ATTENTION)


class CommandAdmin(BigList):
    list_display = ("what", "domain", "stands", "trouble", "attempts", "asked", "requested_by")
    list_display_links = ("what",)
    list_filter = (NeedsAttention, "status", "action")
    list_select_related = ("service", "requested_by")
    search_fields = ("service__domain__startswith",)
    search_help_text = "Domain"
    actions = ("retry_selected", "cancel_selected")
    fields = (
        "service", "what", "stands", "error_kind", "detail", "message", "note_list", "attempts",
        "asked", "requested_by", "started_at", "finished_at", "not_before", "cause",
    )  # fmt: skip
    panels_template = "backoffice/command_panels.html"
    buttons = (
        Button(
            name="retry", label="Retry", icon="replay", tone="primary", act=_retry,
            right=StaffRight.RUN_COMMANDS, shown=may_retry,
        ),
        Button(
            name="cancel", label="Cancel", icon="cancel", act=_cancel,
            right=StaffRight.RUN_COMMANDS, shown=may_cancel,
        ),
    )  # fmt: skip

    def has_run_permission(self, request: HttpRequest) -> bool:
        return may(request, StaffRight.RUN_COMMANDS)

    def panels(self, request: HttpRequest, obj: Command) -> dict[str, Any]:
        return {"calls": obj.calls.select_related("server")[:50]}

    @admin.display(description="command")
    def what(self, command: Command) -> str:
        return command.get_action_display()

    @admin.display(description="service")
    def domain(self, command: Command) -> str:
        return command.service.domain

    @admin.display(description="status")
    def stands(self, command: Command) -> str:
        return state_badge(command, "status")

    @admin.display(description="what is wrong")
    def trouble(self, command: Command) -> str:
        settled = command.status in (Status.DONE, Status.CANCELLED)
        return "" if settled else format_html('<span class="bo-wrap">{}</span>', command.detail)

    @admin.display(description="asked", ordering="created_at")
    def asked(self, command: Command) -> str:
        return ago(command.created_at)

    @admin.display(description="notes")
    def note_list(self, command: Command) -> str:
        return " ".join(map(str, command.notes)) or "–"

    @admin.action(description="Retry", permissions=["run"])
    def retry_selected(self, request: StaffRequest, rows: QuerySet[Command]) -> None:
        self._each(request, rows, commands.retry, "sent again")

    @admin.action(description="Cancel", permissions=["run"])
    def cancel_selected(self, request: StaffRequest, rows: QuerySet[Command]) -> None:
        self._each(request, rows, commands.cancel, "cancelled")

    def _each(
        self,
        request: StaffRequest,
        rows: QuerySet[Command],
        act: Callable[[Command, User], None],
        word: str,
    ) -> None:
        done = 0
        for command in rows.select_related("service__customer"):
            try:
                act(command, request.user)
            except REFUSALS as error:
                messages.warning(request, f"{command}: {sentence(error)}")
                continue
            done += 1
        if done:
            messages.success(request, f"{done} commands {word}.")
