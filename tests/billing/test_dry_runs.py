"""Dry runs as people ask for them: a worker's work, in batches, with a row to watch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from billing.models import (
    BillingRun,
    Claim,
    DryRun,
    DryRunDocument,
    DunningEvent,
    Invoice,
    Seller,
    SentMail,
    ServiceDiscount,
)
from billing.nightly import batches, dry_runs, run, tonight
from billing.nightly.batches import Biller
from config import clock
from config.celery import app
from tests.billing import build
from tests.dunning.build import invoice as overdue
from tests.factories import StaffFactory

APRIL = date(2026, 4, 1)
pytestmark = pytest.mark.usefixtures("seller")


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    tasks: list[Any] = []
    monkeypatch.setattr(app, "send_task", lambda name, args=(), **_options: tasks.append(args))
    return tasks


def looked(day: date = APRIL) -> DryRun:
    row = dry_runs.ask(day)
    dry_runs.work(row.pk)
    row.refresh_from_db()
    return row


def test_its_row_says_what_the_night_would_do_and_none_of_it_is_done() -> None:
    owner = build.service(build.product(price="18.00"))
    late = overdue(due_on=date(2026, 3, 15))
    row = looked()

    assert (row.status, row.issued_invoices, row.totals) == ("done", 1, {"EUR": "18.00"})
    assert row.differences == [["EUR", "18.00", "0"]]
    assert [pk for pk, _step in row.steps] == [late.pk]
    assert ["Invoice", 1] in row.mails
    document = row.documents.get()
    assert (document.customer, document.total) == (owner.customer, Decimal("18.00"))
    assert document.lines[0][1:] == ["1", "18.0000", "18.00"]
    assert list(Invoice.objects.all()) == [late]
    for model in (Claim, BillingRun, DunningEvent, SentMail, ServiceDiscount):
        assert not model.objects.exists()


def test_of_a_batch_nothing_stays_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    build.many_services(build.product(price="5.00"), 7, anchor=date(2026, 3, 1))
    held: list[int] = []
    real = Biller.batch

    def batch(self: Biller, customers: Sequence[int]) -> None:
        real(self, customers)
        held.append(len(self.report.drafts))

    monkeypatch.setattr(Biller, "batch", batch)
    monkeypatch.setattr(run, "batches", partial(each_alone, batches.batches))
    row = looked()
    assert held == [1] * 7
    assert (row.issued_invoices, row.billed_services, row.due_services) == (7, 7, 7)
    assert row.documents.count() == 7


def each_alone(real: Any, *args: Any, **options: Any) -> Any:
    return real(*args, **options | {"size": 1})


def test_asked_for_again_while_it_is_under_way_it_is_the_same_one(sent) -> None:
    first = dry_runs.ask(APRIL)
    assert dry_runs.ask(APRIL) == first
    assert dry_runs.ask(APRIL + timedelta(days=1)) != first
    dry_runs.work(first.pk)
    assert dry_runs.ask(APRIL) != first
    assert len(sent) == 3


def test_a_worker_that_died_is_taken_over_from_the_beginning(monkeypatch) -> None:
    build.many_services(build.product(price="5.00"), 3, anchor=date(2026, 3, 1))
    row = dry_runs.ask(APRIL)

    def dies(*_args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tonight, "plan", dies)
        with pytest.raises(KeyboardInterrupt):
            dry_runs.work(row.pk)
    row.refresh_from_db()
    assert (row.status, row.documents.count()) == ("running", 3)

    dry_runs.work(row.pk)
    dry_runs.work(row.pk)
    row.refresh_from_db()
    assert (row.status, row.documents.count(), row.billed_services) == ("done", 3, 3)


def test_one_without_a_sign_of_life_is_given_up_and_another_begins(time_machine) -> None:
    lost = dry_runs.ask(APRIL)
    time_machine.move_to(clock.now() + timedelta(minutes=11), tick=False)
    assert dry_runs.ask(APRIL) != lost
    lost.refresh_from_db()
    assert lost.status == "interrupted"


def test_they_are_thrown_away_after_a_week(time_machine) -> None:
    build.service(build.product(price="18.00"))
    old = looked()
    time_machine.move_to(clock.now() + timedelta(days=8), tick=False)
    dry_runs.ask(APRIL)
    assert not DryRun.objects.filter(pk=old.pk).exists()
    assert not DryRunDocument.objects.exists()


def test_what_cannot_be_billed_is_named() -> None:
    service = build.service(build.product(price="5.00"))
    service.product.prices.all().delete()
    row = looked()
    assert row.failures[0]["service"] == service.pk
    assert "has no" in row.failures[0]["error"]


def test_who_asked_is_kept() -> None:
    boss = StaffFactory()
    assert dry_runs.ask(APRIL, by=boss).asked_by == boss


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("dry", [True, False])
def test_the_command_shows_how_far_it_is_where_somebody_watches(dry: bool) -> None:
    build.many_services(build.product(price="5.00"), 3, anchor=date(2026, 3, 1))
    shown = Terminal()
    call_command("run_billing", date=APRIL, dry_run=dry, batch=1, stdout=shown)
    assert "1 of 3" in shown.getvalue() and "3 of 3" in shown.getvalue()
    assert Invoice.objects.count() == (0 if dry else 3)


def test_without_a_seller_nothing_is_begun(sent) -> None:
    Seller.objects.all().delete()
    with pytest.raises(ImproperlyConfigured):
        dry_runs.ask(APRIL)
    assert not DryRun.objects.exists()
    assert sent == []
