"""What a dead worker or a lost message leaves comes back; a worker thought dead stays out."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings

from config import clock
from provisioning import services
from provisioning.contract import Observed, State
from provisioning.engine import attempts, execution, observation
from provisioning.engine.attempts import LostLease
from provisioning.engine.outcomes import Outcome
from provisioning.models import Command, Service
from tests.factories import CommandFactory, ServiceFactory
from tests.support.fake_module import Domain, Platform

pytestmark = pytest.mark.django_db
Status = Command.Status


class Killed(BaseException):
    """What SIGKILL does to a worker: nothing more of it runs."""


def killed_in(platform: Platform, operation: str) -> None:
    def strike(current: str) -> None:
        if current == operation:
            platform.before = lambda _operation: None
            raise Killed

    platform.before = strike


@pytest.mark.parametrize("moment", ["create", "observe"])
def test_a_worker_killed_in_the_middle_leaves_one_account_in_the_end(
    service: Service, platform: Platform, sent: list[Any], travel: Any, moment: str
) -> None:
    command = services.deliver(service, cause="order:1")
    assert command is not None
    killed_in(platform, moment)
    with pytest.raises(Killed):
        execution.carry_out(command.pk)
    assert Command.objects.get().status == Status.RUNNING

    execution.sweep()
    assert Command.objects.get().status == Status.RUNNING  # its lease still holds
    travel.shift(attempts.lease() + timedelta(seconds=1))
    execution.sweep()
    execution.carry_out(command.pk)

    command.refresh_from_db()
    service.refresh_from_db()
    assert (command.status, command.attempts) == (Status.DONE, 2)
    assert len(platform.domains) == 1
    assert service.observed == State.ACTIVE


def test_a_worker_thought_dead_cannot_finish_what_another_has_begun(
    active: Service, platform: Platform, sent: list[Any], travel: Any
) -> None:
    command = CommandFactory(service=active, action=Command.Action.CHANGE_PASSWORD)
    zombie = attempts.claim(command.pk)
    travel.shift(attempts.lease() + timedelta(seconds=1))
    execution.sweep()
    second = attempts.claim(command.pk)
    assert zombie and second

    with pytest.raises(LostLease):
        zombie.store(Observed(state=State.MISSING))
    with pytest.raises(LostLease):
        zombie.progress({"marker": "zombie"}, {})
    with pytest.raises(LostLease):
        execution.finish(zombie, Outcome(status=Status.DONE))

    command.refresh_from_db()
    active.refresh_from_db()
    assert (command.status, command.attempts) == (Status.RUNNING, 2)
    assert (active.observed, active.module_data) == (State.ACTIVE, {})


def test_a_command_that_kills_its_workers_waits_for_a_person(
    service: Service, sent: list[Any]
) -> None:
    command = CommandFactory(
        service=service,
        status=Status.RUNNING,
        attempts=settings.COMMAND_MAX_ATTEMPTS,
        lease_until=clock.now() - timedelta(minutes=1),
    )

    execution.sweep()

    command.refresh_from_db()
    assert (command.status, command.error_kind) == (Status.ATTENTION, "lost")
    assert sent == []


def test_only_the_first_command_of_a_service_is_sent_again(
    active: Service, sent: list[Any]
) -> None:
    long_ago = clock.now() - timedelta(hours=1)
    first = CommandFactory(service=active, not_before=long_ago)
    CommandFactory(service=active, action=Command.Action.SUSPEND, not_before=long_ago)
    CommandFactory(not_before=clock.now() + timedelta(hours=1))

    execution.sweep()

    assert sent == [("carry_out", first.pk)]


def test_a_waiting_service_is_looked_at_ever_more_rarely_until_it_is_active(
    service: Service, platform: Platform, sent: list[Any], travel: Any
) -> None:
    platform.born_waiting = True
    command = services.deliver(service, cause="order:1")
    assert command is not None
    execution.carry_out(command.pk)
    service.refresh_from_db()
    assert (service.observed, service.activated_at) == (State.WAITING, None)

    looks = []
    for minute in range(60):
        execution.sweep()
        if ("observe_service", service.pk) in sent:
            sent.clear()
            looks.append(minute)
            observation.look_again(service.pk)
        travel.shift(60)
    platform.domains[service.domain].state = State.ACTIVE
    observation.look_again(service.pk)

    gaps = [after - before for before, after in pairwise(looks)]
    service.refresh_from_db()
    assert gaps == sorted(gaps)
    assert gaps[-1] > 4 * gaps[0]
    assert service.activated_at is not None


def test_looking_does_not_overwrite_a_command_at_work(active: Service, platform: Platform) -> None:
    platform.domains[active.domain] = Domain(state=State.SUSPENDED)
    CommandFactory(service=active, status=Status.RUNNING)

    observation.refresh(active)

    assert Service.objects.get().observed == State.ACTIVE


def test_services_that_wait_on_a_disabled_server_are_left_alone(sent: list[Any]) -> None:
    ServiceFactory(
        observed=State.WAITING,
        desired=Service.Desired.ACTIVE,
        observed_at=clock.now() - timedelta(days=1),
        server__enabled=False,
    )

    execution.sweep()

    assert sent == []
