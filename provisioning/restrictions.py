"""The lesser degree of suspension: outgoing mail stops, incoming mail and sign-in go on."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from provisioning import registry, wishes
from provisioning.connection.links import server_settings
from provisioning.engine.commands import Action
from provisioning.models import Command, Service

Desired = Service.Desired
DELIVERED = (Desired.ACTIVE, Desired.SUSPENDED)


def can_restrict(service: Service) -> bool:
    """Whether the platform can do it, on this service's server."""
    kind = registry.installed().get(service.product.module)
    if kind is None or service.server is None:
        return False
    return kind.restricts(server_settings(service.server))


def restrict(
    service: Service, *, reason_code: str, reason: str, cause: str, by: User | None = None
) -> Command | None:
    """Adds a reason; None when outgoing mail is stopped for another one already. ValidationError
    where the platform cannot, and for a service that is suspended, which stops all mail.
    """
    with transaction.atomic():
        row, before = wishes.locked(service)
        wishes.require(row, (Desired.ACTIVE,), "restricted")
        if not can_restrict(row):
            raise ValidationError(f"The platform of {row.domain} cannot stop outgoing mail alone.")
        already = bool(row.restrict_reasons)
        row.restrict_reasons = {**row.restrict_reasons, reason_code: reason}
        wishes.save(row, service, before, action="service.restrict_requested", by=by)
        if already:
            reached = row.restricted
            return wishes.once_more(row, Action.RESTRICT, cause=cause, by=by, reached=reached)
        return wishes.ask(row, Action.RESTRICT, cause=cause, by=by)


def unrestrict(
    service: Service, *, reason_code: str, cause: str, by: User | None = None
) -> Command | None:
    """Lifts one reason; outgoing mail is allowed when no reason is left."""
    with transaction.atomic():
        row, before = wishes.locked(service)
        wishes.require(row, DELIVERED, "released")
        if not row.restrict_reasons:
            reached = not row.restricted
            return wishes.once_more(row, Action.UNRESTRICT, cause=cause, by=by, reached=reached)
        row.restrict_reasons = {
            code: text for code, text in row.restrict_reasons.items() if code != reason_code
        }
        wishes.save(row, service, before, action="service.unrestrict_requested", by=by)
        return (
            None if row.restrict_reasons else wishes.ask(row, Action.UNRESTRICT, cause=cause, by=by)
        )
