"""One worker's hold on one command: taken by an UPDATE, kept by a lease, fenced by its number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from config import clock
from provisioning.contract import Observed
from provisioning.engine import observation
from provisioning.engine.commands import startable
from provisioning.models import Command, Service

Status = Command.Status

# Beside the calls: what a last answer that drips in and a slow database may cost.
SLACK = timedelta(minutes=2)


def budget() -> float:
    """Seconds that all calls of an attempt may take together."""
    return float(settings.HTTP_DEADLINE)


def lease() -> timedelta:
    return timedelta(seconds=2 * budget()) + SLACK


class LostLease(Exception):
    """The command is not ours any more: it was thought dead and given to another worker."""


class Attempt:
    """A claimed command. Everything it writes is refused once another attempt has begun."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.number = command.attempts

    def rows(self) -> QuerySet[Command]:
        return Command.objects.filter(
            pk=self.command.pk, status=Status.RUNNING, attempts=self.number
        )

    def renew(self) -> None:
        """LostLease. Inside a transaction this also locks the command until it ends."""
        if not self.rows().update(lease_until=clock.now() + lease()):
            raise LostLease

    def progress(self, data: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        """Durable when it returns: the next request to the platform may be the last we do."""
        with transaction.atomic(durable=True):
            row = Service.objects.select_for_update().get(pk=self.command.service_id)
            self.renew()
            fields = observation.merge(row, data, secrets)
            if fields:
                row.save(update_fields=fields)

    def store(self, seen: Observed) -> None:
        with transaction.atomic(durable=True):
            row = Service.objects.select_for_update().get(pk=self.command.service_id)
            self.renew()
            observation.apply(row, seen)


def claim(command_id: int) -> Attempt | None:
    """None when it is not this command's turn, or another worker was faster."""
    now = clock.now()
    try:
        with transaction.atomic(durable=True):
            taken = (
                startable(now)
                .filter(pk=command_id)
                .update(
                    status=Status.RUNNING,
                    attempts=F("attempts") + 1,
                    lease_until=now + lease(),
                    started_at=now,
                )
            )
    except IntegrityError:
        return None  # another command of the service is running
    if not taken:
        return None
    rows = Command.objects.select_related("service", "requested_by")
    return Attempt(rows.get(pk=command_id))
