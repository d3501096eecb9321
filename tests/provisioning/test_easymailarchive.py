"""The engine over a real socket: an archive is delivered, measured, ended and kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config import clock
from provisioning import inventory, services
from provisioning.connection.links import account_of
from provisioning.contract import State
from provisioning.engine import execution
from provisioning.metering import usage
from provisioning.models import Command, ModuleCall, Server, Service
from provisioning.modules.easymailarchive.simulator import EasyMailArchiveSimulator
from provisioning.registry import module_class
from provisioning.servers import check
from tests.factories import ProductFactory, ServerFactory, ServiceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent")]
KEY = "Planted-Reseller-Key"
SLUG = "acme-client-example"
Status = Command.Status


@pytest.fixture(params=["help", "apis"])
def simulator(request: pytest.FixtureRequest) -> Iterator[EasyMailArchiveSimulator]:
    with EasyMailArchiveSimulator(admin_password=KEY) as running:
        running.set_variants(dialect=request.param, slug_honoured=True)
        yield running


@pytest.fixture
def server(db: None, simulator: EasyMailArchiveSimulator) -> Server:
    return ServerFactory(
        module="easymailarchive", hostname="127.0.0.1", port=simulator.port, secure=False,
        allow_private=True, username="", password=KEY,
    )  # fmt: skip


@pytest.fixture
def service(server: Server) -> Service:
    fields = module_class("easymailarchive").product_fields
    settings = {**fields.defaults(), "slug_prefix": "acme"}
    product = ProductFactory(module="easymailarchive", module_settings=fields.dump(settings))
    return ServiceFactory(server=server, product=product, domain="client.example")


@pytest.fixture
def delivered(service: Service) -> Service:
    assert carried_out(services.deliver(service, cause="order:1")).status == Status.DONE
    service.refresh_from_db()
    return service


def carried_out(command: Command | None) -> Command:
    assert command is not None
    for _ in range(4):
        Command.objects.filter(pk=command.pk).update(not_before=clock.now())
        Server.objects.update(paused_until=None)
        execution.carry_out(command.pk)
        command.refresh_from_db()
        if command.status != Status.QUEUED:
            break
    return command


def test_a_delivered_archive_has_its_name_and_link_stored(delivered: Service) -> None:
    kind = module_class("easymailarchive")
    account = account_of(delivered)
    assert delivered.observed == State.ACTIVE
    assert delivered.module_data["slug"] == SLUG
    assert kind.links(account)[0].url.startswith(f"https://{SLUG}.")
    assert kind.facts(account)[0].value == SLUG


def test_an_ended_archive_is_done_kept_and_left_to_staff(
    delivered: Service, simulator: EasyMailArchiveSimulator
) -> None:
    simulator.fault("apply-then-close", "*/suspend")
    command = carried_out(services.terminate(delivered, cause="staff:1"))
    delivered.refresh_from_db()
    assert command.status == Status.DONE
    assert any("can delete it" in note for note in command.notes)
    assert delivered.terminated_at is not None
    assert delivered.observed == State.SUSPENDED
    assert "can delete it" in delivered.observed_detail
    assert simulator.state.tenant(SLUG).status == "suspended"


def test_the_next_service_of_the_domain_gets_an_archive_of_its_own(
    delivered: Service, server: Server, simulator: EasyMailArchiveSimulator
) -> None:
    carried_out(services.terminate(delivered, cause="staff:1"))
    again = ServiceFactory(server=server, product=delivered.product, domain="client.example")
    assert carried_out(services.deliver(again, cause="order:2")).status == Status.DONE
    again.refresh_from_db()
    assert again.module_data["slug"] == f"{SLUG}-2"
    assert simulator.state.tenant(SLUG).status == "suspended"


def test_users_and_storage_are_measured(
    delivered: Service, server: Server, simulator: EasyMailArchiveSimulator
) -> None:
    simulator.state.set_usage(SLUG, users=12, storage=95 * 1024**3)
    result = usage.sync_server(server)
    assert (result.services, result.parked, result.unknown, result.error) == (1, 0, {}, "")
    for metric, value in (("users", 12), ("disk", 95 * 1024**3), ("licences", 12)):
        reading = usage.latest(delivered, metric)
        assert reading is not None
        assert reading.value == value


def test_a_delivered_archive_is_managed_in_the_inventory(
    delivered: Service, server: Server
) -> None:
    (row,) = inventory.list_accounts(server)
    assert (row.domain, row.standing) == (delivered.domain, inventory.Standing.MANAGED)


def test_the_key_is_tested_and_never_logged(
    server: Server, simulator: EasyMailArchiveSimulator
) -> None:
    assert check(server).health == Server.Health.UP
    simulator.keys = {"another"}
    assert check(server).health == Server.Health.MISCONFIGURED
    server.refresh_from_db()
    assert "password field" in server.health_detail
    logged = "".join(f"{row.url}{row.request}{row.response}" for row in ModuleCall.objects.all())
    assert KEY not in logged
