"""Commands and readings in numbers, and lists that cost the same however long they are."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer
from billing.models import Invoice
from products.models import Product
from provisioning.models import (
    Command,
    Mailbox,
    ModuleCall,
    Server,
    ServerGroup,
    Service,
    UsageReading,
)
from tests.backoffice.world import list_url, press, said, url_of
from tests.factories import (
    CommandFactory,
    CustomerFactory,
    MailboxFactory,
    ProductFactory,
    ReadingFactory,
    ServerFactory,
    ServerGroupFactory,
    ServiceFactory,
)

Status = Command.Status


def act(boss: Client, model: Any, action: str, rows: list[Any]) -> Any:
    chosen = [row.pk for row in rows]
    return boss.post(list_url(model), {"action": action, "_selected_action": chosen})


@pytest.mark.django_db(transaction=True)
def test_a_stuck_command_is_tried_again(boss: Client, sent: list[Any]) -> None:
    command = CommandFactory(status=Status.ATTENTION, detail="Nobody answers.")
    assert "Nobody answers." in boss.get(url_of(command)).content.decode()
    press(boss, command, "retry")
    command.refresh_from_db()
    assert command.status == Status.QUEUED
    assert sent == [("carry_out", command.pk)]


def test_a_command_that_is_done_is_not_tried_again(boss: Client) -> None:
    command = CommandFactory(status=Status.DONE)
    press(boss, command, "retry")
    command.refresh_from_db()
    assert command.status == Status.DONE


def test_a_waiting_command_is_given_up(boss: Client) -> None:
    command = CommandFactory(status=Status.ATTENTION)
    press(boss, command, "cancel")
    command.refresh_from_db()
    assert command.status == Status.CANCELLED


def test_many_commands_are_tried_again_and_the_others_are_named(boss: Client) -> None:
    stuck = [CommandFactory(status=Status.ATTENTION) for _number in range(3)]
    done = CommandFactory(status=Status.DONE)
    page = act(boss, Command, "retry_selected", [*stuck, done])
    assert Command.objects.filter(status=Status.QUEUED).count() == 3
    assert str(done) in said(page) and "3 commands" in said(page)


def test_bulk_retry_without_the_right_does_nothing(signed_in: Any) -> None:
    command = CommandFactory(status=Status.ATTENTION)
    act(signed_in("billing"), Command, "retry_selected", [command])
    command.refresh_from_db()
    assert command.status == Status.ATTENTION


def test_the_list_of_what_needs_attention_leaves_out_what_was_settled_later(
    boss: Client,
) -> None:
    settled = CommandFactory(status=Status.FAILED)
    CommandFactory(service=settled.service, status=Status.DONE)
    refused = CommandFactory(status=Status.FAILED)
    stuck = CommandFactory(status=Status.ATTENTION)
    rows = boss.get(list_url(Command) + "?attention=1").context["cl"].result_list
    assert {row.pk for row in rows} == {refused.pk, stuck.pk}


def test_many_readings_are_decided_at_once_and_only_once(boss: Client) -> None:
    parked = [ReadingFactory(state="parked") for _number in range(2)]
    good = ReadingFactory()
    for _click in range(2):
        act(boss, UsageReading, "reject_selected", [*parked, good])
    states = UsageReading.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["rejected", "rejected", "good"]


def test_what_is_no_number_can_be_rejected_but_never_billed(boss: Client) -> None:
    reading = ReadingFactory(state="parked", value=None, raw="n/a")
    press(boss, reading, "accept")
    act(boss, UsageReading, "accept_selected", [reading])
    reading.refresh_from_db()
    assert reading.state == "parked"
    press(boss, reading, "reject")
    reading.refresh_from_db()
    assert reading.state == "rejected"


def test_a_failed_call_is_found_in_the_module_log(boss: Client) -> None:
    server = ServerFactory()
    for error in ("", "timed out"):
        ModuleCall.objects.create(
            server=server, operation="put", method="POST", url="/x", duration_ms=3, error=error
        )
    page = boss.get(list_url(ModuleCall) + "?outcome=failed")
    assert [row.error for row in page.context["cl"].result_list] == ["timed out"]
    assert "kept for" in page.content.decode()


def make(model: Any) -> None:
    service = ServiceFactory(delivered=True)
    factories: dict[Any, Any] = {
        Command: lambda: CommandFactory(service=service),
        Customer: CustomerFactory,
        Invoice: lambda: Invoice.objects.create(customer=service.customer, currency="EUR"),
        Mailbox: lambda: MailboxFactory(service=service),
        ModuleCall: lambda: ModuleCall.objects.create(
            server=service.server, service=service, operation="put", method="POST", url="/x",
            duration_ms=3,
        ),
        Product: ProductFactory,
        Server: ServerFactory,
        ServerGroup: lambda: ServerGroupFactory(servers=[service.server]),
        Service: lambda: service,
        UsageReading: lambda: ReadingFactory(service=service),
    }  # fmt: skip
    factories[model]()


LISTS = [
    Command, Customer, Invoice, Mailbox, ModuleCall, Product, Server, ServerGroup, Service,
    UsageReading,
]  # fmt: skip


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)
def test_a_list_takes_the_same_queries_however_many_rows_it_shows(model: Any, boss: Client) -> None:
    make(model)
    few = queries(boss, list_url(model))
    for _number in range(12):
        make(model)
    assert len(queries(boss, list_url(model))) == len(few)


@pytest.mark.parametrize("model", [Command, ModuleCall, UsageReading, Mailbox])
def test_a_table_without_end_is_never_counted(model: Any, boss: Client) -> None:
    make(model)
    table = f'FROM "{model._meta.db_table}"'
    counts = [sql for sql in queries(boss, list_url(model)) if "COUNT(" in sql and table in sql]
    assert [sql for sql in counts if "LIMIT" not in sql] == []


def test_the_page_of_a_service_takes_the_same_queries_however_much_it_has(boss: Client) -> None:
    service = ServiceFactory(delivered=True)
    needed = []
    for size in (1, 15):
        for _number in range(size):
            MailboxFactory(service=service)
            CommandFactory(service=service, status=Status.DONE)
        needed.append(len(queries(boss, url_of(service))))
    assert needed[0] == needed[1]


def queries(boss: Client, url: str) -> list[str]:
    boss.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert boss.get(url).status_code == 200
    return [query["sql"] for query in captured.captured_queries]
