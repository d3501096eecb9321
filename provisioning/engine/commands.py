"""Asking for an act on a platform: a row in the caller's transaction, sent after its commit."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import audit
from accounts.audit import Actor, acting, current_actor
from accounts.models import User
from config import clock
from provisioning.engine.dispatch import send_on_commit
from provisioning.models import Command, Service

Action, Status = Command.Action, Command.Status

WAITING = (Status.QUEUED, Status.ATTENTION)
OPEN = (Status.QUEUED, Status.RUNNING, Status.ATTENTION)
# Until an account exists on the platform nothing else can be done to it.
BEGINNINGS = (Action.CREATE, Action.ADOPT)
SECRET_ARGUMENTS = frozenset({"password"})


def request(
    service: Service,
    action: str,
    *,
    cause: str,
    arguments: Mapping[str, Any] | None = None,
    by: User | None = None,
) -> Command:
    """The command for this cause: a second request with the same cause returns the first one."""
    with transaction.atomic(), on_behalf_of(by):
        command, created = Command.objects.get_or_create(
            service=service,
            action=action,
            cause=cause,
            defaults={"arguments": dict(arguments or {}), "requested_by": by},
        )
        if created:
            audit.record(
                "command.requested",
                command,
                after={"action": action, "cause": cause},
                customer=service.customer,
            )
            send_on_commit("carry_out", command.pk)
    return command


def retry(command: Command, by: User | None = None) -> None:
    """Another round of attempts, at once. ValidationError when there is nothing to try again."""
    if command.action == Action.CHANGE_PASSWORD and command.status == Status.FAILED:
        raise ValidationError("The refused password is not kept. Please set a new one.")
    allowed = (Status.QUEUED, Status.ATTENTION, Status.FAILED)
    with transaction.atomic():
        _move(command, allowed, Status.QUEUED, by=by, action="command.retried")
        send_on_commit("carry_out", command.pk)


def cancel(command: Command, by: User | None = None) -> None:
    with transaction.atomic():
        _move(command, WAITING, Status.CANCELLED, by=by, action="command.cancelled")
        send_next(command.service_id)


def cancel_waiting(service: Service, by: User | None = None) -> None:
    """All that wait; one that a worker has just taken runs its course."""
    for command in Command.objects.filter(service=service, status__in=WAITING):
        with suppress(ValidationError):
            cancel(command, by)


def send_next(service_id: int) -> None:
    """The service's next command that may start, once the transaction is through."""
    following = startable().filter(service=service_id).order_by("pk").first()
    if following:
        send_on_commit("carry_out", following.pk)


def startable(now: datetime | None = None) -> QuerySet[Command]:
    """Due, and no earlier command of the same service stands in the way."""
    earlier = Command.objects.filter(
        Q(status__in=(Status.QUEUED, Status.RUNNING))
        | Q(status=Status.ATTENTION, action__in=BEGINNINGS),
        service=OuterRef("service"),
        pk__lt=OuterRef("pk"),
    )
    due = Command.objects.filter(status=Status.QUEUED, not_before__lte=now or clock.now())
    return due.filter(~Exists(earlier))


def without_secrets(arguments: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        name: value for name, value in (arguments or {}).items() if name not in SECRET_ARGUMENTS
    }


def on_behalf_of(user: User | None) -> AbstractContextManager[None]:
    """Audit events carry `user`, unless a request has named its own actor already."""
    if user is None or current_actor().user is not None:
        return nullcontext()
    return acting(Actor(user=user, label=user.email))


def _move(
    command: Command, allowed: tuple[str, ...], status: str, *, by: User | None, action: str
) -> None:
    """One conditional UPDATE: a worker that takes the command at this moment wins or loses."""
    finished = status == Status.CANCELLED
    values: dict[str, Any] = {
        "status": status,
        "not_before": clock.now(),
        "finished_at": clock.now() if finished else None,
    }
    if finished:
        values["arguments"] = without_secrets(command.arguments)
    before = Command.objects.values_list("status", flat=True).get(pk=command.pk)
    if not Command.objects.filter(pk=command.pk, status__in=allowed).update(**values):
        raise ValidationError(f"This command is {Status(before).label.lower()} and stays so.")
    with on_behalf_of(by):
        audit.record(
            action,
            command,
            before={"status": before},
            after={"status": status},
            customer=command.service.customer,
        )
    command.refresh_from_db()
