from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import BillingRun, Claim, Invoice, InvoiceLine
from billing.nightly.run import bill_shard, run, start
from provisioning.models import ModuleCall, Service
from tests.billing import build
from tests.billing.build import noon

FIRST_OF_APRIL = date(2026, 4, 1)
pytestmark = pytest.mark.usefixtures("seller")


def amounts(invoice: Invoice) -> list[tuple[str, Decimal]]:
    return [(line.description, line.amount) for line in invoice.lines.all()]


def test_the_documented_example_of_21_gb_costs_18():
    owner = build.service(build.metered())
    build.reading(owner, "21", at=noon(date(2026, 3, 31)))
    run(FIRST_OF_APRIL)
    invoice = Invoice.objects.get()
    title = f"{owner.product.name} – {owner.domain}"
    assert amounts(invoice) == [(f"{title} (21.00 GB used of 30 GB billed)", Decimal("18.00"))]
    assert (invoice.status, invoice.total) == ("issued", Decimal("18.00"))


def test_features_of_the_ended_period_stand_beside_the_disk_line():
    owner = build.service(build.metered())
    build.reading(owner, "21", at=noon(date(2026, 3, 31)))
    whole = datetime(2026, 3, 2, tzinfo=UTC)
    build.interval(owner, "jean", "eas", whole, None)
    build.interval(owner, "jean", "mapi", whole, None)
    build.interval(owner, "marie", "eas", whole, None)
    run(FIRST_OF_APRIL)
    assert Invoice.objects.get().total == Decimal("24.50")


def test_a_second_run_bills_nothing_again():
    build.reading(build.service(build.metered()), "21", at=noon(date(2026, 3, 31)))
    run(FIRST_OF_APRIL)
    second = run(FIRST_OF_APRIL)
    assert (second.issued, Invoice.objects.count(), Claim.objects.count()) == (0, 1, 2)


def test_a_due_date_set_back_by_hand_does_not_bill_the_period_again():
    owner = build.service(build.product())
    run(FIRST_OF_APRIL)
    Service.objects.filter(pk=owner.pk).update(next_due=FIRST_OF_APRIL)
    run(FIRST_OF_APRIL)
    assert Invoice.objects.count() == 1
    owner.refresh_from_db()
    assert owner.next_due == date(2026, 5, 1)


def test_missed_months_are_caught_up_one_line_each():
    owner = build.service(build.product(), anchor=date(2025, 12, 31))
    run(FIRST_OF_APRIL)
    periods = InvoiceLine.objects.values_list("period_start", "period_end")
    assert list(periods) == [
        (date(2025, 12, 31), date(2026, 1, 31)),
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2026, 2, 28), date(2026, 3, 31)),
    ]
    owner.refresh_from_db()
    assert owner.next_due == date(2026, 4, 30)


def test_services_of_one_customer_share_an_invoice_but_currencies_do_not():
    buyer = build.customer()
    sold = build.product()
    for _ in range(2):
        build.service(sold, customer=buyer)
    other = build.service(sold, customer=buyer, currency="USD")
    sold.prices.create(cycle="monthly", currency="USD", amount=Decimal("7.00"))
    run(FIRST_OF_APRIL)
    found = Invoice.objects.order_by("currency").values_list("currency", "total")
    assert list(found) == [("EUR", Decimal("12.0000")), ("USD", Decimal("7.0000"))]
    assert other.currency == "USD"


def test_tax_is_computed_once_per_rate_over_the_sum_of_its_lines():
    build.vat("7")
    buyer = build.customer()
    for _ in range(3):
        build.service(build.product(price="1.05"), customer=buyer)
    run(FIRST_OF_APRIL)
    invoice = Invoice.objects.get()
    assert (invoice.net, invoice.tax, invoice.total) == (
        Decimal("3.15"),
        Decimal("0.22"),
        Decimal("3.37"),
    )


def test_untaxed_products_and_exempt_customers_pay_no_tax():
    build.vat()
    build.service(build.product(taxable=False))
    build.service(build.product(), customer=build.customer(tax_exempt=True))
    run(FIRST_OF_APRIL)
    assert set(Invoice.objects.values_list("tax", flat=True)) == {Decimal(0)}


def test_a_setup_fee_is_charged_once():
    owner = build.service(build.product(setup="10.00"), anchor=date(2026, 2, 1))
    run(FIRST_OF_APRIL)
    assert InvoiceLine.objects.filter(kind="setup").count() == 1
    owner.refresh_from_db()
    assert owner.charge_setup is False


def test_a_fixed_price_in_advance_goes_out_early_and_a_metered_one_on_the_day():
    fixed = build.service(build.product(timing="advance"), anchor=date(2026, 4, 5))
    build.service(build.metered(timing="advance"), anchor=date(2026, 4, 5))
    run(FIRST_OF_APRIL)
    assert InvoiceLine.objects.get().service == fixed


@pytest.mark.parametrize(
    "values",
    [
        {"desired": "pending"},
        {"desired": "cancelled"},
        {"activated_at": None},
        {"next_due": None},
    ],
)
def test_a_service_that_is_not_delivered_or_not_due_is_left_alone(values):
    build.service(build.product(), **values)
    assert run(FIRST_OF_APRIL).issued == 0
    assert not Invoice.objects.exists()


def test_a_missing_price_stops_only_that_service_and_is_reported():
    broken = build.service(build.product(), currency="USD")
    build.service(build.product())
    report = run(FIRST_OF_APRIL)
    assert report.issued == 1
    assert report.failures == {broken.pk: f"{broken.product} has no monthly price in USD."}
    broken.refresh_from_db()
    assert broken.next_due == FIRST_OF_APRIL
    assert BillingRun.objects.get().failures[0]["service"] == broken.pk


def test_a_price_override_replaces_the_list_price():
    build.service(build.product(), price_override=Decimal("4.20"))
    run(FIRST_OF_APRIL)
    assert Invoice.objects.get().total == Decimal("4.20")


def test_a_free_product_makes_no_document_and_moves_on():
    owner = build.service(build.product(price="0"))
    run(FIRST_OF_APRIL)
    owner.refresh_from_db()
    assert not Invoice.objects.exists()
    assert owner.next_due == date(2026, 5, 1)


def test_a_terminated_service_pays_its_last_period_and_no_more():
    ended = datetime(2026, 3, 10, 12, tzinfo=UTC)
    owner = build.service(build.product(), desired="terminated", terminated_at=ended)
    run(FIRST_OF_APRIL)
    owner.refresh_from_db()
    assert Invoice.objects.get().total == Decimal("6.00")
    assert owner.next_due is None


def test_numbers_have_no_gaps_over_several_runs():
    for _ in range(3):
        build.service(build.product())
    run(FIRST_OF_APRIL)
    build.service(build.product())
    run(FIRST_OF_APRIL)
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert numbers == [f"INV-2026-{number:05d}" for number in range(1, 5)]


def test_an_issued_invoice_copies_both_parties():
    owner = build.service(build.product())
    run(FIRST_OF_APRIL)
    owner.customer.name = "Renamed"
    owner.customer.save()
    invoice = Invoice.objects.get()
    assert invoice.seller["name"] == "Northwind Mail"
    assert invoice.buyer["name"] != "Renamed"


def test_a_dry_run_shows_the_same_and_changes_nothing():
    owner = build.service(build.metered())
    build.reading(owner, "21", at=noon(date(2026, 3, 31)))
    report = run(FIRST_OF_APRIL, dry_run=True)
    owner.refresh_from_db()
    assert (report.issued, report.totals["EUR"]) == (1, Decimal("18.00"))
    assert (owner.next_due, owner.charge_setup) == (FIRST_OF_APRIL, True)
    for model in (Invoice, InvoiceLine, Claim, BillingRun, ModuleCall):
        assert not model.objects.exists()
    assert run(FIRST_OF_APRIL).totals == report.totals


def test_a_future_date_is_only_for_dry_runs():
    build.service(build.product())
    with pytest.raises(ValueError, match="dry run"):
        run(date(2026, 5, 1))
    assert not Invoice.objects.exists()
    assert run(date(2026, 5, 1), dry_run=True).issued == 1


def test_a_run_that_was_killed_is_shown_as_interrupted_by_the_next():
    dead = BillingRun.objects.create(
        business_date=FIRST_OF_APRIL, heartbeat_at=datetime(2026, 4, 1, 3, tzinfo=UTC)
    )
    run(FIRST_OF_APRIL)
    dead.refresh_from_db()
    assert dead.status == BillingRun.Status.INTERRUPTED


def queries_of_a_run(services: int) -> int:
    buyer, sold = build.customer(), build.metered()
    for _ in range(services):
        build.reading(build.service(sold, customer=buyer), "21", at=noon(date(2026, 3, 31)))
    with CaptureQueriesContext(connection) as captured:
        run(FIRST_OF_APRIL)
    return len(captured)


def test_queries_do_not_grow_with_the_number_of_services():
    queries_of_a_run(1)  # the first of a year also opens the number series
    assert queries_of_a_run(40) == queries_of_a_run(2)
    assert InvoiceLine.objects.count() == 43


def test_shards_bill_everything_once_and_the_last_one_closes_the_run():
    owners = [build.service(build.product()) for _ in range(7)]
    row = start(FIRST_OF_APRIL, shards=3)
    last = [bill_shard(row, number) for number in (2, 0, 0, 1)]
    row.refresh_from_db()
    assert last == [False, False, False, True]
    assert (row.status, row.billed_services, row.issued_invoices) == ("done", 7, 7)
    assert row.totals == {"EUR": "42.00"}
    assert InvoiceLine.objects.values("service").distinct().count() == len(owners)


def test_a_shard_that_was_lost_leaves_the_run_open_until_it_is_billed():
    for _ in range(4):
        build.service(build.product())
    row = start(FIRST_OF_APRIL, shards=2)
    bill_shard(row, 0)
    row.refresh_from_db()
    assert row.status == "running"
    assert bill_shard(row, 1)
