from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice.base import KEEPS, Base, may
from backoffice.buttons import Answer, Button
from backoffice.filters import Trouble
from backoffice.look import ago, badge, state_badge
from backoffice.module_forms import (
    ModuleForm,
    chosen_platform,
    form_class,
    kind_of,
    platform_page,
    sections,
    settings_table,
)
from backoffice.platforms import imports
from backoffice.services import leaving
from config import clock
from provisioning import servers, sign_on
from provisioning.contract import Capability, FieldSet
from provisioning.engine import dispatch
from provisioning.models import Server

LISTED = 100
NO_BROKER = "The workers cannot be reached at the moment; the next sync runs as planned."
WHERE = ("hostname", "port", "secure", "verify_tls", "allow_private")
WHO = ("username", "password")
USE = ("enabled", "capacity")


class ServerForm(ModuleForm):
    class Meta:
        model = Server
        fields = ("name", *WHERE, *WHO, *USE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.kind is None or "password" not in self.fields:
            return
        self.fields["username"].label = self.kind.username_label
        self.fields["password"].label = self.kind.password_label
        if self.instance.password:
            self.fields["password"].help_text = KEEPS
        if self.instance.pk is None:
            self.fields["port"].initial = self.kind.default_port

    def clean_hostname(self) -> str:
        name: str = self.cleaned_data["hostname"].strip().lower()
        if "/" in name or " " in name:
            raise ValidationError("Enter the host name alone, such as mail.example.com.")
        return name

    def save(self, commit: bool = True) -> Server:
        if self.kind is not None:
            self.instance.module = self.instance.module or self.kind.code
            self.instance.settings = self.stored_settings(self.instance.settings)
        server: Server = super().save(commit)
        return server


def _check(request: StaffRequest, server: Server, _data: dict[str, Any]) -> Answer:
    servers.check(server)
    if server.health != Server.Health.UP:
        raise ValidationError(server.health_detail or "The server did not answer.")
    for warning in server.warnings:
        messages.warning(request, str(warning))
    facts = (
        f"{server.version} {server.edition}".strip(),
        "" if server.account_count is None else f"{server.account_count:,} domains",
        f"{server.latency_ms} ms",
    )
    return f"{server} answers: {', '.join(filter(None, facts))}."


def _sync(_request: StaffRequest, server: Server, _data: dict[str, Any]) -> Answer:
    if not dispatch.send("sync_server_usage", server.pk):
        raise ValidationError(NO_BROKER)
    return f"The usage of all services on {server} is being read. Reload in a minute."


def _has_inventory(server: Server) -> bool:
    kind = kind_of(server.module)
    return kind is not None and Capability.INVENTORY in kind.capabilities


def _go(request: StaffRequest, server: Server, _data: dict[str, Any]) -> Answer:
    back = reverse("admin:provisioning_server_change", args=[server.pk])
    link = sign_on.server_login(server)
    return leaving.page(request, link, title=f"Go to {server}", back=back)


def _has_login(server: Server) -> bool:
    kind = kind_of(server.module)
    return kind is not None and Capability.SERVER_LOGIN in kind.capabilities


def is_paused(server: Server) -> bool:
    return server.paused_until is not None and server.paused_until > clock.now()


class ServerAdmin(Base):
    change_right = StaffRight.MANAGE_SETUP
    form = ServerForm
    list_display = (
        "name", "platform", "health_badge", "build", "placed", "latency", "checked", "enabled",
    )  # fmt: skip
    list_filter = (Trouble, "module", "enabled")
    search_fields = ("name__icontains", "hostname__icontains")
    panels_template = "backoffice/server_panels.html"
    buttons = (
        Button(
            name="check", label="Test connection", icon="network_check", tone="primary", act=_check,
            right=StaffRight.RUN_COMMANDS, shown=lambda server: not is_paused(server),
        ),
        Button(
            name="try-now", label="Try now", icon="play_arrow", tone="primary", act=_check,
            right=StaffRight.RUN_COMMANDS, shown=is_paused,
        ),
        Button(
            name="sync", label="Sync usage now", icon="sync", act=_sync,
            right=StaffRight.RUN_COMMANDS, shown=lambda server: server.enabled,
        ),
        Button(
            name="go", label="Go to server", icon="login", act=_go, right=StaffRight.MANAGE_SETUP,
            shown=_has_login, new_tab=True,
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Server]:
        rows: QuerySet[Server] = super().get_queryset(request)
        return rows.annotate(placed_count=Count("services", filter=servers.live()))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.import_view)
        return [
            path("<int:pk>/import/", view, name="provisioning_server_import"),
            *super().get_urls(),
        ]

    def import_view(self, request: StaffRequest, pk: int) -> HttpResponse:
        return imports.page(self, request, pk)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if self.has_add_permission(request) and chosen_platform(request) is None:
            return platform_page(self, request)
        response: HttpResponse = super().add_view(request, form_url, extra_context)
        return response

    def get_form(
        self, request: HttpRequest, obj: Server | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:  # type: ignore[type-arg]
        kind = kind_of(obj.module if obj else chosen_platform(request) or "")
        declared = kind.server_fields if kind else FieldSet()
        kwargs["form"] = form_class(ServerForm, kind, declared, obj.settings if obj else {})
        made: type[forms.ModelForm] = super().get_form(  # type: ignore[type-arg]
            request, obj, change, **kwargs
        )
        return made

    def get_fieldsets(self, request: HttpRequest, obj: Server | None = None) -> Any:
        kind = kind_of(obj.module if obj else chosen_platform(request) or "")
        label = kind.label if kind else "Platform"
        if not self.has_change_permission(request, obj):
            where = ("name", *WHERE, "username", *USE)
            return ((None, {"fields": (*where, "settings_shown")}),)
        return (
            (None, {"fields": ("name",)}),
            ("Connection", {"fields": WHERE}),
            ("Sign-in", {"fields": WHO}),
            ("Use", {"fields": USE}),
            *sections(kind.server_fields if kind else FieldSet(), label),
        )

    def panels(self, request: HttpRequest, obj: Server) -> dict[str, Any]:
        rows = obj.services.select_related("customer", "product").order_by("domain")
        return {
            "header_template": "backoffice/server_header.html",
            "actions_template": "backoffice/server_actions.html",
            "may_import": may(request, StaffRight.RUN_COMMANDS) and _has_inventory(obj),
            "server": obj,
            "platform": self.platform(obj),
            "paused": is_paused(obj),
            "services": rows[:LISTED],
            "import_url": reverse("admin:provisioning_server_import", args=[obj.pk]),
        }

    @admin.display(description="settings")
    def settings_shown(self, server: Server) -> SafeString:
        kind = kind_of(server.module)
        declared = kind.server_fields if kind else FieldSet()
        return settings_table(declared, declared.load(server.settings or {}))

    @admin.display(description="platform", ordering="module")
    def platform(self, server: Server) -> str:
        kind = kind_of(server.module)
        return kind.label if kind else f"{server.module} (not installed)"

    @admin.display(description="health", ordering="health")
    def health_badge(self, server: Server) -> SafeString:
        parts = [state_badge(server, "health")]
        if is_paused(server):
            parts.append(badge("Paused", "bad"))
        if server.warnings:
            parts.append(badge("Warning", "warn"))
        return format_html("{} " * len(parts), *parts)

    @admin.display(description="version")
    def build(self, server: Server) -> str:
        return f"{server.version} {server.edition}".strip() or "–"

    @admin.display(description="services")
    def placed(self, server: Any) -> str:
        room = f" of {server.capacity:,}" if server.capacity is not None else ""
        return f"{server.placed_count:,}{room}"

    @admin.display(description="latency", ordering="latency_ms")
    def latency(self, server: Server) -> str:
        return "–" if server.latency_ms is None else f"{server.latency_ms} ms"

    @admin.display(description="checked", ordering="health_at")
    def checked(self, server: Server) -> str:
        return ago(server.health_at)
