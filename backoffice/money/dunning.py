"""Dunning: policies with their timeline, the runs, and requests to terminate."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.safestring import SafeString

from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice.base import Base, Inline, ReadOnly, may
from backoffice.buttons import Answer, Button, ObjectForm
from backoffice.look import ago, badge, dress, state_badge
from billing.dunning import policies, terminations
from billing.dunning.cases import step_of
from billing.dunning.steps import Case, timeline
from billing.mail.texts import TEXTS
from billing.models import (
    DunningEvent,
    DunningPolicy,
    DunningRun,
    DunningStep,
    Invoice,
    TerminationRequest,
)
from config import clock

TEMPLATES = [("", "–"), *((code, str(text.label)) for code, text in TEXTS.items())]


class StepForm(forms.ModelForm):  # type: ignore[type-arg]
    template = forms.ChoiceField(label="E-mail", choices=TEMPLATES, required=False)

    class Meta:
        model = DunningStep
        fields = (
            "offset", "action", "template", "business_days", "fee_percent", "fee_minimum",
            "hold_days",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "template" in self.fields:
            dress(self.fields["template"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("action") == DunningStep.Action.REMIND and not data.get("template"):
            self.add_error("template", "Choose the e-mail of this reminder.")
        if any((data.get(name) or 0) < 0 for name in ("fee_percent", "fee_minimum")):
            self.add_error("fee_percent", "A fee is never negative.")
        return data


class StepInline(Inline):
    """Steps of a version that is in use stay as they are: open invoices are dunned by them."""

    model = DunningStep
    form = StepForm
    change_right = StaffRight.MANAGE_SETUP

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._open(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._open(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._open(request, obj)

    def _open(self, request: HttpRequest, policy: DunningPolicy | None) -> bool:
        return may(request, self.change_right) and (policy is None or policy.retired)


def _revise(_request: StaffRequest, row: DunningPolicy, _data: dict[str, Any]) -> Answer:
    return redirect("admin:billing_dunningpolicy_change", policies.revise(row).pk)


def _publish(_request: StaffRequest, row: DunningPolicy, _data: dict[str, Any]) -> Answer:
    policies.publish(row)
    return "Invoices issued from now on follow this version."


def _make_default(_request: StaffRequest, row: DunningPolicy, _data: dict[str, Any]) -> Answer:
    policies.make_default(row)
    return "Customers and products without a policy of their own follow this one."


class DunningPolicyAdmin(Base):
    change_right = StaffRight.MANAGE_SETUP
    fields = ("name",)
    inlines = (StepInline,)
    list_display = ("name", "version", "stands", "step_count")
    panels_template = "backoffice/dunning_policy_panels.html"
    buttons = (
        Button(
            name="revise", label="Change it", icon="edit", act=_revise,
            warning="A draft of the next version is made. Invoices issued until it is put to use"
            " keep this one.",
            right=StaffRight.MANAGE_SETUP, shown=lambda row: not row.retired,
        ),
        Button(
            name="publish", label="Put to use", icon="play_arrow", tone="primary", act=_publish,
            warning="Invoices issued from now on follow this version; it can no longer be changed.",
            right=StaffRight.MANAGE_SETUP, shown=lambda row: row.retired,
        ),
        Button(
            name="default", label="Make it the default", icon="star", act=_make_default,
            right=StaffRight.MANAGE_SETUP,
            shown=lambda row: not row.retired and not row.is_default,
        ),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("name",) if obj else ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[DunningPolicy]:
        rows: QuerySet[DunningPolicy] = super().get_queryset(request)
        return rows.prefetch_related("steps")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.retired = obj.retired or not change  # a new one is a draft until it is put to use
        super().save_model(request, obj, form, change)

    def panels(self, request: HttpRequest, obj: DunningPolicy) -> dict[str, Any]:
        rows = {step.pk: step for step in obj.steps.all()}
        due = clock.today()
        days = timeline([step_of(row) for row in rows.values()], Case(due_on=due))
        return {"due": due, "timeline": [(day, rows[step.pk]) for day, step in days]}

    @admin.display(description="status")
    def stands(self, row: DunningPolicy) -> SafeString:
        if row.retired:
            return badge("Draft", "warn")
        return badge("Default", "good") if row.is_default else badge("In use", "info")

    @admin.display(description="steps")
    def step_count(self, row: DunningPolicy) -> int:
        return len(row.steps.all())


class ProductGraceAdmin(Base):
    """More time, or a gentler policy, for what is bought with a product."""

    change_right = StaffRight.MANAGE_SETUP
    deletable = True
    fields = ("product", "days", "policy")
    list_display = ("product", "days", "policy")
    list_select_related = ("product", "policy")


class DunningRunAdmin(ReadOnly):
    list_display = ("business_date", "started", "steps_taken", "delayed_count")
    fields = ("business_date", "started_at", "finished_at", "steps_taken")
    panels_template = "backoffice/dunning_run_panels.html"

    def panels(self, request: HttpRequest, obj: DunningRun) -> dict[str, Any]:
        taken = DunningEvent.objects.filter(on=obj.business_date)
        reasons = {row["invoice"]: row["reason"] for row in obj.delayed}
        invoices = Invoice.objects.in_bulk(reasons)
        return {
            "taken": taken.select_related("invoice__customer", "step")[:200],
            "delayed": [(invoices.get(pk), reason) for pk, reason in reasons.items()],
        }

    @admin.display(description="started", ordering="started_at")
    def started(self, row: DunningRun) -> str:
        return ago(row.started_at)

    @admin.display(description="delayed")
    def delayed_count(self, row: DunningRun) -> int:
        return len(row.delayed)


class DismissForm(ObjectForm):
    note = forms.CharField(label="Why", max_length=250)


def _approve(request: StaffRequest, row: TerminationRequest, _data: dict[str, Any]) -> Answer:
    terminations.approve(row, by=request.user)
    return f"{row.service} is being terminated."


def _dismiss(_request: StaffRequest, row: TerminationRequest, data: dict[str, Any]) -> Answer:
    terminations.dismiss(row, note=data["note"])
    return "The request was dismissed; the service stays as it is."


def _waits(row: TerminationRequest) -> bool:
    return row.status == TerminationRequest.Status.WAITING


class TerminationRequestAdmin(ReadOnly):
    list_display = ("service", "customer", "invoice", "not_before", "stands")
    list_filter = ("status",)
    list_select_related = ("service__customer", "invoice")
    fields = ("service", "invoice", "not_before", "stands", "decided_at", "note")
    buttons = (
        Button(
            name="approve", label="Terminate", icon="delete_forever", tone="danger", act=_approve,
            warning="The service and all mail in it are deleted. This cannot be undone.",
            right=StaffRight.TERMINATE, shown=_waits,
        ),
        Button(
            name="dismiss", label="Dismiss", icon="undo", act=_dismiss, form=DismissForm,
            right=StaffRight.MANAGE_BILLING, shown=_waits,
        ),
    )  # fmt: skip

    @admin.display(description="customer")
    def customer(self, row: TerminationRequest) -> str:
        return str(row.service.customer)

    @admin.display(description="status", ordering="status")
    def stands(self, row: TerminationRequest) -> SafeString:
        return state_badge(row, "status")
