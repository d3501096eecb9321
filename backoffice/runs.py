from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from accounts import audit
from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice import home, tokens
from backoffice.base import ReadOnly, may
from backoffice.invoices import listed
from backoffice.look import PlainForm, ago, state_badge
from billing import run
from billing.models import BillingRun
from billing.run import RunReport
from billing.tonight import Tonight, look
from config import clock
from config.money import format_money
from provisioning.models import Service

NO_SELLER = "Enter the seller's details before the first run."


class DryRunForm(PlainForm):
    business_date = forms.DateField(
        label="As of",
        initial=clock.today,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="A later date looks ahead.",
    )


class RunForm(PlainForm):
    """Asked only where an earlier run of the day was stopped."""

    go_on = forms.BooleanField(
        label="I have looked: let it go on", required=False, help_text="Bill it all this time."
    )


class BillingRunAdmin(ReadOnly):
    change_list_template = "backoffice/runs.html"
    list_display = (
        "business_date", "stands", "started", "billed_services", "issued_invoices", "held_invoices",
        "failed",
    )  # fmt: skip
    list_filter = ("status",)
    fields = (
        "business_date", "stands", "started_at", "finished_at", "heartbeat_at", "billed_services",
        "issued_invoices", "held_invoices",
    )  # fmt: skip
    panels_template = "backoffice/run_panels.html"

    def get_urls(self) -> list[URLPattern]:
        gate = self.admin_site.admin_view
        return [
            path("run-now/", gate(self.run_view), name="billing_billingrun_run"),
            path("dry-run/", gate(self.dry_run_view), name="billing_billingrun_dry_run"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        extra = {
            "may_run": may(request, StaffRight.MANAGE_BILLING),
            "dry_run_form": DryRunForm(),
            "next_run": home.next_run(),
        }
        response: HttpResponse = super().changelist_view(request, extra | (extra_context or {}))
        return response

    def run_view(self, request: StaffRequest) -> HttpResponse:
        """GET asks, POST runs: today's run, which bills what an earlier one today has not."""
        _require_billing(request)
        back = reverse("admin:billing_billingrun_changelist")
        if request.method == "POST":
            return redirect(tokens.made_before(request) or _run(request, back))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Run billing now",
            "note": "Everything that is due by today is invoiced. What was billed before is not"
            " billed again.",
            "form": RunForm() if _stopped_today() else PlainForm(),
            "submit": "Run now",
            "back": back,
        }
        return TemplateResponse(request, "backoffice/plain_form.html", context)

    def dry_run_view(self, request: StaffRequest) -> HttpResponse:
        _require_billing(request)
        form = DryRunForm(request.POST or None)
        tonight = _dry_run(form) if request.method == "POST" and form.is_valid() else None
        report = tonight.billing if tonight else None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Dry run",
            "form": form,
            "report": report,
            "tonight": tonight,
            "totals": _worded(report),
            "failures": _failures(report.failures if report else {}),
            "back": reverse("admin:billing_billingrun_changelist"),
        }
        return TemplateResponse(request, "backoffice/dry_run.html", context)

    def panels(self, request: HttpRequest, obj: BillingRun) -> dict[str, Any]:
        found = {row["service"]: row["error"] for row in obj.failures}
        invoices = reverse("admin:billing_invoice_changelist")
        return {
            "failures": _failures(found),
            "stop_reason": obj.stop_reason,
            **listed(obj.invoices.all()[:50]),
            "invoices_url": f"{invoices}?run__id__exact={obj.pk}",
        }

    @admin.display(description="status", ordering="status")
    def stands(self, row: BillingRun) -> SafeString:
        return state_badge(row, "status")

    @admin.display(description="started", ordering="started_at")
    def started(self, row: BillingRun) -> str:
        return ago(row.started_at)

    @admin.display(description="failed")
    def failed(self, row: BillingRun) -> int:
        return len(row.failures)


def _require_billing(request: HttpRequest) -> None:
    if not may(request, StaffRight.MANAGE_BILLING):
        raise PermissionDenied


def _stopped_today() -> bool:
    stopped = BillingRun.Status.STOPPED
    return BillingRun.objects.filter(business_date=clock.today(), status=stopped).exists()


def _run(request: StaffRequest, back: str) -> str:
    tokens.remember(request, back)
    try:
        report = run.run(clock.today(), guarded=not request.POST.get("go_on"))
    except ImproperlyConfigured as error:
        messages.error(request, str(error))
        return back
    row = BillingRun.objects.order_by("-pk").first()
    if row:
        after = {"issued": report.issued, "held": report.held, "failed": len(report.failures)}
        audit.record("billing_run.started", row, after=after)
    failed = len(report.failures)
    if report.stopped:
        messages.warning(request, report.stopped)
    messages.success(
        request, f"{report.issued} invoices issued, {report.held} held, {failed} services failed."
    )
    return back


def _dry_run(form: DryRunForm) -> Tonight | None:
    day: date = form.cleaned_data["business_date"]
    try:
        return look(day)
    except ImproperlyConfigured:
        form.add_error(None, NO_SELLER)
        return None


def _worded(report: RunReport | None) -> str:
    totals = sorted(report.totals.items()) if report else []
    return " · ".join(format_money(total, currency) for currency, total in totals)


def _failures(found: dict[int, str]) -> list[tuple[Service | None, str]]:
    services = Service.objects.in_bulk(found)
    return [(services.get(pk), error) for pk, error in found.items()]
