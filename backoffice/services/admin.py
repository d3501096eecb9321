from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice import attention
from backoffice.base import Base, BigList, may
from backoffice.filters import ServiceConcern
from backoffice.look import ago, badge, state_badge
from backoffice.services import add as service_add
from backoffice.services import bulk as service_bulk
from backoffice.services import change as service_change
from backoffice.services import page as service_page
from backoffice.services import plan_change
from backoffice.services import restriction as service_restriction
from backoffice.services.acts import BUTTONS
from config.sizes import size
from provisioning.models import Mailbox, Service


class ServiceAdmin(Base):
    """Services change through buttons alone: each of them is a use case, none is a form field."""

    change_right = StaffRight.RUN_COMMANDS
    list_display = (
        "domain", "customer", "product", "wanted", "seen", "checked", "server", "next_due",
    )  # fmt: skip
    list_filter = (ServiceConcern, "desired", "observed", "server", "product")
    list_select_related = ("customer", "product__group", "server")
    search_fields = (
        "domain__icontains", "customer__company__icontains", "customer__email__icontains",
    )  # fmt: skip
    search_help_text = "Domain or customer"
    actions = tuple(service_bulk.BULKS)
    buttons = (*BUTTONS, *service_restriction.BUTTONS, *plan_change.BUTTONS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_run_permission(self, request: HttpRequest) -> bool:
        return may(request, StaffRight.RUN_COMMANDS)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return may(request, StaffRight.TERMINATE)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Service]:
        rows: QuerySet[Service] = super().get_queryset(request)
        return rows.select_related("product", "customer", "server")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.change_package_view)
        name = "provisioning_service_change_package"
        plan = self.admin_site.admin_view(self.change_plan_view)
        return [
            path("<int:pk>/change-package/", view, name=name),
            path("<int:pk>/change-plan/", plan, name="provisioning_service_change_plan"),
            *super().get_urls(),
        ]

    def change_package_view(self, request: StaffRequest, pk: int) -> HttpResponse:
        return service_change.page(self, request, pk)

    def change_plan_view(self, request: StaffRequest, pk: int) -> HttpResponse:
        return plan_change.page(self, request, pk)

    def add_view(
        self, request: StaffRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return service_add.page(self, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        service = self.get_object(request, unquote(object_id))
        if service is None:
            raise Http404
        if request.method == "POST":
            return HttpResponseNotAllowed(["GET"])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": service,
            "title": str(service),
            "page_buttons": list(self.buttons_for(request, service)),
            "may_change_package": may(request, StaffRight.RUN_COMMANDS)
            and service.desired in service_change.CHANGEABLE,
            "may_change_plan": may(request, StaffRight.MANAGE_BILLING)
            and service.desired in plan_change.CHANGEABLE,
            "waiting_change": plan_change.pending(service),
            **service_page.context(service, self.admin_site),
        }
        return TemplateResponse(request, "backoffice/service.html", context)

    @admin.display(description="wanted", ordering="desired")
    def wanted(self, service: Service) -> SafeString:
        return state_badge(service, "desired")

    @admin.display(description="seen", ordering="observed")
    def seen(self, service: Service) -> SafeString:
        if service.desired in attention.UNSETTLED:
            return badge("–")
        if not attention.agrees(service):
            return badge(service.get_observed_display(), "bad")
        if service.ended:
            return badge(service.get_observed_display(), "plain")
        return state_badge(service, "observed")

    @admin.display(description="seen at", ordering="observed_at")
    def checked(self, service: Service) -> str:
        return ago(service.observed_at)

    @admin.action(description="Create…", permissions=["run"])
    def bulk_create(self, request: StaffRequest, rows: QuerySet[Service]) -> HttpResponse | None:
        return service_bulk.run(self, request, rows, service_bulk.BULKS["bulk_create"])

    @admin.action(description="Suspend…", permissions=["run"])
    def bulk_suspend(self, request: StaffRequest, rows: QuerySet[Service]) -> HttpResponse | None:
        return service_bulk.run(self, request, rows, service_bulk.BULKS["bulk_suspend"])

    @admin.action(description="Unsuspend…", permissions=["run"])
    def bulk_unsuspend(self, request: StaffRequest, rows: QuerySet[Service]) -> HttpResponse | None:
        return service_bulk.run(self, request, rows, service_bulk.BULKS["bulk_unsuspend"])

    @admin.action(description="Terminate…", permissions=["end"])
    def bulk_terminate(self, request: StaffRequest, rows: QuerySet[Service]) -> HttpResponse | None:
        return service_bulk.run(self, request, rows, service_bulk.BULKS["bulk_terminate"])


class MailboxAdmin(BigList):
    """The mirror of what is on the platforms, to read."""

    list_display = ("address", "display_name", "service", "used", "quota", "switches", "enabled")
    list_select_related = ("service",)
    search_fields = ("search__icontains",)
    search_help_text = "Address, name, alias or target of a forward"
    fields = (
        "service", "address", "display_name", "used", "quota", "switches", "enabled",
        "last_login_at", "forwards",
    )  # fmt: skip

    @admin.display(description="used", ordering="size_bytes")
    def used(self, mailbox: Mailbox) -> str:
        return size(mailbox.size_bytes)

    @admin.display(description="quota")
    def quota(self, mailbox: Mailbox) -> str:
        return "no limit" if mailbox.quota_bytes == 0 else size(mailbox.quota_bytes)

    @admin.display(description="features")
    def switches(self, mailbox: Mailbox) -> SafeString:
        parts = [badge(code.upper(), "info") for code in mailbox.features]
        return format_html("{} " * len(parts), *parts) if parts else SafeString("–")

    @admin.display(description="forwards to")
    def forwards(self, mailbox: Mailbox) -> str:
        return ", ".join(mailbox.forward_to or ()) or "–"
