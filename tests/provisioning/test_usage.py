"""The usage sync: one bulk read, no invented number, doubtful ones parked for a person."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from config import clock
from provisioning import tasks
from provisioning.contract import Mailbox, MisconfiguredError, TemporaryError
from provisioning.contract.metering import Unit
from provisioning.metering import usage
from provisioning.metering.plausibility import doubt
from provisioning.models import FeatureInterval, Server, Service, UsageReading
from tests.factories import (
    ReadingFactory,
    ServerFactory,
    ServiceFactory,
    StaffFactory,
)
from tests.support.fake_module import Domain, Platform

pytestmark = pytest.mark.django_db
GB, MB = Decimal(1024**3), Decimal(1024**2)
State = UsageReading.State


def measured(platform: Platform, service: Service, size: Decimal | str | None) -> None:
    platform.domains[service.domain] = Domain(size=size)


def sync(service: Service) -> usage.SyncResult:
    assert service.server
    return usage.sync_server(service.server)


def disk(service: Service) -> Decimal | None:
    reading = usage.latest(service, "disk")
    return reading.value if reading else None


def test_a_sync_reads_a_server_in_one_call_and_keeps_every_reading(
    active: Service, platform: Platform
) -> None:
    ServiceFactory(server=active.server)  # not delivered: nothing to measure
    measured(platform, active, 5 * GB)
    first = sync(active)
    measured(platform, active, 6 * GB)
    sync(active)

    assert (first.services, first.good, first.parked, first.error) == (1, 2, 0, "")
    assert platform.calls.count("usage") == 2
    assert disk(active) == 6 * GB
    assert [row.value for row in usage.history(active, "disk", 7)] == [5 * GB, 6 * GB]
    assert [row.source for row in usage.history(active, "disk", 7)] == ["sync: bulk"] * 2
    assert Server.objects.get().usage_synced_at is not None


@pytest.mark.parametrize(
    ("value", "previous", "believed"),
    [
        ("0", None, True),
        ("0", "0", True),
        ("0", "1", False),
        ("-1", None, False),
        ("NaN", None, False),
        ("Infinity", None, False),
        (str(10**18), None, False),
        (str(9 * 1024**2 * 1001), str(9 * 1024**2), True),  # from below the floor
        (str(10 * 1024**2 * 1000), str(10 * 1024**2), True),
        (str(10 * 1024**2 * 1000 + 1), str(10 * 1024**2), False),
        (str(1024**2), str(1024**4), True),  # much less is what a clean-up looks like
    ],
)
def test_what_is_believed(value: str, previous: str | None, believed: bool) -> None:
    before = None if previous is None else Decimal(previous)

    assert (doubt(Decimal(value), before, Unit.BYTES) == "") is believed


def test_the_last_mailbox_may_go_without_a_question() -> None:
    assert doubt(Decimal(0), Decimal(1), Unit.COUNT) == ""
    assert doubt(Decimal(0), Decimal(40), Unit.COUNT)


@pytest.mark.parametrize(
    "absurd", ["lots", Decimal(-5), Decimal(0), Decimal(10) ** 18, Decimal("1E40")]
)
def test_absurd_usage_is_parked_and_the_last_good_value_stays(
    active: Service, platform: Platform, absurd: Any
) -> None:
    measured(platform, active, 5 * GB)
    sync(active)
    measured(platform, active, absurd)

    result = sync(active)

    parked = UsageReading.objects.get(state=State.PARKED)
    assert (result.parked, disk(active)) == (1, 5 * GB)
    assert parked.reason
    assert parked.raw


def test_the_same_doubt_is_asked_once_and_a_later_reading_settles_it(
    active: Service, platform: Platform
) -> None:
    measured(platform, active, 5 * GB)
    sync(active)
    measured(platform, active, Decimal(0))
    sync(active)
    sync(active)
    assert UsageReading.objects.filter(state=State.PARKED).count() == 1

    measured(platform, active, 6 * GB)
    sync(active)

    assert not UsageReading.objects.filter(state=State.PARKED).exists()
    assert disk(active) == 6 * GB


def test_a_person_accepts_a_parked_reading(active: Service) -> None:
    staff = StaffFactory()
    ReadingFactory(service=active, value=5 * GB)
    parked = ReadingFactory(service=active, value=Decimal(0), state=State.PARKED)

    usage.accept(parked, staff)

    assert disk(active) == 0
    assert AuditEvent.objects.get(action="usage.accepted").actor == staff
    with pytest.raises(ValidationError):
        usage.reject(parked, staff)
    assert disk(active) == 0


def test_a_person_rejects_a_parked_reading(active: Service) -> None:
    ReadingFactory(service=active, value=5 * GB)
    parked = ReadingFactory(service=active, value=Decimal(0), state=State.PARKED)

    usage.reject(parked, StaffFactory())

    assert disk(active) == 5 * GB
    assert UsageReading.objects.get(pk=parked.pk).state == State.REJECTED


def test_a_text_cannot_be_accepted(active: Service) -> None:
    parked = ReadingFactory(service=active, value=None, raw="lots", state=State.PARKED)

    with pytest.raises(ValidationError, match="no number"):
        usage.accept(parked, StaffFactory())
    parked.value = Decimal(7)  # a number that is not stored makes it none
    with pytest.raises(ValidationError, match="no number"):
        usage.accept(parked, StaffFactory())

    stored = UsageReading.objects.get()
    assert (stored.state, stored.value) == (State.PARKED, None)
    assert not AuditEvent.objects.filter(action="usage.accepted").exists()

    usage.reject(parked, StaffFactory())
    assert UsageReading.objects.get().state == State.REJECTED


def test_unknown_leaves_the_last_reading_and_its_age(active: Service, platform: Platform) -> None:
    old = ReadingFactory(service=active, value=5 * GB)
    measured(platform, active, None)

    result = sync(active)

    assert result.unknown == {active.domain: "no figure"}
    assert usage.latest(active, "disk") == old
    assert UsageReading.objects.count() == 1


@pytest.mark.parametrize("error", [TemporaryError("no answer"), MisconfiguredError("password")])
def test_a_failed_sync_writes_nothing_and_does_not_raise(
    active: Service, platform: Platform, error: Exception
) -> None:
    old = ReadingFactory(service=active)
    platform.fail("usage", error)

    result = sync(active)

    assert result.error == str(error)
    assert list(UsageReading.objects.all()) == [old]
    assert Server.objects.get().usage_synced_at is None


def test_two_syncs_of_one_server_do_not_run_at_once(active: Service, platform: Platform) -> None:
    inner: list[usage.SyncResult] = []
    platform.before = lambda operation: inner.append(sync(active)) if operation == "usage" else None

    sync(active)

    assert "under way" in inner[0].error
    assert platform.calls.count("usage") == 1


def test_queries_do_not_grow_with_services(server: Server, platform: Platform) -> None:
    def queries(services: int) -> list[str]:
        for service in ServiceFactory.create_batch(services, server=server, delivered=True):
            measured(platform, service, GB)
            ReadingFactory(service=service)
        with CaptureQueriesContext(connection) as captured:
            usage._usage(server, "sync")
        return [query["sql"] for query in captured if query["sql"].startswith("SELECT")]

    few, many = queries(3), queries(60)

    assert len(many) == len(few)
    assert UsageReading.objects.filter(source="sync: bulk").count() == 2 * 3 + 2 * 63


def test_the_last_readings_of_many_services_come_in_one_query(
    django_assert_num_queries: Any,
) -> None:
    services = ServiceFactory.create_batch(3, delivered=True)
    for service in services[:2]:
        ReadingFactory(service=service, value=GB, at=clock.now() - timedelta(days=1))
        ReadingFactory(service=service, value=2 * GB)
        ReadingFactory(service=service, value=9 * GB, state=State.PARKED)

    with django_assert_num_queries(1):
        found = usage.latest_many(services, "disk")

    assert {key: row.value for key, row in found.items()} == {
        service.pk: 2 * GB for service in services[:2]
    }


def test_each_server_is_a_task_of_its_own_and_a_dead_one_comes_back_later(
    active: Service, platform: Platform, sent: list[Any]
) -> None:
    ServerFactory(enabled=False)
    other = ServiceFactory(delivered=True).server_id
    tasks.sync_usage()
    assert sorted(sent) == sorted(
        [("sync_server_usage", active.server_id), ("sync_server_usage", other)]
    )
    sent.clear()
    platform.fail("usage", TemporaryError("no answer"))

    tasks.sync_server_usage(active.server_id or 0)

    assert sent == [("sync_server_usage", active.server_id, 2)]


def test_the_management_command_tells_what_came_of_it(
    active: Service, platform: Platform, capsys: Any
) -> None:
    measured(platform, active, None)

    call_command("sync_usage")

    told = capsys.readouterr().out
    assert "1 services, 0 readings, 0 parked, 1 unknown" in told
    assert f"{active.domain}: no figure" in told


class TestFeatures:
    def on(self, platform: Platform, service: Service, *addresses: str) -> None:
        boxes = {name: Mailbox(address=name, features=frozenset({"eas"})) for name in addresses}
        platform.domains[service.domain].mailboxes = boxes

    def spans(self, service: Service) -> list[tuple[str, bool]]:
        rows = FeatureInterval.objects.filter(service=service).order_by("pk")
        return [(row.address, row.ended_at is None) for row in rows]

    def test_polls_open_and_close_intervals_by_difference(
        self, active: Service, platform: Platform, travel: Any
    ) -> None:
        self.on(platform, active, "Ann@x.example", "bob@x.example")
        sync(active)
        travel.shift(3600)
        sync(active)
        travel.shift(3600)
        self.on(platform, active, "bob@x.example")
        sync(active)
        travel.shift(3600)
        self.on(platform, active, "ann@x.example", "bob@x.example")
        sync(active)

        assert self.spans(active) == [
            ("ann@x.example", False), ("bob@x.example", True), ("ann@x.example", True)
        ]  # fmt: skip
        ended = FeatureInterval.objects.get(ended_at__isnull=False)
        assert ended.ended_at
        assert (ended.ended_at - ended.started_at).total_seconds() == 7200
        assert ended.source == "poll"

    def test_a_failed_poll_closes_nothing(self, active: Service, platform: Platform) -> None:
        self.on(platform, active, "ann@x.example")
        sync(active)
        platform.fail("features", TemporaryError("no answer"))

        result = sync(active)

        assert result.polled == 0
        assert result.good == 2
        assert self.spans(active) == [("ann@x.example", True)]

    def test_what_the_panel_switched_during_the_poll_is_newer_than_the_poll(
        self, active: Service, platform: Platform
    ) -> None:
        def switched_on(operation: str) -> None:
            if operation == "features":
                FeatureInterval.objects.create(
                    service=active, address="new@x.example", feature="eas",
                    started_at=clock.now(), source="panel",
                )  # fmt: skip

        platform.before = switched_on
        sync(active)

        assert self.spans(active) == [("new@x.example", True)]

    def test_services_without_such_features_are_not_polled(
        self, active: Service, platform: Platform
    ) -> None:
        active.product.module_settings = {"eas_offered": False}
        active.product.save()

        sync(active)

        assert "features" not in platform.calls

    def test_features_that_are_billed_but_not_offered_are_polled(
        self, active: Service, platform: Platform
    ) -> None:
        active.product.module_settings = {"eas_offered": False, "eas_price": {"EUR": "2.00"}}
        active.product.save()

        sync(active)

        assert "features" in platform.calls

    def test_a_server_that_stops_answering_is_not_asked_for_every_domain(
        self, server: Server, platform: Platform
    ) -> None:
        for service in ServiceFactory.create_batch(10, server=server, delivered=True):
            measured(platform, service, GB)
        platform.fail("features", TemporaryError("no answer"), times=100)

        usage.sync_server(server)

        assert platform.calls.count("features") == 3
