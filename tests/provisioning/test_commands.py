"""Asking for an act: the outbox row, the message after commit, what people may do with a row."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import AuditEvent
from config.celery import app
from provisioning import services
from provisioning.contract import MisconfiguredError
from provisioning.engine import commands, execution
from provisioning.models import Command, Service
from tests.factories import CommandFactory, ServiceFactory, StaffFactory
from tests.support.fake_module import Platform

pytestmark = pytest.mark.django_db
Action, Status = Command.Action, Command.Status
OnCommit = DjangoCaptureOnCommitCallbacks


def test_a_second_request_of_the_same_cause_is_the_same_command_and_sent_once(
    service: Service, sent: list[Any], django_capture_on_commit_callbacks: OnCommit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first = commands.request(service, Action.CREATE, cause="order:17")
        second = commands.request(service, Action.CREATE, cause="order:17")

    assert first == second
    assert sent == [("carry_out", first.pk)]
    assert AuditEvent.objects.filter(action="command.requested").count() == 1


def test_a_command_is_gone_with_the_transaction_that_asked_for_it(
    service: Service, sent: list[Any], django_capture_on_commit_callbacks: OnCommit
) -> None:
    with (
        django_capture_on_commit_callbacks(execute=True),
        pytest.raises(RuntimeError),
        transaction.atomic(),
    ):
        commands.request(service, Action.CREATE, cause="order:17")
        raise RuntimeError

    assert not Command.objects.exists()
    assert sent == []


def test_a_broker_that_is_down_at_commit_is_no_error_and_the_sweeper_sends(
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: OnCommit,
    travel: Any,
) -> None:
    sent: list[int] = []

    def broken(*_args: Any, **_options: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(app, "send_task", broken)
    with django_capture_on_commit_callbacks(execute=True):
        command = services.deliver(service, cause="order:1")
    execution.sweep()
    travel.shift(execution.RESEND_AFTER.total_seconds() + 1)
    monkeypatch.setattr(app, "send_task", lambda name, args, **_: sent.extend(args))
    execution.sweep()
    execution.sweep()  # already sent, not yet taken: no second copy

    assert command is not None
    assert sent == [command.pk]


def test_arguments_rest_encrypted(service: Service) -> None:
    command = commands.request(
        service, Action.CHANGE_PASSWORD, cause="x", arguments={"password": "Planted-New-1"}
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT arguments FROM provisioning_command")
        assert "Planted" not in cursor.fetchone()[0]
    assert Command.objects.get(pk=command.pk).arguments == {"password": "Planted-New-1"}


def test_a_person_tries_again_what_needed_attention(
    service: Service, platform: Platform, sent: list[Any]
) -> None:
    staff = StaffFactory()
    platform.fail("create", MisconfiguredError("wrong password"))
    command = services.deliver(service, cause="order:1", by=staff)
    assert command is not None
    execution.carry_out(command.pk)
    command.refresh_from_db()
    assert command.status == Status.ATTENTION

    commands.retry(command, staff)
    execution.carry_out(command.pk)

    command.refresh_from_db()
    assert (command.status, command.attempts, command.error_kind) == (Status.DONE, 2, "")
    retried = AuditEvent.objects.get(action="command.retried")
    assert retried.actor == staff


@pytest.mark.parametrize("status", [Status.DONE, Status.RUNNING, Status.CANCELLED])
def test_what_is_settled_or_running_cannot_be_tried_again(status: str, sent: list[Any]) -> None:
    command = CommandFactory(status=status)

    with pytest.raises(ValidationError):
        commands.retry(command)

    assert Command.objects.get().status == status
    assert sent == []


def test_a_refused_password_is_not_kept_and_so_cannot_be_tried_again() -> None:
    command = CommandFactory(action=Action.CHANGE_PASSWORD, status=Status.FAILED)

    with pytest.raises(ValidationError, match="not kept"):
        commands.retry(command)

    assert Command.objects.get().status == Status.FAILED


def test_cancelling_erases_the_password_and_lets_the_next_command_go(
    sent: list[Any], django_capture_on_commit_callbacks: OnCommit
) -> None:
    service = ServiceFactory(delivered=True)
    first = CommandFactory(
        service=service, action=Action.CHANGE_PASSWORD, arguments={"password": "Planted-New-1"}
    )
    second = CommandFactory(service=service, action=Action.SUSPEND)

    with django_capture_on_commit_callbacks(execute=True):
        commands.cancel(first)

    assert (first.status, first.arguments) == (Status.CANCELLED, {})
    assert sent == [("carry_out", second.pk)]


def test_a_running_command_cannot_be_cancelled() -> None:
    command = CommandFactory(status=Status.RUNNING)

    with pytest.raises(ValidationError, match="running"):
        commands.cancel(command)

    assert Command.objects.get().status == Status.RUNNING
