"""Carrying commands out, and bringing back those whose worker died.

Correctness lies in the rows: a task may be delivered twice, late or never. Exactly one worker gets
a command, what it does is bounded by a lease, and it looks before it repeats.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F

from accounts import audit
from config import clock
from products.models import Product
from provisioning.contract import ModuleError, State
from provisioning.declared import choices
from provisioning.directory import mirror
from provisioning.engine import acts, commands, observation, outcomes
from provisioning.engine.attempts import Attempt, LostLease, claim
from provisioning.engine.commands import Action, send_next, without_secrets
from provisioning.engine.dispatch import send, send_on_commit
from provisioning.engine.observation import with_platform
from provisioning.engine.outcomes import Outcome
from provisioning.metering import features
from provisioning.models import Command, Service

log = structlog.get_logger(__name__)

Status = Command.Status
FINAL = frozenset({Status.DONE, Status.FAILED, Status.CANCELLED})
# Longer waits are left to the sweeper: a broker delivers a message twice that it holds for long.
LONGEST_COUNTDOWN = 300.0
# A message under way is given this long before the sweeper sends another.
RESEND_AFTER = timedelta(seconds=90)
SWEEP_AT_ONCE = 500
LOST = "The worker that carried this out did not come back."


def carry_out(command_id: int) -> None:
    """One attempt at most. Nothing happens when it is not this command's turn."""
    attempt = claim(command_id)
    if attempt is None:
        return
    try:
        finish(attempt, _attempted(attempt))
    except LostLease:
        log.warning("an attempt outlived its lease", command=command_id, attempt=attempt.number)


def _attempted(attempt: Attempt) -> Outcome:
    """The worker boundary: whatever a module does, the command ends in a state that people see."""
    try:
        service = with_platform(attempt.command.service_id)
        why_not = acts.overtaken(attempt.command, service)
        if why_not:
            return Outcome(status=Status.CANCELLED, detail=why_not)
        return Outcome(status=Status.DONE, notes=acts.perform(attempt, service))
    except ModuleError as error:
        return outcomes.of(error, attempts=attempt.number)
    except (LostLease, OperationalError, InterfaceError):
        raise  # the database is away, and with it the place to say so: the sweeper finds the row
    except Exception as error:  # the one place where anything may come
        log.exception("a command broke", command=attempt.command.pk)
        return outcomes.crashed(error)


def finish(attempt: Attempt, outcome: Outcome) -> None:
    """LostLease when another attempt has begun: then this one has nothing to say any more."""
    command = attempt.command
    with transaction.atomic():
        service = Service.objects.select_for_update().get(pk=command.service_id)
        _write(attempt, outcome)
        if outcome.status == Status.DONE:
            EFFECTS.get(command.action, _nothing)(command, service)
        if outcome.kind == "conflict":
            _forget_a_stranger(command, service)
        if outcome.status != Status.QUEUED:
            _record(command, service, outcome)
            send_next(service.pk)
        elif outcome.delay <= LONGEST_COUNTDOWN:
            send_on_commit("carry_out", command.pk, countdown=outcome.delay)


def sweep() -> None:
    """Every minute: what a dead worker held goes back, what a broker lost is sent again."""
    for command in Command.objects.filter(status=Status.RUNNING, lease_until__lt=clock.now()):
        _bring_back(command)
    now = clock.now()
    overdue = commands.startable(now - RESEND_AFTER).order_by("not_before")
    ids = list(overdue.values_list("pk", flat=True)[:SWEEP_AT_ONCE])
    for command_id in ids:
        if not send("carry_out", command_id):
            break  # the broker is down: the next sweep tries again
        # Due from now on, so that a long queue is not filled with copies of the same message.
        Command.objects.filter(pk=command_id, status=Status.QUEUED).update(not_before=now)
    for service_id in observation.waiting_for_a_look():
        send("observe_service", service_id)


def _bring_back(command: Command) -> None:
    """A command that has cost several workers their lives waits for a person."""
    held = Command.objects.filter(
        pk=command.pk, status=Status.RUNNING, attempts=command.attempts, lease_until__lt=clock.now()
    )
    give_up = outcomes.last_attempt(command.attempts)
    with transaction.atomic():
        moved = held.update(
            status=Status.ATTENTION if give_up else Status.QUEUED,
            error_kind="lost",
            detail=LOST,
            message=ModuleError.message if give_up else "",
            not_before=clock.now(),
            lease_until=None,
        )
        if moved and not give_up:
            send_on_commit("carry_out", command.pk)


def _write(attempt: Attempt, outcome: Outcome) -> None:
    command, now = attempt.command, clock.now()
    final = outcome.status in FINAL
    command.arguments = without_secrets(command.arguments) if final else command.arguments
    moved = attempt.rows().update(
        status=outcome.status,
        error_kind=outcome.kind,
        detail=outcome.detail,
        message=outcome.message,
        notes=[*command.notes, *outcome.notes],
        arguments=command.arguments,
        attempts=F("attempts") - (0 if outcome.counted else 1),
        not_before=now + timedelta(seconds=outcome.delay),
        lease_until=None,
        finished_at=now if final else None,
    )
    if not moved:
        raise LostLease


def _record(command: Command, service: Service, outcome: Outcome) -> None:
    audit.record(
        f"command.{outcome.status}",
        command,
        before={"status": Status.RUNNING},
        after={
            "status": outcome.status,
            "action": command.action,
            "observed": service.observed,
            "detail": outcome.detail,
        },
        customer=service.customer,
    )


def _begun(command: Command, service: Service) -> None:
    """Suspended while the creation was under way, or before the panel knew the account."""
    if (service.desired, service.observed) == (Service.Desired.ACTIVE, State.SUSPENDED):
        service.desired = Service.Desired.SUSPENDED
        service.suspend_reasons = {"found": "Suspended on the platform when it was taken over."}
        service.save(update_fields=["desired", "suspend_reasons"])
    wanted = service.desired == Service.Desired.SUSPENDED and service.observed == State.ACTIVE
    waiting = service.commands.filter(action=Action.SUSPEND, status__in=commands.OPEN)
    if wanted and not waiting.exists():
        commands.request(service, Action.SUSPEND, cause=f"after:{command.pk}")


def _terminated(_command: Command, service: Service) -> None:
    service.terminated_at = service.terminated_at or clock.now()
    service.save(update_fields=["terminated_at"])
    features.close_all(service)
    held = mirror.forget(service)
    if held:
        audit.record("service.mail_directory_gone", service, before=held)


def _package_changed(command: Command, service: Service) -> None:
    before = audit.facts(service)
    product = Product.objects.get(pk=command.arguments["product"])
    service.product = product
    service.save(update_fields=["product"])
    choices.replace(service, choices.still_offered(product, command.arguments["options"]))
    audit.record("service.package_changed", service, before=before, after=audit.facts(service))


def _forget_a_stranger(command: Command, service: Service) -> None:
    """What a creation noted before it met a stranger's account must not make that account ours."""
    if command.action == Action.CREATE and service.activated_at is None:
        service.module_data, service.module_secrets = {}, {}
        service.save(update_fields=["module_data", "module_secrets"])


def _nothing(_command: Command, _service: Service) -> None:
    return


EFFECTS: dict[str, Callable[[Command, Service], None]] = {
    Action.CREATE: _begun,
    Action.ADOPT: _begun,
    Action.TERMINATE: _terminated,
    Action.CHANGE_PACKAGE: _package_changed,
}
