from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts import audit
from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice import home, tokens
from backoffice.base import may
from backoffice.look import PlainForm
from backoffice.money.invoices import listed
from backoffice.money.watched import Watched
from billing.models import BillingRun, DryRun
from billing.nightly import dry_runs, run
from config import clock
from provisioning.engine.dispatch import send

RECENT = 5
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


class BillingRunAdmin(Watched):
    change_list_template = "backoffice/runs.html"
    list_display = (
        "business_date", "stands", "started", "billed_services", "issued_invoices", "held_invoices",
        "failed",
    )  # fmt: skip
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
        """GET asks for which day, POST begins; what is found stands on a page of its own."""
        _require_billing(request)
        form = DryRunForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                row = dry_runs.ask(form.cleaned_data["business_date"], by=request.user)
            except ImproperlyConfigured:
                form.add_error(None, NO_SELLER)
            else:
                return redirect("admin:billing_dryrun_change", row.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Dry run",
            "form": form,
            "recent": DryRun.objects.all()[:RECENT],
            "back": reverse("admin:billing_billingrun_changelist"),
        }
        return TemplateResponse(request, "backoffice/dry_run.html", context)

    def panels(self, request: HttpRequest, obj: BillingRun) -> dict[str, Any]:
        invoices = reverse("admin:billing_invoice_changelist")
        return super().panels(request, obj) | {
            **listed(obj.invoices.all()[:50]),
            "invoices_url": f"{invoices}?run__id__exact={obj.pk}",
        }


def _require_billing(request: HttpRequest) -> None:
    if not may(request, StaffRight.MANAGE_BILLING):
        raise PermissionDenied


def _stopped_today() -> bool:
    stopped = BillingRun.Status.STOPPED
    return BillingRun.objects.filter(business_date=clock.today(), status=stopped).exists()


def _run(request: StaffRequest, back: str) -> str:
    """Workers bill; the page of the run shows how far they are."""
    tokens.remember(request, back)
    guarded = not request.POST.get("go_on")
    try:
        row = run.start(clock.today(), shards=settings.BILLING_SHARDS, guarded=guarded)
    except ImproperlyConfigured as error:
        messages.error(request, str(error))
        return back
    audit.record("billing_run.started", row, after={"due": row.due_services, "guarded": guarded})
    if not send("billing.tasks.begin_run", row.pk):
        run.give_up(row)
        messages.error(request, dry_runs.NO_WORKER)
    here = reverse("admin:billing_billingrun_change", args=[row.pk])
    tokens.remember(request, here)
    return here
