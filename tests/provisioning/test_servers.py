"""Which server a new service goes to, what Test Connection learns, when a server is left alone."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from config import clock
from products.models import Product
from provisioning.connection import breaker, slots
from provisioning.connection.breaker import ServerPaused
from provisioning.connection.links import open_module
from provisioning.connection.slots import ServerBusy
from provisioning.contract import MisconfiguredError, NotFound, TemporaryError
from provisioning.models import Server, ServerGroup
from provisioning.servers import check, choose_server
from tests.factories import (
    PlacementFactory,
    ProductFactory,
    ServerFactory,
    ServerGroupFactory,
    ServiceFactory,
)
from tests.support.fake_module import Platform

pytestmark = pytest.mark.django_db


def placed(*servers: Server, fill: str = ServerGroup.Fill.LEAST_FULL) -> Product:
    product: Product = ProductFactory()
    PlacementFactory(product=product, group=ServerGroupFactory(servers=servers, fill=fill))
    return product


def fill(server: Server, services: int) -> Server:
    ServiceFactory.create_batch(services, server=server)
    return server


def test_the_least_full_server_is_chosen_by_share_of_its_capacity() -> None:
    small = fill(ServerFactory(capacity=4), 2)
    large = fill(ServerFactory(capacity=100), 3)

    assert choose_server(placed(small, large)) == large


def test_in_order_the_first_with_room_is_chosen() -> None:
    full = fill(ServerFactory(capacity=2), 2)
    next_one, last = ServerFactory(capacity=2), ServerFactory()

    assert choose_server(placed(full, next_one, last, fill="in_order")) == next_one


def test_ended_services_take_no_room() -> None:
    server = ServerFactory(capacity=1)
    ServiceFactory(server=server, desired="terminated")

    assert choose_server(placed(server)) == server


def test_servers_that_are_off_paused_or_of_another_platform_are_passed_over() -> None:
    product = placed(
        ServerFactory(enabled=False),
        ServerFactory(paused_until=clock.now() + timedelta(minutes=1)),
        ServerFactory(module="smartermail"),
    )

    with pytest.raises(ValidationError) as refusal:
        choose_server(product)

    assert list(refusal.value.message_dict) == ["server"]


def test_without_a_group_any_server_of_the_platform_will_do_the_least_full_first() -> None:
    product = ProductFactory()
    fill(ServerFactory(module=product.module), 2)
    ServerFactory(module="smartermail")
    free = fill(ServerFactory(module=product.module), 1)

    assert choose_server(product) == free


def test_without_a_group_and_without_a_server_the_product_is_named() -> None:
    product = ProductFactory(name="Hosted mail")

    with pytest.raises(ValidationError) as refusal:
        choose_server(product)

    assert "for Hosted mail" in refusal.value.message_dict["server"][0]


def test_a_good_check_stores_what_the_server_said(server: Server) -> None:
    checked = check(server)

    assert (checked.health, checked.health_detail) == ("up", "")
    assert (checked.version, checked.account_count, checked.latency_ms) == ("1.2", 0, 3)


@pytest.mark.parametrize(
    ("error", "health"),
    [
        (TemporaryError("no answer"), "down"),
        (MisconfiguredError("wrong password"), "misconfigured"),
        (NotFound("no API here"), "misconfigured"),
    ],
)
def test_a_bad_check_says_why_and_never_raises(
    server: Server, platform: Platform, error: Exception, health: str
) -> None:
    Server.objects.update(version="1.1")
    platform.fail("check", error)

    checked = check(server)

    assert (checked.health, checked.health_detail) == (health, str(error))
    assert checked.version == "1.1"


def test_a_busy_server_is_not_called_down(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "PEOPLE", slots.Lane(name="people", slots=0, wait=0))

    assert check(server).health == "unknown"


def test_a_server_whose_module_is_gone_is_misconfigured(db: None) -> None:
    checked = check(ServerFactory(module="withdrawn"))

    assert checked.health == "misconfigured"
    assert "withdrawn" in checked.health_detail


def fails(server: Server, error: Exception | None = None) -> None:
    with (
        pytest.raises(TemporaryError),
        open_module(Server.objects.get(pk=server.pk)) as module,
    ):
        module.platform.calls.append("called")  # type: ignore[attr-defined]
        raise error or TemporaryError("no answer")


def test_three_failures_in_a_row_pause_a_server_and_nothing_is_sent(
    server: Server, platform: Platform, travel: Any
) -> None:
    for _ in range(3):
        fails(server)
    server.refresh_from_db()
    assert server.paused_until == clock.now() + breaker.FIRST_PAUSE
    assert (server.health, server.health_detail) == ("down", "no answer")

    with pytest.raises(ServerPaused) as paused, open_module(server):
        platform.calls.append("called")

    assert paused.value.retry_after == 30
    assert platform.calls == ["called"] * 3


def test_after_the_pause_one_trial_is_made_and_a_failed_one_doubles_it(
    server: Server, platform: Platform, travel: Any
) -> None:
    for _ in range(3):
        fails(server)
    travel.shift(31)
    assert breaker.admit(server)
    with pytest.raises(ServerPaused):
        breaker.admit(server)  # the trial is under way
    breaker.record_failure(server, trial=True)

    server.refresh_from_db()
    assert server.paused_until == clock.now() + 2 * breaker.FIRST_PAUSE


def test_an_answer_closes_the_circuit(server: Server, travel: Any) -> None:
    for _ in range(3):
        fails(server)
    travel.shift(31)

    with open_module(server):
        pass

    server.refresh_from_db()
    assert (server.failures, server.paused_until, server.health) == (0, None, "up")


def test_a_refusal_is_an_answer_and_a_wrong_password_opens_nothing(server: Server) -> None:
    for error in (NotFound("x"), MisconfiguredError("x"), TemporaryError("429", retry_after=5)):
        for _ in range(4):
            with pytest.raises(type(error)), open_module(server):
                raise error

    server.refresh_from_db()
    assert (server.failures, server.paused_until) == (0, None)


def test_pauses_grow_to_a_longest() -> None:
    pauses = [breaker.pause(failures) for failures in (3, 4, 5, 50)]

    assert pauses == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2),
                      breaker.LONGEST_PAUSE]  # fmt: skip


def test_workers_get_few_places_at_a_server_and_people_have_their_own(server: Server) -> None:
    with (
        slots.hold(server, slots.WORKERS, lease=60),
        slots.hold(server, slots.WORKERS, lease=60),
    ):
        with pytest.raises(ServerBusy), slots.hold(server, slots.WORKERS, lease=60):
            pass
        with slots.hold(server, slots.PEOPLE, lease=60):
            pass
    with slots.hold(server, slots.WORKERS, lease=60):
        pass


def test_a_failing_server_is_let_near_one_worker_only(server: Server) -> None:
    server.failures = 1

    with (
        slots.hold(server, slots.WORKERS, lease=60),
        pytest.raises(ServerBusy),
        slots.hold(server, slots.WORKERS, lease=60),
    ):
        pass


def test_a_dead_worker_gives_its_place_back_in_time(server: Server) -> None:
    for _ in range(2):
        slots._acquire(server, slots.WORKERS, "dead", 1)
    time.sleep(1)

    with slots.hold(server, slots.WORKERS, lease=60):
        pass
