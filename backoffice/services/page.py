"""All about one service on one page: what is wanted beside what was seen, and what was done."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.models import AuditEvent
from backoffice import attention
from backoffice.module_forms import kind_of
from backoffice.services import account_card
from backoffice.services.charts import usage_chart
from billing.charges.estimate import next_invoice
from billing.models import ServiceHold
from config.sizes import size
from provisioning.contract import Capability
from provisioning.metering import usage
from provisioning.models import (
    Command,
    DirectorySync,
    FeatureInterval,
    ModuleCall,
    Service,
    UsageReading,
)

DAYS = 90
COMMANDS, CALLS, INTERVALS, MAILBOXES, LINES, EVENTS = 20, 15, 30, 12, 10, 12


def context(service: Service, site: Any) -> dict[str, Any]:
    return {
        "service": service,
        "agrees": attention.agrees(service),
        "hold": ServiceHold.objects.filter(service=service).first(),
        "options": service.options.select_related("option", "choice"),
        **account_card.context(service),
        **_commands(service, site),
        **_usage(service, site),
        **_billing(service),
        **_directory(service),
        **_records(service),
    }


def _commands(service: Service, site: Any) -> dict[str, Any]:
    package = reverse("admin:provisioning_service_change_package", args=[service.pk])
    return {
        "commands": service.commands.select_related("requested_by")[:COMMANDS],
        "command_admin": site.get_model_admin(Command),
        "change_package_url": package,
    }


def _usage(service: Service, site: Any) -> dict[str, Any]:
    kind = kind_of(service.product.module)
    metrics = kind.metrics if kind else ()
    return {
        "charts": [
            usage_chart(metric, usage.history(service, metric.code, DAYS)) for metric in metrics
        ],
        "parked": service.readings.filter(state=UsageReading.State.PARKED),
        "reading_admin": site.get_model_admin(UsageReading),
        "intervals": FeatureInterval.objects.filter(service=service).order_by("-started_at", "-id")[
            :INTERVALS
        ],
        "days": DAYS,
    }


def _billing(service: Service) -> dict[str, Any]:
    return {
        "estimate": None if service.ended and not service.next_due else next_invoice(service),
        "lines": service.invoice_lines.select_related("invoice").order_by("-id")[:LINES],
    }


def _directory(service: Service) -> dict[str, Any]:
    """A few mailboxes; the whole list has a page of its own."""
    listed = reverse("admin:provisioning_mailbox_changelist")
    kind = kind_of(service.product.module)
    gone = service.terminated_at is not None
    if gone or kind is None or Capability.MAILBOXES not in kind.capabilities:
        return {"has_mail": False}
    return {
        "has_mail": True,
        "directory": DirectorySync.objects.filter(service=service).first(),
        "mailboxes": [
            (mailbox, size(mailbox.size_bytes), _quota(mailbox.quota_bytes))
            for mailbox in service.mailboxes.all()[:MAILBOXES]
        ],
        "mailbox_count": service.mailboxes.count(),
        "mailboxes_url": f"{listed}?service__id__exact={service.pk}",
    }


def _quota(quota: int | None) -> str:
    return "no limit" if quota == 0 else size(quota)


def _records(service: Service) -> dict[str, Any]:
    calls = reverse("admin:provisioning_modulecall_changelist")
    events = reverse("admin:accounts_auditevent_changelist")
    label = service._meta.label_lower
    return {
        "calls": ModuleCall.objects.filter(service=service).select_related("server")[:CALLS],
        "calls_url": f"{calls}?service__id__exact={service.pk}",
        "events": AuditEvent.objects.filter(object_type=label, object_id=str(service.pk))[:EVENTS],
        "events_url": f"{events}?object_type={label}&object_id={service.pk}",
    }
