from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing.models import BillingRun, Invoice, NumberSeries
from billing.nightly.run import run
from provisioning.models import Service
from tests.billing import build

FIRST_OF_APRIL = date(2026, 4, 1)
pytestmark = pytest.mark.usefixtures("seller")


@pytest.fixture(autouse=True)
def _bounds(settings):
    settings.BILLING_GUARD_FLOOR, settings.BILLING_GUARD_FACTOR = 50, 3


def last_month(total: str) -> None:
    BillingRun.objects.create(business_date=date(2026, 3, 1), status="done", totals={"EUR": total})


def test_a_run_far_above_last_month_stops_and_issues_nothing_more():
    last_month("100.00")
    for _ in range(4):
        build.service(build.product(price="100.00"))
    report = run(FIRST_OF_APRIL, batch=1)
    row = BillingRun.objects.first()
    assert (report.issued, row.status) == (3, "stopped")
    assert "300.00 EUR" in row.stop_reason
    assert Invoice.objects.count() == NumberSeries.objects.get().last == 3
    assert Service.objects.filter(next_due=FIRST_OF_APRIL).count() == 1


def test_a_person_lets_it_go_on_and_nothing_is_billed_twice():
    last_month("100.00")
    for _ in range(4):
        build.service(build.product(price="100.00"))
    run(FIRST_OF_APRIL, batch=1)
    report = run(FIRST_OF_APRIL, guarded=False)
    assert (report.issued, Invoice.objects.count()) == (1, 4)


def test_a_dry_run_shows_all_of_it_and_what_would_stop_it():
    last_month("100.00")
    for _ in range(4):
        build.service(build.product(price="100.00"))
    report = run(FIRST_OF_APRIL, dry_run=True)
    assert (report.issued, report.totals["EUR"]) == (4, Decimal("400.00"))
    assert report.stopped


@pytest.mark.parametrize("before", [None, "0", "10.00"])
def test_small_sums_and_a_first_run_are_never_stopped(before):
    if before:
        last_month(before)
    build.service(build.product(price="50.00"))
    assert run(FIRST_OF_APRIL).stopped == ""


def test_runs_of_long_ago_are_no_measure():
    BillingRun.objects.create(business_date=date(2026, 2, 1), status="done", totals={"EUR": "1.00"})
    build.service(build.product(price="500.00"))
    assert run(FIRST_OF_APRIL).stopped == ""
