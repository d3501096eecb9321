"""The engine over a real socket: the SmarterMail module and its simulator, faults included."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.models import AuditEvent
from config import clock
from products.models import Product
from provisioning import directory, services, sign_on
from provisioning.contract import (
    InvalidInput,
    MailboxChange,
    MailingList,
    State,
    TemporaryError,
)
from provisioning.engine import execution
from provisioning.metering import usage
from provisioning.models import (
    Command,
    DistributionList,
    DomainAlias,
    Mailbox,
    ModuleCall,
    Server,
    Service,
)
from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from provisioning.registry import module_class
from provisioning.servers import check
from tests.factories import ProductFactory, ServerFactory, ServiceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent")]
PASSWORD = "Planted-Sys4dmin-Secret"
MAILBOX_PASSWORD = "Planted-Mailbox-9"
Status = Command.Status


@pytest.fixture
def simulator() -> Iterator[SmarterMailSimulator]:
    with SmarterMailSimulator(admin_password=PASSWORD) as running:
        yield running


@pytest.fixture
def server(db: None, simulator: SmarterMailSimulator) -> Server:
    return ServerFactory(
        module="smartermail", hostname="127.0.0.1", port=simulator.port, secure=False,
        allow_private=True, username="admin", password=PASSWORD,
    )  # fmt: skip


@pytest.fixture
def service(server: Server) -> Service:
    fields = module_class("smartermail").product_fields
    product = ProductFactory(module="smartermail", module_settings=fields.dump(fields.defaults()))
    return ServiceFactory(server=server, product=product, domain="client.example")


def carried_out(command: Command | None) -> Command:
    """As often as it takes, the waits left out."""
    assert command is not None
    for _ in range(4):
        Command.objects.filter(pk=command.pk).update(not_before=clock.now())
        Server.objects.update(paused_until=None)
        execution.carry_out(command.pk)
        command.refresh_from_db()
        if command.status != Status.QUEUED:
            break
    return command


@pytest.fixture
def delivered(service: Service) -> Service:
    assert carried_out(services.deliver(service, cause="order:1")).status == Status.DONE
    service.refresh_from_db()
    return service


def test_a_whole_life(delivered: Service, simulator: SmarterMailSimulator) -> None:
    assert delivered.observed == State.ACTIVE
    suspended = services.suspend(delivered, reason_code="staff", reason="abuse", cause="s:1")
    assert carried_out(suspended).status == Status.DONE
    assert Service.objects.get().observed == State.SUSPENDED
    released = services.unsuspend(delivered, reason_code="staff", cause="s:2")
    assert carried_out(released).status == Status.DONE
    ended = services.terminate(delivered, cause="s:3")
    assert carried_out(ended).status == Status.DONE

    assert Service.objects.get().observed == State.MISSING
    assert simulator.state.domains == {}


@pytest.mark.parametrize(
    "kind", ["close", "apply-then-close", "status", "apply-then-500", "garbage"]
)
@pytest.mark.parametrize("path", ["*/domain-put", "*/domain-settings/*", "*/domain/client.example"])
def test_a_fault_during_creation_ends_in_one_domain(
    service: Service, simulator: SmarterMailSimulator, kind: str, path: str
) -> None:
    simulator.fault(kind, path)

    command = carried_out(services.deliver(service, cause="order:1"))

    service.refresh_from_db()
    assert command.status == Status.DONE
    assert service.observed == State.ACTIVE
    assert list(simulator.state.domains) == ["client.example"]


def test_test_connection_tells_what_is_wrong_in_a_sentence(
    server: Server, simulator: SmarterMailSimulator
) -> None:
    well = check(server)
    assert (well.health, well.account_count) == ("up", 0)
    assert well.version

    server.password = "not the password"
    server.save()
    assert check(server).health == "misconfigured"
    simulator.stop()
    server.password = PASSWORD
    server.save()
    assert check(server).health == "down"
    assert "refused" in server.health_detail.lower()


def test_a_private_address_is_refused_unless_the_server_allows_it(server: Server) -> None:
    server.allow_private = False
    server.save()

    checked = check(server)

    assert checked.health == "misconfigured"
    assert "private address" in checked.health_detail


def test_usage_of_all_domains_is_one_call(
    delivered: Service, simulator: SmarterMailSimulator
) -> None:
    simulator.state.domains["client.example"].disk = 21 * 1024**3
    simulator.journal.clear()
    assert delivered.server
    result = usage.sync_server(delivered.server)

    reading = usage.latest(delivered, "disk")
    assert (result.error, result.unknown) == ("", {})
    assert reading and reading.value == Decimal(21 * 1024**3)
    assert len(simulator.journal.find("*/domains")) == 1
    assert simulator.journal.find("*/sysadmin/domain/*") == []


def test_a_hanging_server_is_given_up_in_its_budget_and_left_alone(
    server: Server, simulator: SmarterMailSimulator, settings: Any
) -> None:
    settings.HTTP_READ_TIMEOUT = 0.2
    simulator.fault("hang", "*", times=None)
    for _ in range(3):
        check(server)
    seen = len(simulator.journal)

    service = ServiceFactory(server=server, delivered=True)
    with pytest.raises(TemporaryError):
        directory.refresh(service)

    server.refresh_from_db()
    assert server.paused_until is not None
    assert len(simulator.journal) == seen


def test_no_planted_secret_is_in_any_table(
    delivered: Service, simulator: SmarterMailSimulator
) -> None:
    address = "ann@client.example"
    secret = MailboxChange(password=MAILBOX_PASSWORD, features=frozenset({"eas"}))
    directory.create_mailbox(delivered, address, secret)
    directory.set_mailbox_password(delivered, address, MAILBOX_PASSWORD + "x")
    link = sign_on.staff_login(delivered)
    new_password = services.change_password(delivered, password="Planted-Admin-77", cause="s:1")
    assert carried_out(new_password).status == Status.DONE

    planted = [b"Planted", link.url.rpartition("=")[2].encode()]
    planted += [value.encode() for value in delivered.module_secrets.values()]
    dump = everything().encode()
    assert ModuleCall.objects.count() > 10
    assert AuditEvent.objects.exists()
    assert [secret for secret in planted if secret in dump] == []
    assert Mailbox.objects.get(address=address).features == ["eas"]


def test_lists_domain_aliases_and_signing_reach_mirror_and_audit(delivered: Service) -> None:
    name = "team@client.example"
    directory.create_list(delivered, MailingList(address=name, members=("a@x.example",)))
    directory.change_members(delivered, name, add=["B@x.example"], remove=["a@x.example"])
    assert DistributionList.objects.get().member_count == 1
    assert directory.list_members(delivered, name) == ("b@x.example",)
    directory.delete_list(delivered, name)
    assert not DistributionList.objects.exists()

    settings = delivered.product.module_settings | {"max_domain_aliases": 1}
    Product.objects.update(module_settings=settings)
    delivered.refresh_from_db()
    directory.add_domain_alias(delivered, "Other.example")
    with pytest.raises(InvalidInput, match="limit of 1"):
        directory.add_domain_alias(delivered, "third.example")
    assert [row.name for row in DomainAlias.objects.all()] == ["other.example"]
    directory.delete_domain_alias(delivered, "other.example")
    assert not DomainAlias.objects.exists()

    assert directory.disable_dkim(delivered).state in ("disabled", "none")
    assert directory.enable_dkim(delivered).selector == directory.read_dkim(delivered).selector
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert actions >= {"list.created", "list.members_changed", "list.deleted", "dkim.enabled"}
    assert actions >= {"domain_alias.added", "domain_alias.deleted", "dkim.disabled"}


def everything() -> str:
    """All rows of all tables as text."""
    texts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            texts += [repr(row) for row in cursor.fetchall()]
    return "\n".join(texts)
