"""A change that is given up: by a person, because nobody paid for it, or with its service."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from accounts import audit
from accounts.models import User
from billing.documents import credit_notes
from billing.locks import lock_customer
from billing.models import ServiceChange
from config.language import speaking
from provisioning import services
from provisioning.models import Command, Service

Status = ServiceChange.Status
PENDING = (Status.WAITING, Status.SCHEDULED)


def expire(change: ServiceChange) -> None:
    end(change, ServiceChange.Status.EXPIRED, reason=_("The change of plan was not paid in time."))


def terminate(service: Service, *, cause: str, by: User | None = None) -> Command | None:
    """`services.terminate`, and the change that waits is given up with it."""
    with transaction.atomic():
        lock_customer(service.customer_id)
        give_up(service, by=by)
        return services.terminate(service, cause=cause, by=by)


def give_up(service: Service, *, by: User | None = None) -> None:
    """The change that waits of a service that ends. The caller has locked the customer."""
    rows = ServiceChange.objects.select_for_update(of=("self",)).filter(
        service=service, status__in=PENDING
    )
    for change in rows.select_related("service__customer", "invoice"):
        end(change, Status.CANCELLED, reason=_("The service ends."), by=by)


def end(change: ServiceChange, status: str, *, reason: str, by: User | None = None) -> None:
    """The caller has locked customer and change. Its invoice is credited; what was paid of it
    becomes account credit.
    """
    change.status = status
    change.save(update_fields=["status"])
    owner = change.service.customer
    audit.record(f"change.{status}", change, after={"reason": reason}, customer=owner)
    invoice = change.invoice
    if invoice:
        with speaking(owner.language):
            told = gettext(reason)
        credit_notes.credit_if_any(invoice, reason=told, by=by)
