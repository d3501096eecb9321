"""Several workers at once, and workers that are killed: threads and processes on PostgreSQL."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection

from config import clock
from provisioning import services
from provisioning.connection.call_log import UNANSWERED
from provisioning.contract import State
from provisioning.engine import attempts, commands, execution
from provisioning.models import Command, Server, Service, UsageReading
from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from provisioning.registry import module_class
from tests.factories import (
    CommandFactory,
    CustomerFactory,
    PlacementFactory,
    ProductFactory,
    ServerFactory,
    ServerGroupFactory,
    ServiceFactory,
)
from tests.support.processes import manage

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PASSWORD = "Planted-Sys4dmin-Secret"
Status = Command.Status


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What each of `count` threads got, all let loose at one moment."""
    barrier = threading.Barrier(count)

    def run(number: int) -> Any:
        try:
            barrier.wait()
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.fixture
def simulator() -> Iterator[SmarterMailSimulator]:
    with SmarterMailSimulator(admin_password=PASSWORD) as running:
        yield running


def server_of(simulator: SmarterMailSimulator) -> Server:
    return ServerFactory(
        module="smartermail", hostname="127.0.0.1", port=simulator.port, secure=False,
        allow_private=True, username="admin", password=PASSWORD,
    )  # fmt: skip


def service_on(server: Server, domain: str = "client.example", **values: Any) -> Service:
    fields = module_class("smartermail").product_fields
    product = ProductFactory(module="smartermail", module_settings=fields.dump(fields.defaults()))
    return ServiceFactory(server=server, product=product, domain=domain, **values)


def carry_out_elsewhere(command: Command) -> Any:
    code = f"from provisioning.engine.execution import carry_out; carry_out({command.pk})"
    return manage("shell", "-v", "0", "-c", code)


def sync_everything() -> None:
    try:
        call_command("sync_usage")
    finally:
        connection.close()


def claim(command_id: int, _number: int) -> attempts.Attempt | None:
    return attempts.claim(command_id)


def test_of_many_workers_exactly_one_gets_a_command() -> None:
    for _ in range(10):
        command = CommandFactory()

        claims = at_once(8, partial(claim, command.pk))

        assert sum(claim is not None for claim in claims) == 1
        command.refresh_from_db()
        assert (command.status, command.attempts) == (Status.RUNNING, 1)


def test_two_commands_of_one_service_never_run_at_once() -> None:
    service = ServiceFactory(delivered=True)
    running = CommandFactory(service=service, action="suspend", status=Status.RUNNING)
    later = CommandFactory(service=service, action="unsuspend")

    # Even a claim that no longer sees the first one, as in a race, meets the constraint.
    assert attempts.claim(later.pk) is None
    with pytest.raises(Exception, match="one_running_command_per_service"):
        Command.objects.filter(pk=later.pk).update(status=Status.RUNNING)

    running.refresh_from_db()
    assert running.status == Status.RUNNING


def test_a_request_made_twice_at_once_is_one_command() -> None:
    service = ServiceFactory()

    asked = at_once(6, lambda _number: commands.request(service, "create", cause="order:1").pk)

    assert len(set(asked)) == 1
    assert Command.objects.count() == 1


def test_workers_in_processes_create_one_domain(simulator: SmarterMailSimulator) -> None:
    service = service_on(server_of(simulator))
    simulator.fault("delay", "*/domain-put", seconds=0.5)
    command = services.deliver(service, cause="order:1")
    assert command

    workers = [carry_out_elsewhere(command) for _ in range(3)]
    said = [worker.communicate(timeout=60)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0], said

    command.refresh_from_db()
    assert (command.status, command.attempts) == (Status.DONE, 1)
    assert len(simulator.journal.find("*/domain-put")) == 1
    assert list(simulator.state.domains) == [service.domain]


@pytest.mark.parametrize("kind", ["hang", "apply-then-hang"])
@pytest.mark.parametrize("path", ["*/domain-put", "*/domain-settings/*"])
def test_a_worker_killed_during_a_call_leaves_one_domain_in_the_end(
    simulator: SmarterMailSimulator, travel: Any, kind: str, path: str
) -> None:
    service = service_on(server_of(simulator))
    simulator.fault(kind, path, method="POST")
    command = services.deliver(service, cause="order:1")
    assert command
    Command.objects.update(not_before=clock.now() - timedelta(days=365))
    worker = carry_out_elsewhere(command)
    wait_until(lambda: bool(simulator.journal.find(path, method="POST")))
    worker.kill()
    worker.communicate()
    command.refresh_from_db()
    assert command.status == Status.RUNNING
    assert service.calls.filter(error=UNANSWERED).exists()  # what was sent is on record

    assert command.lease_until
    travel.move_to(command.lease_until + timedelta(seconds=1), tick=False)
    execution.sweep()
    execution.carry_out(command.pk)

    command.refresh_from_db()
    service.refresh_from_db()
    assert (command.status, command.attempts) == (Status.DONE, 2)
    assert service.observed == State.ACTIVE
    assert list(simulator.state.domains) == [service.domain]


def test_one_hanging_server_does_not_delay_the_sync_of_another(
    simulator: SmarterMailSimulator, settings: Any
) -> None:
    settings.HTTP_READ_TIMEOUT = 2.0
    with SmarterMailSimulator(admin_password=PASSWORD) as other:
        hanging, well = server_of(simulator), server_of(other)
        for each in (hanging, well):
            service_on(each, f"c{each.pk}.example", delivered=True)
        other.state.add_domain(f"c{well.pk}.example")
        simulator.fault("hang", "*", times=None)
        started = time.monotonic()
        sync = threading.Thread(target=sync_everything)
        sync.start()
        wait_until(lambda: Server.objects.get(pk=well.pk).usage_synced_at is not None)
        taken = time.monotonic() - started
        sync.join()

    assert taken < 1.9
    assert Server.objects.get(pk=hanging.pk).usage_synced_at is None
    assert [row.service.server for row in UsageReading.objects.filter(metric="disk")] == [well]


def test_the_last_place_on_a_server_is_given_once() -> None:
    product, customer = ProductFactory(), CustomerFactory()
    group = ServerGroupFactory(servers=[ServerFactory(capacity=1)])
    PlacementFactory(product=product, group=group)

    def order(number: int) -> bool:
        try:
            services.create_service(
                customer=customer, product=product, domain=f"c{number}.example",
                cycle="monthly", currency="EUR", anchor=date(2026, 1, 1),
            )  # fmt: skip
        except ValidationError:
            return False
        return True

    assert at_once(5, order).count(True) == 1
    assert Service.objects.count() == 1


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up, "it never happened"
        time.sleep(0.05)
