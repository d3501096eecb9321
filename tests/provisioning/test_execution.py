"""One attempt at a command: what each end of it does to the command and to the service."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from accounts.models import AuditEvent
from config import clock
from provisioning import restrictions, services
from provisioning.contract import (
    ConflictError,
    DoesNotFit,
    InvalidInput,
    MisconfiguredError,
    ModuleError,
    Observed,
    PermanentError,
    State,
    TemporaryError,
    UnsupportedError,
)
from provisioning.engine import execution, outcomes
from provisioning.models import (
    Alias,
    Command,
    DirectorySync,
    FeatureInterval,
    Mailbox,
    Server,
    Service,
)
from tests.factories import CommandFactory, MailboxFactory, ProductFactory
from tests.support.fake_module import Domain, FakeModule, Platform

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent")]
Action, Status = Command.Action, Command.Status


def carried_out(command: Command | None) -> Command:
    assert command is not None
    execution.carry_out(command.pk)
    command.refresh_from_db()
    return command


def due_now(command: Command) -> None:
    Command.objects.filter(pk=command.pk).update(not_before=clock.now())


def test_create_makes_one_account_and_stores_what_was_seen(
    service: Service, platform: Platform
) -> None:
    command = carried_out(services.deliver(service, cause="order:1"))

    service.refresh_from_db()
    assert (command.status, command.attempts) == (Status.DONE, 1)
    assert command.notes == ["made by the fake"]
    assert (service.observed, service.desired) == (State.ACTIVE, Service.Desired.ACTIVE)
    assert service.activated_at is not None
    assert service.module_data == {"marker": service.public_id, "linked": True}
    assert service.module_secrets == {"admin_password": "Planted-Account-Secret"}
    assert list(platform.domains) == [service.domain]


def test_progress_is_stored_before_the_request_that_may_be_the_last(
    service: Service, platform: Platform
) -> None:
    stored: list[Any] = []
    platform.before = lambda operation: (
        stored.append(Service.objects.get().module_data) if operation == "create" else None
    )

    carried_out(services.deliver(service, cause="order:1"))

    assert stored == [{"marker": service.public_id}]


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (TemporaryError("no answer"), Status.QUEUED, "temporary"),
        (MisconfiguredError("wrong password"), Status.ATTENTION, "misconfigured"),
        (ConflictError("taken"), Status.ATTENTION, "conflict"),
        (UnsupportedError("cannot"), Status.ATTENTION, "unsupported"),
        (InvalidInput("domain", "no such path"), Status.FAILED, "permanent"),
        (DoesNotFit(["12 mailboxes, limit 10"]), Status.FAILED, "permanent"),
        (ModuleError("odd"), Status.ATTENTION, "refused"),
        (KeyError("data"), Status.ATTENTION, "crash"),
    ],
)
def test_each_error_ends_in_its_state_with_words_for_people(
    service: Service, platform: Platform, error: Exception, status: str, kind: str
) -> None:
    platform.fail("create", error)

    command = carried_out(services.deliver(service, cause="order:1"))

    service.refresh_from_db()
    assert (command.status, command.error_kind) == (status, kind)
    assert command.detail
    assert command.message
    assert service.observed == State.MISSING
    assert platform.domains == {}


def test_the_text_of_an_unforeseen_error_stays_out_of_the_row(
    service: Service, platform: Platform
) -> None:
    platform.fail("create", RuntimeError("password=Planted-Server-Secret"))

    command = carried_out(services.deliver(service, cause="order:1"))

    assert "Planted" not in command.detail + command.message
    assert "RuntimeError" in command.detail


def test_a_lost_answer_ends_in_one_account(service: Service, platform: Platform) -> None:
    platform.fail("create", TemporaryError("lost", maybe_applied=True), after=True)

    command = carried_out(services.deliver(service, cause="order:1"))
    assert command.status == Status.QUEUED
    due_now(command)
    carried_out(command)

    service.refresh_from_db()
    assert (command.status, command.attempts) == (Status.DONE, 2)
    assert len(platform.domains) == 1
    assert service.observed == State.ACTIVE


def test_before_repeating_it_looks_what_the_first_attempt_did(
    active: Service, platform: Platform
) -> None:
    platform.fail("suspend", TemporaryError("lost", maybe_applied=True), after=True)

    command = carried_out(
        services.suspend(active, reason_code="staff", reason="abuse", cause="staff:1")
    )
    due_now(command)
    carried_out(command)

    assert command.status == Status.DONE
    assert platform.calls.count("suspend") == 1


def test_an_act_that_does_not_show_on_the_platform_is_tried_again(
    active: Service, platform: Platform
) -> None:
    def undo(operation: str) -> None:
        if operation == "observe":
            platform.domains[active.domain].state = State.ACTIVE

    platform.before = undo

    command = carried_out(
        services.suspend(active, reason_code="staff", reason="abuse", cause="staff:1")
    )

    active.refresh_from_db()
    assert (command.status, command.error_kind) == (Status.QUEUED, "temporary")
    assert "is active" in command.detail
    assert active.observed == State.ACTIVE


def test_attempts_end_and_a_person_is_asked(service: Service, platform: Platform) -> None:
    platform.fail("create", TemporaryError("busy", retry_after=1.0), times=100)
    command = services.deliver(service, cause="order:1")

    for _ in range(settings.COMMAND_MAX_ATTEMPTS + 3):
        carried_out(command)
        due_now(command)

    assert command is not None
    assert (command.status, command.attempts) == (Status.ATTENTION, settings.COMMAND_MAX_ATTEMPTS)
    assert platform.calls.count("create") == settings.COMMAND_MAX_ATTEMPTS


def test_waits_double_with_full_jitter_up_to_a_cap() -> None:
    waits = [[outcomes.backoff(attempts) for _ in range(200)] for attempts in (1, 2, 3, 8)]
    ceilings = [max(each) for each in waits]

    assert ceilings[0] <= 15 < ceilings[2] <= 60
    assert all(max(each) <= outcomes.LONGEST_WAIT for each in waits)
    assert min(waits[3]) < 300 < ceilings[3]  # jitter reaches down to nothing


def test_retry_after_is_obeyed(service: Service, platform: Platform) -> None:
    platform.fail("create", TemporaryError("429", retry_after=700))

    command = carried_out(services.deliver(service, cause="order:1"))

    assert (command.not_before - clock.now()).total_seconds() > 690


def test_a_paused_server_costs_no_attempt(service: Service, platform: Platform) -> None:
    Server.objects.update(failures=3, paused_until=clock.now() + timedelta(minutes=5))

    command = carried_out(services.deliver(service, cause="order:1"))

    assert (command.status, command.attempts, command.error_kind) == (Status.QUEUED, 0, "paused")
    assert (command.not_before - clock.now()).total_seconds() > 290
    assert platform.calls == []


def test_a_suspension_overtaken_by_termination_is_not_carried_out(
    active: Service, platform: Platform
) -> None:
    command = CommandFactory(service=active, action=Action.SUSPEND)
    Service.objects.update(desired=Service.Desired.TERMINATED)

    carried_out(command)

    assert command.status == Status.CANCELLED
    assert "terminated" in command.detail
    assert platform.calls == []


def test_commands_of_a_service_keep_their_order(active: Service, platform: Platform) -> None:
    earlier = CommandFactory(service=active, action=Action.CHANGE_PASSWORD, not_before=clock.now())
    later = services.suspend(active, reason_code="staff", reason="abuse", cause="staff:1")

    carried_out(later)
    assert later is not None
    assert (later.status, platform.calls) == (Status.QUEUED, [])
    Command.objects.filter(pk=earlier.pk).update(status=Status.DONE)
    carried_out(later)

    assert later.status == Status.DONE


def test_nothing_is_done_to_an_account_whose_creation_waits_for_a_person(
    service: Service, platform: Platform
) -> None:
    platform.fail("create", MisconfiguredError("wrong path"))
    create = carried_out(services.deliver(service, cause="order:1"))
    suspend = services.suspend(service, reason_code="staff", reason="abuse", cause="staff:1")

    carried_out(suspend)

    assert suspend is not None
    assert (create.status, suspend.status) == (Status.ATTENTION, Status.QUEUED)
    assert "suspend" not in platform.calls


def test_a_new_password_is_erased_when_it_is_set(active: Service, platform: Platform) -> None:
    command = carried_out(
        services.change_password(active, password="Planted-New-1", cause="staff:1")
    )

    assert (command.status, command.arguments) == (Status.DONE, {})
    assert platform.domains[active.domain].password == "Planted-New-1"


def test_a_package_is_changed_when_the_platform_has_it(active: Service, platform: Platform) -> None:
    bigger = ProductFactory(module_settings={"limit": 50})
    command = services.change_package(active, product=bigger, options=None, cause="staff:1")
    active.refresh_from_db()
    assert active.product != bigger

    carried_out(command)

    active.refresh_from_db()
    assert active.product == bigger
    assert platform.domains[active.domain].limit == 50


def test_a_refused_package_leaves_the_old_one(active: Service, platform: Platform) -> None:
    before = active.product
    platform.fail("change_package", DoesNotFit(["12 mailboxes exist, the new limit is 10"]))

    command = carried_out(
        services.change_package(active, product=ProductFactory(), options=None, cause="staff:1")
    )

    active.refresh_from_db()
    assert (command.status, active.product) == (Status.FAILED, before)
    assert "12 mailboxes" in command.message


def test_terminating_ends_the_service_and_its_feature_intervals(
    active: Service, platform: Platform
) -> None:
    FeatureInterval.objects.create(
        service=active, address="a@x.example", feature="eas", started_at=clock.now(), source="poll"
    )

    command = carried_out(services.terminate(active, cause="staff:1"))

    active.refresh_from_db()
    interval = FeatureInterval.objects.get()
    assert command.status == Status.DONE
    assert (active.observed, platform.domains) == (State.MISSING, {})
    assert active.terminated_at is not None
    assert interval.ended_at is not None
    assert interval.mailbox_deleted


def test_a_terminated_service_has_no_mailboxes_left_and_the_trail_tells_how_many_went(
    active: Service, platform: Platform
) -> None:
    other = MailboxFactory()
    MailboxFactory.create_batch(3, service=active)
    Alias.objects.create(service=active, address="sales@x.example")
    DirectorySync.objects.create(service=active, synced_at=clock.now())

    carried_out(services.terminate(active, cause="staff:1"))

    assert [mailbox.pk for mailbox in Mailbox.objects.all()] == [other.pk]
    assert not Alias.objects.exists()
    assert not DirectorySync.objects.exists()
    event = AuditEvent.objects.get(action="service.mail_directory_gone")
    assert (event.before, event.customer) == ({"mailboxes": 3, "aliases": 1}, active.customer)


def test_a_termination_that_fails_leaves_the_mailboxes_in_the_mirror(
    active: Service, platform: Platform
) -> None:
    MailboxFactory(service=active)
    platform.fail("terminate", PermanentError("no"))

    carried_out(services.terminate(active, cause="staff:1"))

    assert Mailbox.objects.count() == 1
    assert not AuditEvent.objects.filter(action="service.mail_directory_gone").exists()


def test_a_strangers_domain_is_not_deleted_with_a_service_that_never_had_it(
    service: Service, platform: Platform
) -> None:
    platform.domains[service.domain] = Domain(marker="somebody else")
    create = carried_out(services.deliver(service, cause="order:1"))
    assert create.error_kind == "conflict"

    command = carried_out(services.terminate(service, cause="staff:1"))

    assert command.status == Status.DONE
    assert "terminate" not in platform.calls
    assert platform.domains[service.domain].marker == "somebody else"


def test_a_suspension_asked_for_during_creation_is_caught_up(
    service: Service, platform: Platform
) -> None:
    create = services.deliver(service, cause="order:1")
    Service.objects.update(desired=Service.Desired.SUSPENDED, suspend_reasons={"dunning": "late"})

    carried_out(create)

    follow_up = Command.objects.get(action=Action.SUSPEND)
    assert create is not None
    assert follow_up.cause == f"after:{create.pk}"
    carried_out(follow_up)
    assert platform.domains[service.domain].state == State.SUSPENDED


def test_outgoing_mail_alone_is_stopped_and_allowed_again(
    active: Service, platform: Platform
) -> None:
    carried_out(restrictions.restrict(active, reason_code="staff", reason="spam", cause="staff:1"))
    active.refresh_from_db()
    assert (active.observed, active.restricted) == (State.ACTIVE, True)
    assert platform.domains[active.domain].restricted

    carried_out(restrictions.unrestrict(active, reason_code="staff", cause="staff:2"))

    active.refresh_from_db()
    assert not active.restricted
    assert not platform.domains[active.domain].restricted


@pytest.mark.parametrize("overtaken_by", ["suspension", "release"])
def test_a_restriction_that_is_not_wanted_any_more_is_not_carried_out(
    active: Service, platform: Platform, overtaken_by: str
) -> None:
    command = restrictions.restrict(active, reason_code="staff", reason="spam", cause="staff:1")
    if overtaken_by == "release":
        restrictions.unrestrict(active, reason_code="staff", cause="staff:2")
    else:
        services.suspend(active, reason_code="staff", reason="abuse", cause="staff:2")

    command = carried_out(command)

    assert (command.status, platform.calls) == (Status.CANCELLED, [])
    assert "is now to be" in command.detail


def test_a_restriction_that_changes_nothing_there_is_tried_again(
    active: Service, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Observed(state=State.ACTIVE, restricted=False)
    monkeypatch.setattr(FakeModule, "observe", lambda _self, _account: seen)

    command = carried_out(
        restrictions.restrict(active, reason_code="staff", reason="spam", cause="staff:1")
    )

    assert command.status == Status.QUEUED
    assert "outgoing mail is as it was" in command.detail


def test_a_command_that_is_done_is_not_done_again(service: Service, platform: Platform) -> None:
    command = carried_out(services.deliver(service, cause="order:1"))
    calls = list(platform.calls)

    carried_out(command)

    assert platform.calls == calls
    assert command.attempts == 1
