"""The buttons of a service that stop and allow its outgoing mail."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice import tokens
from backoffice.buttons import Answer, Button, ObjectForm
from backoffice.services.acts import QUEUED, REASON_CODE, SuspendForm
from provisioning import restrictions
from provisioning.models import Service

ALREADY = "Outgoing mail was stopped already; the reason was added."


class AllowForm(ObjectForm):
    reason_code = forms.ChoiceField(
        label="Reason that no longer applies",
        help_text="Outgoing mail is allowed when no reason is left.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = self.obj.restrict_reasons or {REASON_CODE: ""}
        self.fields["reason_code"].choices = [  # type: ignore[attr-defined]
            (code, f"{code}: {text}" if text else code) for code, text in reasons.items()
        ]


def _stop(request: StaffRequest, service: Service, data: dict[str, Any]) -> Answer:
    command = restrictions.restrict(
        service,
        reason_code=REASON_CODE,
        reason=data["reason"],
        cause=tokens.cause(request),
        by=request.user,
    )
    return QUEUED if command else ALREADY


def _allow(request: StaffRequest, service: Service, data: dict[str, Any]) -> Answer:
    code, cause = data["reason_code"], tokens.cause(request)
    restrictions.unrestrict(service, reason_code=code, cause=cause, by=request.user)
    if service.restrict_reasons:
        return f"It stays stopped: {', '.join(service.restrict_reasons)} still applies."
    return QUEUED


def _can_be_stopped(service: Service) -> bool:
    active = service.desired == Service.Desired.ACTIVE
    return active and not service.restrict_reasons and restrictions.can_restrict(service)


def _can_be_allowed(service: Service) -> bool:
    held = bool(service.restrict_reasons) or service.restricted
    return held and service.desired in restrictions.DELIVERED


BUTTONS = (
    Button(
        name="allow-mail", label="Allow outgoing mail", icon="outgoing_mail", tone="primary",
        act=_allow, form=AllowForm, right=StaffRight.RUN_COMMANDS, shown=_can_be_allowed,
    ),
    Button(
        name="stop-mail", label="Stop outgoing mail", icon="unsubscribe", act=_stop,
        form=SuspendForm, right=StaffRight.RUN_COMMANDS, shown=_can_be_stopped,
        warning="Incoming mail still arrives and sign-in works; nothing can be sent.",
    ),
)  # fmt: skip
