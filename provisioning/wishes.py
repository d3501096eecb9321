"""What the use cases share: the locked row, the change of what is wanted, and the act asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from accounts import audit
from accounts.models import User
from provisioning.engine import commands
from provisioning.engine.commands import on_behalf_of
from provisioning.models import Command, Service

Desired = Service.Desired


def locked(service: Service) -> tuple[Service, dict[str, Any]]:
    rows = Service.objects.select_for_update(of=("self",))
    row = rows.select_related("product", "server", "customer").get(pk=service.pk)
    return row, audit.facts(row)


def require(row: Service, allowed: Sequence[str], participle: str) -> None:
    if row.desired not in allowed:
        label = Desired(row.desired).label.lower()
        raise ValidationError(f"{row.domain} is {label} and cannot be {participle}.")


def save(
    row: Service, service: Service, before: dict[str, Any], *, action: str, by: User | None
) -> None:
    """Also brings the caller's object up to date."""
    row.save()
    record(action, row, before, by)
    service.refresh_from_db()


def record(action: str, row: Service, before: dict[str, Any], by: User | None) -> None:
    with on_behalf_of(by):
        audit.record(action, row, before=before, after=audit.facts(row))


def ask(
    row: Service,
    action: str,
    *,
    cause: str,
    by: User | None,
    arguments: Mapping[str, Any] | None = None,
) -> Command | None:
    if not row.product.module:
        return None
    return commands.request(row, action, cause=cause, arguments=arguments, by=by)


def once_more(
    row: Service, action: str, *, cause: str, by: User | None, reached: bool
) -> Command | None:
    """When the same thing is asked for twice: the command of the same cause, or a new one if the
    platform is not `reached` by the wish and nothing is under way to bring that about.
    """
    asked = row.commands.filter(action=action)
    same = asked.filter(cause=cause).first()
    if same or reached or asked.filter(status__in=commands.OPEN).exists():
        return same
    return ask(row, action, cause=cause, by=by)
