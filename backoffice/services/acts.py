"""What the buttons of a service do. Each calls one use case and says in a sentence what follows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice import tokens
from backoffice.buttons import Answer, Button, ObjectForm
from backoffice.module_forms import kind_of
from backoffice.services import account_card, leaving
from backoffice.services import inputs as service_inputs
from backoffice.services.terms import BillingForm
from billing.changes import ending
from billing.models import ServiceHold
from provisioning import directory, services, sign_on
from provisioning.contract import Capability
from provisioning.engine import dispatch, observation
from provisioning.models import Command, Service

Desired = Service.Desired
REASON_CODE = "staff"
QUEUED = "The command is on its way; reload in a moment to see how it went."
NO_PLATFORM = "No platform delivers this product, so there was nothing to send."
NO_BROKER = "The workers cannot be reached at the moment; the next sync runs as planned."


class SuspendForm(ObjectForm):
    reason = forms.CharField(
        max_length=200, help_text="For staff and the module log, such as: abuse report of 3 May."
    )


class UnsuspendForm(ObjectForm):
    reason_code = forms.ChoiceField(
        label="Reason that no longer applies",
        help_text="The service is released when no reason is left.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = self.obj.suspend_reasons or {REASON_CODE: ""}
        self.fields["reason_code"].choices = [  # type: ignore[attr-defined]
            (code, f"{code}: {text}" if text else code) for code, text in reasons.items()
        ]


class TerminateForm(ObjectForm):
    domain = forms.CharField(
        label="Type the domain to confirm", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def clean_domain(self) -> str:
        typed: str = self.cleaned_data["domain"].strip().lower()
        if typed != self.obj.domain:
            raise ValidationError(f"This is not {self.obj.domain}.")
        return typed


class PasswordForm(ObjectForm):
    password = forms.CharField(
        label="New password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        problems = directory.password_problems(self.obj, f"@{self.obj.domain}", password)
        if problems:
            raise ValidationError(problems)
        return password


class NotesForm(ObjectForm):
    notes = forms.CharField(
        label="Notes for staff", widget=forms.Textarea(attrs={"rows": 5}), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["notes"].initial = self.obj.notes


class InputsForm(ObjectForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(service_inputs.form_fields(self.obj.product, self.obj.inputs or {}))


class HoldForm(ObjectForm):
    reason = forms.CharField(max_length=500)


def _said(command: Command | None) -> str:
    return QUEUED if command else NO_PLATFORM


def _create(request: StaffRequest, service: Service, _data: dict[str, Any]) -> Answer:
    return _said(services.deliver(service, cause=tokens.cause(request), by=request.user))


def _suspend(request: StaffRequest, service: Service, data: dict[str, Any]) -> Answer:
    command = services.suspend(
        service,
        reason_code=REASON_CODE,
        reason=data["reason"],
        cause=tokens.cause(request),
        by=request.user,
    )
    return _said(command)


def _unsuspend(request: StaffRequest, service: Service, data: dict[str, Any]) -> Answer:
    cause = tokens.cause(request)
    code = data["reason_code"]
    command = services.unsuspend(service, reason_code=code, cause=cause, by=request.user)
    if service.suspend_reasons:
        return f"It stays suspended: {', '.join(service.suspend_reasons)} still applies."
    return _said(command)


def _terminate(request: StaffRequest, service: Service, _data: dict[str, Any]) -> Answer:
    pending = service.desired == Desired.PENDING
    command = ending.terminate(service, cause=tokens.cause(request), by=request.user)
    return f"{service} is cancelled; it was never set up." if pending else _said(command)


def _change_password(request: StaffRequest, service: Service, data: dict[str, Any]) -> Answer:
    cause = tokens.cause(request)
    password = data["password"]
    command = services.change_password(service, password=password, cause=cause, by=request.user)
    return _said(command)


def _login(request: StaffRequest, service: Service, _data: dict[str, Any]) -> Answer:
    link = sign_on.staff_login(service)
    back = reverse("admin:provisioning_service_change", args=[service.pk])
    return leaving.page(request, link, title=f"Sign on to the platform of {service}", back=back)


def _refresh(_request: StaffRequest, service: Service, _data: dict[str, Any]) -> Answer:
    seen = observation.refresh(service)
    there = seen.observed in (Service.Observed.ACTIVE, Service.Observed.SUSPENDED)
    if not (there and has(Capability.MAILBOXES)(service)):
        return f"The platform was asked: {seen.get_observed_display().lower()}."
    directory.refresh(service)
    return "State and mail directory were read from the platform."


def _start_again(request: StaffRequest, service: Service, _data: dict[str, Any]) -> Answer:
    return _said(services.deliver(service, cause=tokens.cause(request), by=request.user))


@transaction.atomic
def _change_inputs(_request: StaffRequest, service: Service, data: dict[str, Any]) -> Answer:
    inputs = service_inputs.typed(service.product, data, service.inputs)
    return _edit(service, "service.inputs_changed", {"inputs": inputs})


def _sync(_request: StaffRequest, service: Service, _data: dict[str, Any]) -> Answer:
    if not dispatch.send("sync_server_usage", service.server_id):
        raise ValidationError(NO_BROKER)
    return f"The usage of all services on {service.server} is being read. Reload in a minute."


@transaction.atomic
def _change_billing(_request: StaffRequest, service: Service, data: dict[str, Any]) -> Answer:
    return _edit(service, "service.terms_changed", data)


@transaction.atomic
def _change_notes(_request: StaffRequest, service: Service, data: dict[str, Any]) -> Answer:
    return _edit(service, "service.notes_changed", data)


def _edit(service: Service, action: str, data: dict[str, Any]) -> str:
    row = Service.objects.select_for_update(of=("self",)).get(pk=service.pk)
    before = audit.facts(row)
    for name, value in data.items():
        setattr(row, name, value)
    row.save(update_fields=list(data))
    audit.record(action, row, before=before, after=audit.facts(row), customer=service.customer)
    return "Saved."


@transaction.atomic
def _hold(_request: StaffRequest, service: Service, data: dict[str, Any]) -> Answer:
    ServiceHold.objects.update_or_create(service=service, defaults={"reason": data["reason"]})
    audit.record("service.billing_held", service, after={"reason": data["reason"]})
    return "Billing runs skip this service until it is billed again."


@transaction.atomic
def _unhold(_request: StaffRequest, service: Service, _data: dict[str, Any]) -> Answer:
    held = ServiceHold.objects.filter(service=service)
    before = {"reason": " ".join(held.values_list("reason", flat=True))}
    held.delete()
    audit.record("service.billing_resumed", service, before=before)
    return "The next billing run bills what has fallen due meanwhile."


def has(capability: Capability) -> Any:
    """For `shown`: the platform can do it."""

    def check(service: Service) -> bool:
        kind = kind_of(service.product.module)
        return kind is not None and capability in kind.capabilities

    return check


def _delivered(service: Service) -> bool:
    return service.desired in (Desired.ACTIVE, Desired.SUSPENDED)


def _on_platform(capability: Capability) -> Any:
    can = has(capability)
    return lambda service: _delivered(service) and service.server_id is not None and can(service)


def _adopt(request: StaffRequest, service: Service, _data: dict[str, Any]) -> Answer:
    services.adopt_existing(service, cause=tokens.cause(request), by=request.user)
    return QUEUED


def _is_held(service: Service) -> bool:
    return ServiceHold.objects.filter(service=service).exists()


BUTTONS = (
    Button(
        name="create", label="Create", icon="add_circle", tone="primary", act=_create,
        right=StaffRight.RUN_COMMANDS, shown=lambda service: service.desired == Desired.PENDING,
    ),
    Button(
        name="adopt", label="Adopt existing account", icon="move_item", tone="primary", act=_adopt,
        right=StaffRight.RUN_COMMANDS, shown=services.met_a_stranger,
        warning="An account of this name exists on the platform already. Adopt it only when it"
        " belongs to this customer: from then on the panel manages, bills and may delete it.",
    ),
    Button(
        name="start-again", label="Start again", icon="restart_alt", tone="primary",
        act=_start_again, right=StaffRight.RUN_COMMANDS, shown=account_card.came_too_late,
    ),
    Button(
        name="unsuspend", label="Unsuspend", icon="play_circle", tone="primary", act=_unsuspend,
        form=UnsuspendForm, right=StaffRight.RUN_COMMANDS,
        shown=lambda service: service.desired == Desired.SUSPENDED,
    ),
    Button(
        name="login", label="Sign on", icon="login", act=_login, right=StaffRight.SIGN_ON,
        shown=_on_platform(Capability.STAFF_LOGIN), new_tab=True,
    ),
    Button(
        name="refresh", label="Refresh", icon="refresh", act=_refresh,
        right=StaffRight.RUN_COMMANDS,
        shown=lambda service: _delivered(service) and service.server_id is not None,
    ),
    Button(
        name="sync", label="Sync usage now", icon="speed", act=_sync,
        right=StaffRight.RUN_COMMANDS, shown=_on_platform(Capability.USAGE),
    ),
    Button(
        name="password", label="Change password", icon="key", act=_change_password,
        form=PasswordForm, right=StaffRight.RUN_COMMANDS,
        warning="Of the account's own administrator; kept encrypted until the platform has it.",
        shown=_on_platform(Capability.CHANGE_PASSWORD),
    ),
    Button(
        name="suspend", label="Suspend", icon="pause_circle", act=_suspend, form=SuspendForm,
        right=StaffRight.RUN_COMMANDS, shown=lambda service: service.desired == Desired.ACTIVE,
    ),
    Button(
        name="terms", label="Billing terms", icon="request_quote", act=_change_billing,
        form=BillingForm, right=StaffRight.MANAGE_BILLING,
    ),
    Button(
        name="inputs", label="Platform details", icon="tune", act=_change_inputs,
        form=InputsForm, right=StaffRight.RUN_COMMANDS,
        shown=lambda service: not service.ended and service_inputs.any_declared(service.product),
    ),
    Button(
        name="hold", label="Skip in billing", icon="block", act=_hold, form=HoldForm,
        warning="Billing runs leave the service out until you say otherwise.",
        right=StaffRight.MANAGE_BILLING,
        shown=lambda service: not service.ended and not _is_held(service),
    ),
    Button(
        name="unhold", label="Bill again", icon="check_circle", act=_unhold, tone="primary",
        right=StaffRight.MANAGE_BILLING, shown=_is_held,
    ),
    Button(
        name="notes", label="Notes", icon="edit_note", act=_change_notes, form=NotesForm,
        right=StaffRight.MANAGE_CUSTOMERS,
    ),
    Button(
        name="terminate", label="Terminate", icon="delete_forever", tone="danger", act=_terminate,
        form=TerminateForm, right=StaffRight.TERMINATE,
        warning="This cannot be undone: the account and, unless the product keeps them, its"
        " mailboxes are deleted on the platform.",
        shown=lambda service: not service.ended,
    ),
)  # fmt: skip
