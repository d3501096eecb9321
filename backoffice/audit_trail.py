from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import AuditEvent
from backoffice.base import BigList
from backoffice.look import ago

LINKED = frozenset({"object_type", "object_id", "customer", "action", "actor"})


class AuditEventAdmin(BigList):
    """Read only for everybody, owners included; the database itself refuses changes too."""

    list_display = ("when", "actor_label", "action", "subject", "customer", "acting_for")
    search_fields = ("action__startswith", "actor_label__icontains", "object_label__icontains")
    search_help_text = "Action, person or object"
    list_select_related = ("customer",)
    fields = (
        "when_exactly", "actor_label", "acting_for", "action", "subject", "customer", "changes",
        "ip", "request_id",
    )  # fmt: skip

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Filtered by links alone: a list of all values would be a scan of the whole table."""
        return lookup.partition("__")[0] in LINKED

    @admin.display(description="when")
    def when(self, event: AuditEvent) -> str:
        return ago(event.at)

    @admin.display(description="when")
    def when_exactly(self, event: AuditEvent) -> str:
        return f"{event.at:%Y-%m-%d %H:%M:%S} UTC"

    @admin.display(description="object")
    def subject(self, event: AuditEvent) -> str:
        return subject_link(event)

    @admin.display(description="changes")
    def changes(self, event: AuditEvent) -> SafeString:
        return changes_table(event)


def subject_link(event: AuditEvent) -> str:
    """The object with a way to its page, where it has one."""
    label = event.object_label or event.object_type
    try:
        view = f"admin:{event.object_type.replace('.', '_')}_change"
        return format_html('<a href="{}">{}</a>', reverse(view, args=[event.object_id]), label)
    except NoReverseMatch:
        return label


def changes_table(event: AuditEvent) -> SafeString:
    names = sorted(event.before.keys() | event.after.keys())
    rows = format_html_join(
        "",
        "<tr><th>{}</th><td>{}</td><td>{}</td></tr>",
        ((name, _shown(event.before.get(name)), _shown(event.after.get(name))) for name in names),
    )
    return format_html(
        '<table class="bo-table">'
        "<thead><tr><th>Field</th><th>Before</th><th>After</th></tr></thead>"
        "<tbody>{}</tbody></table>",
        rows,
    )


def _shown(value: Any) -> str:
    if value in (None, ""):
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
