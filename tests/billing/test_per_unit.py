"""What is priced per unit, from readings in the database to invoice lines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.charges import facts
from billing.charges.charging import plan_of
from billing.charges.estimate import next_invoice
from billing.charges.schedule import bill_at
from billing.models import Claim, Invoice
from billing.nightly.run import run
from provisioning import registry
from provisioning.contract.metering import (
    Aggregation,
    MeteringTerms,
    Metric,
    PerUnitTerms,
    Unit,
)
from provisioning.models import Service
from tests.billing import build
from tests.billing.build import days_before, noon
from tests.support.fake_module import FakeModule

FIRST_OF_APRIL = date(2026, 4, 1)
USERS = Metric("users", "Active users", Unit.COUNT, Aggregation.HIGHEST)
DISK = Metric("disk", "Storage", Unit.BYTES)
UNITS = (PerUnitTerms(USERS, 2, Decimal("1.50")), PerUnitTerms(DISK, 10, Decimal("0.50")))
pytestmark = pytest.mark.usefixtures("seller", "priced_by_the_unit")


@pytest.fixture
def priced_by_the_unit(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A platform whose products are priced per user and GB."""
    monkeypatch.setitem(registry.MODULES, "fake", "tests.support.fake_module.FakeModule")
    monkeypatch.setattr(
        FakeModule, "metering", classmethod(lambda *_arguments: MeteringTerms(units=UNITS))
    )
    registry.installed.cache_clear()
    yield
    registry.installed.cache_clear()


def archive(**values: Any) -> Service:
    return build.service(build.product(price="10.00", module="fake"), **values)


def users(owner: Service, number: int, at: datetime, **values: Any) -> None:
    build.reading(owner, "0", at=at, metric="users", **{"value": number} | values)


def usage_lines(invoice: Invoice) -> list[tuple[str, Decimal]]:
    return [
        (line.key.partition(":")[2], line.amount) for line in invoice.lines.filter(kind="usage")
    ]


def test_the_peak_of_users_and_the_last_size_of_the_month_are_billed() -> None:
    owner = archive()
    for day, number in ((1, 5), (14, 12), (31, 7)):
        users(owner, number, noon(date(2026, 3, day)))
    build.reading(owner, "40", at=noon(date(2026, 3, 20)))
    build.reading(owner, "13.2", at=noon(date(2026, 3, 31)))
    run(FIRST_OF_APRIL)
    invoice = Invoice.objects.get()
    assert usage_lines(invoice) == [
        ("users:2026-03-01", Decimal("15.00")),
        ("disk:2026-03-01", Decimal("1.60")),
    ]
    assert invoice.total == Decimal("26.60")
    assert invoice.status == "issued"
    assert set(Claim.objects.values_list("kind", flat=True)) == {"base", "usage"}


def test_readings_of_other_months_and_doubtful_ones_do_not_count() -> None:
    owner = archive()
    users(owner, 90, noon(date(2026, 2, 27)))
    users(owner, 5, noon(date(2026, 3, 31)))
    users(owner, 80, noon(date(2026, 3, 30)), state="rejected")
    users(owner, 70, datetime(2026, 4, 1, 0, 0, tzinfo=UTC))
    run(FIRST_OF_APRIL)
    assert usage_lines(Invoice.objects.get())[0] == ("users:2026-03-01", Decimal("4.50"))


def test_a_month_without_readings_is_held_with_what_was_seen_last(settings) -> None:
    settings.USAGE_STALE_POLICY = "hold"
    owner = archive()
    users(owner, 5, noon(date(2026, 2, 20)))
    run(FIRST_OF_APRIL)
    invoice = Invoice.objects.get()
    assert usage_lines(invoice) == [("users:2026-03-01", Decimal("4.50"))]
    assert (invoice.status, invoice.number) == ("draft", None)
    assert "last measured" in invoice.hold_reason


def test_a_doubtful_reading_newer_than_the_last_good_one_holds_the_invoice() -> None:
    owner = archive()
    users(owner, 5, days_before(FIRST_OF_APRIL, 2))
    users(owner, 9000, days_before(FIRST_OF_APRIL, 1), state="parked", reason="a jump")
    run(FIRST_OF_APRIL)
    invoice = Invoice.objects.get()
    assert invoice.status == "draft"
    assert "a jump" in invoice.hold_reason


def test_what_was_never_measured_is_not_billed_and_staff_are_told() -> None:
    archive()
    run(FIRST_OF_APRIL)
    invoice = Invoice.objects.get()
    assert usage_lines(invoice) == []
    assert len([text for text in invoice.notices if "not measured" in text]) == 2


def test_a_quarter_pays_for_each_month_its_own_peak() -> None:
    sold = build.product(price="30.00", module="fake", cycle="quarterly")
    owner = build.service(sold, anchor=date(2026, 1, 1), cycle="quarterly")
    for month, number in ((1, 4), (2, 10), (3, 3)):
        users(owner, number, noon(date(2026, month, 28)))
    users(owner, 3, noon(date(2026, 3, 31)))
    run(FIRST_OF_APRIL)
    assert [amount for _, amount in usage_lines(Invoice.objects.get())] == [
        Decimal("3.00"),
        Decimal("12.00"),
        Decimal("1.50"),
    ]


def test_a_service_paid_in_advance_pays_for_its_use_when_the_month_is_over() -> None:
    sold = build.product(price="10.00", module="fake", timing="advance")
    owner = build.service(sold, next_due=FIRST_OF_APRIL)
    users(owner, 12, noon(date(2026, 3, 31)))
    run(date(2026, 3, 31))
    assert not Invoice.objects.exists()
    run(FIRST_OF_APRIL)
    lines = Invoice.objects.get().lines.all()
    assert [(line.kind, line.period_start) for line in lines] == [
        ("base", FIRST_OF_APRIL),
        ("usage", date(2026, 3, 1)),
    ]


def test_the_last_bill_of_a_service_that_ended_is_for_its_use_alone() -> None:
    sold = build.product(price="10.00", module="fake", timing="advance")
    ended = noon(date(2026, 3, 20))
    owner = build.service(
        sold, next_due=FIRST_OF_APRIL, desired=Service.Desired.TERMINATED, terminated_at=ended
    )
    users(owner, 6, noon(date(2026, 3, 19)))
    users(owner, 50, noon(date(2026, 3, 25)))
    run(FIRST_OF_APRIL)
    invoice = Invoice.objects.get()
    assert usage_lines(invoice) == [("users:2026-03-01", Decimal("6.00"))]
    assert invoice.lines.count() == 1


def test_an_estimate_counts_the_running_month_so_far() -> None:
    owner = archive(anchor=FIRST_OF_APRIL - timedelta(days=20))
    users(owner, 4, days_before(FIRST_OF_APRIL, 0) - timedelta(hours=1))
    estimate = next_invoice(owner)
    assert [str(line.amount) for line in estimate.lines if line.kind == "usage"] == ["3.00"]


def test_thirty_services_cost_no_more_queries_than_one() -> None:
    sold = build.product(price="10.00", module="fake")

    def queries(number: int) -> int:
        owners = [build.service(sold) for _ in range(number)]
        for owner in owners:
            users(owner, 5, noon(date(2026, 3, 31)))
        bills = {each.pk: bill_at(plan_of(each), FIRST_OF_APRIL) for each in owners}
        with CaptureQueriesContext(connection) as seen:
            found = facts.gather(owners, bills, terms=facts.Terms())
        assert all(found[each.pk].months[0].reading for each in owners)
        return len(seen)

    assert queries(30) == queries(1)
