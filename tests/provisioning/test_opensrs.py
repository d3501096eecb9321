"""The engine over real sockets: the OpenSRS module and its simulator, on both wires."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError

from config import clock
from provisioning import directory, restrictions, services
from provisioning.connection import links
from provisioning.contract import (
    Alias,
    InvalidInput,
    MailboxChange,
    MailingList,
    PermanentError,
    State,
    TemporaryError,
)
from provisioning.engine import execution
from provisioning.metering import usage
from provisioning.models import Command, Mailbox, ModuleCall, Server, Service
from provisioning.modules.opensrs.simulator import OpenSrsSimulator
from provisioning.registry import module_class
from provisioning.servers import check
from tests.factories import (
    OptionFactory,
    OptionGroupFactory,
    ProductFactory,
    ServerFactory,
    ServiceFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent")]
ADMIN_PASSWORD = 'Planted "Company" Secret'
PASSWORD = "Planted-Harbour-9"
BOB = "bob@client.example"


@pytest.fixture
def simulator() -> Iterator[OpenSrsSimulator]:
    with OpenSrsSimulator(admin_password=ADMIN_PASSWORD) as running:
        yield running


@pytest.fixture(params=["oma", "app"])
def server(db: None, request: pytest.FixtureRequest, simulator: OpenSrsSimulator) -> Server:
    settings = {"protocol": request.param, "app_port": simulator.app_port}
    return ServerFactory(
        module="opensrs", hostname="127.0.0.1", port=simulator.port, secure=False,
        allow_private=True, username="admin@reseller.adm", password=ADMIN_PASSWORD,
        settings=settings,
    )  # fmt: skip


@pytest.fixture
def service(server: Server) -> Service:
    fields = module_class("opensrs").product_fields
    product = ProductFactory(module="opensrs", module_settings=fields.dump(fields.defaults()))
    group = OptionGroupFactory()
    product.option_groups.add(group)
    row = ServiceFactory(server=server, product=product, domain="client.example")
    for code, quantity in (("mailboxes", 1), ("forwards", 1)):
        option = OptionFactory(group=group, code=code, type="quantity")
        row.options.create(option=option, quantity=quantity)
    return row


def carried_out(command: Command | None) -> str:
    assert command is not None
    for _ in range(4):
        Command.objects.filter(pk=command.pk).update(not_before=clock.now())
        Server.objects.update(paused_until=None)
        execution.carry_out(command.pk)
        command.refresh_from_db()
        if command.status != Command.Status.QUEUED:
            break
    return command.status


@pytest.fixture
def delivered(service: Service) -> Service:
    assert carried_out(services.deliver(service, cause="order:1")) == Command.Status.DONE
    service.refresh_from_db()
    return service


def test_a_whole_life(delivered: Service, simulator: OpenSrsSimulator) -> None:
    assert delivered.observed == State.ACTIVE
    directory.create_mailbox(delivered, BOB, MailboxChange(password=PASSWORD, display_name="Bob"))
    suspended = services.suspend(delivered, reason_code="staff", reason="abuse", cause="s:1")
    assert carried_out(suspended) == Command.Status.DONE
    assert Service.objects.get().observed == State.SUSPENDED
    released = services.unsuspend(delivered, reason_code="staff", cause="s:2")
    assert carried_out(released) == Command.Status.DONE
    ended = services.terminate(delivered, cause="s:3")
    assert carried_out(ended) == Command.Status.DONE
    assert Service.objects.get().observed == State.MISSING
    assert simulator.state.domains == {}


@pytest.mark.parametrize("server", ["oma"], indirect=True)
def test_sending_stops_and_comes_back_while_receiving_and_sign_in_go_on(
    delivered: Service, simulator: OpenSrsSimulator
) -> None:
    directory.create_mailbox(delivered, BOB, MailboxChange(password=PASSWORD, display_name="Bob"))
    bob = simulator.state.account(BOB)
    stopped = restrictions.restrict(delivered, reason_code="dunning", reason="late", cause="s:1")
    assert carried_out(stopped) == Command.Status.DONE
    assert [bob.may(each) for each in ("smtprelay", "smtpin", "webmail")] == [False, True, True]
    directory.refresh(delivered)
    assert Mailbox.objects.get().enabled
    allowed = restrictions.unrestrict(delivered, reason_code="dunning", cause="s:2")
    assert carried_out(allowed) == Command.Status.DONE
    assert bob.may("smtprelay")
    assert not Service.objects.get().restricted


@pytest.mark.parametrize("server", ["app"], indirect=True)
def test_by_app_sending_alone_cannot_be_stopped(delivered: Service) -> None:
    with pytest.raises(ValidationError, match="cannot stop outgoing mail alone"):
        restrictions.restrict(delivered, reason_code="dunning", reason="late", cause="s:1")
    assert Service.objects.get().restrict_reasons == {}


def test_mailboxes_aliases_and_forwards_reach_the_mirror(delivered: Service) -> None:
    directory.create_mailbox(delivered, BOB, MailboxChange(password=PASSWORD, display_name="Bob"))
    alias = Alias(address="sales@client.example", targets=(BOB,))
    directory.save_alias(delivered, alias, create=True)
    team = MailingList(address="team@client.example", members=("a@home.example",))
    directory.create_list(delivered, team)
    directory.refresh(delivered)
    assert Mailbox.objects.get().display_name == "Bob"
    assert [row.targets for row in delivered.aliases.all()] == [[BOB]]
    assert [row.address for row in delivered.lists.all()] == ["team@client.example"]


def test_what_was_bought_is_the_limit_even_when_the_mirror_is_wrong(
    delivered: Service, simulator: OpenSrsSimulator
) -> None:
    directory.create_mailbox(delivered, BOB, MailboxChange(password=PASSWORD))
    second = MailboxChange(password=PASSWORD)
    with pytest.raises(InvalidInput):
        directory.create_mailbox(delivered, "ann@client.example", second)
    Mailbox.objects.all().delete()
    with pytest.raises(PermanentError, match="1 of 1 mailboxes"):
        directory.create_mailbox(delivered, "ann@client.example", second)
    assert list(simulator.state.domains["client.example"].accounts) == [BOB]


def test_usage_is_synced_and_no_secret_is_in_the_log(
    delivered: Service, server: Server, simulator: OpenSrsSimulator
) -> None:
    directory.create_mailbox(delivered, BOB, MailboxChange(password=PASSWORD))
    assert usage.sync_server(server).good >= 2
    reading = usage.latest(delivered, "mailboxes")
    assert reading is not None and reading.value == 1
    logged = " ".join(
        f"{call.url} {call.request} {call.response} {call.error}"
        for call in ModuleCall.objects.all()
    )
    assert ModuleCall.objects.count() > 5
    for secret in (PASSWORD, ADMIN_PASSWORD, ADMIN_PASSWORD.replace('"', '""')):
        assert secret not in logged


def test_test_connection_says_what_staff_must_mend(
    server: Server, simulator: OpenSrsSimulator
) -> None:
    assert check(server).health == "up"
    server.password = "wrong"
    server.save()
    wrong = check(server)
    assert wrong.health == "misconfigured"
    assert "Check user name, password and cluster" in wrong.health_detail


def test_the_module_is_opened_with_what_the_server_record_says(server: Server) -> None:
    server.settings = {**server.settings, "base_url": "http://127.0.0.1:1/api/", "app_port": 1}
    server.save()
    with (
        pytest.raises(TemporaryError, match=r"127\.0\.0\.1:1"),
        links.open_module(server, forced=True) as module,
    ):
        module.check_connection()
