from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from billing.documents.credit_notes import credit
from billing.models import Invoice, Seller
from billing.nightly.run import run
from billing.payments.record import Receipt, receive
from billing.reports import REPORTS, Months
from tests.billing import build
from tests.billing.build import noon

FIRST_OF_APRIL = date(2026, 4, 1)
APRIL = Months.ending(FIRST_OF_APRIL, count=1)
pytestmark = pytest.mark.usefixtures("seller")


def rows(code: str, months: Months = APRIL) -> list[dict[str, Any]]:
    return REPORTS[code].make(months).rows


def test_revenue_by_product_has_credit_notes_taken_off():
    sold = build.product(price="18.00", name="Email hosting")
    for _ in range(2):
        build.service(sold)
    run(FIRST_OF_APRIL)
    invoice = Invoice.objects.earliest("pk")
    credit(invoice, {invoice.lines.get().pk: Decimal("6.00")}, reason="Too much")
    assert rows("revenue") == [
        {
            "month": "2026-04",
            "product": "Email hosting",
            "currency": "EUR",
            "invoiced": Decimal("36.00"),
            "credited": Decimal("6.00"),
            "net": Decimal("30.00"),
        }
    ]


def test_revenue_of_another_month_is_not_shown():
    build.service(build.product())
    run(FIRST_OF_APRIL)
    assert rows("revenue", Months.ending(date(2026, 3, 31), count=3)) == []


def test_a_draft_is_no_revenue():
    owner = build.service(build.metered())
    build.reading(owner, "21", at=noon(date(2026, 3, 30)))
    build.reading(owner, "9999", at=noon(date(2026, 3, 31)), state="parked", reason="a jump")
    run(FIRST_OF_APRIL)
    assert Invoice.objects.get().status == "draft"
    assert rows("revenue") == rows("tax") == rows("receivables") == []


@pytest.mark.parametrize(
    ("today", "column"),
    [(15, "not_due"), (16, "to_30"), (45, "to_30"), (46, "to_60"), (106, "older")],
)
def test_receivables_stand_in_the_column_of_their_age(today, column, time_machine_at):
    """Due on 15 April: 14 days to pay from 1 April."""
    build.service(build.product(price="10.00"))
    run(FIRST_OF_APRIL)
    time_machine_at(today)
    [row] = rows("receivables")
    assert (row[column], row["total"]) == (Decimal("10.00"), Decimal("10.00"))


def test_part_payments_lower_what_is_receivable():
    build.service(build.product(price="10.00"))
    run(FIRST_OF_APRIL)
    customer = Invoice.objects.get().customer
    receive(
        customer,
        Receipt(
            gateway="bank",
            external_id="1",
            amount=Decimal("4.00"),
            currency="EUR",
            received_on=FIRST_OF_APRIL,
        ),
    )
    assert rows("receivables")[0]["total"] == Decimal("6.00")


def test_an_annual_price_counts_by_its_monthly_share_in_each_of_twelve_months():
    build.service(
        build.product(price="120.00", cycle="annually"), cycle="annually", anchor=date(2025, 4, 1)
    )
    run(FIRST_OF_APRIL)
    found = rows("recurring", Months.ending(FIRST_OF_APRIL, count=13))
    assert [row["mrr"] for row in found] == [Decimal("10.00")] * 12 + [Decimal("0.00")]


def test_churn_is_the_share_of_services_that_ended_in_the_month():
    sold = build.product()
    for _ in range(3):
        build.service(sold, anchor=date(2026, 2, 1))
    build.service(
        sold,
        anchor=date(2026, 2, 1),
        desired="terminated",
        terminated_at=datetime(2026, 3, 10, tzinfo=UTC),
    )
    [march] = rows("recurring", Months.ending(date(2026, 3, 31), count=1))
    assert (march["active"], march["ended"], march["churn"]) == (4, 1, Decimal("25.0"))


def test_usage_above_what_was_billed_comes_first():
    owner = build.service(build.metered())
    build.reading(owner, "21", at=noon(date(2026, 3, 31)))
    run(FIRST_OF_APRIL)
    build.reading(owner, "45.5", at=datetime(2026, 4, 1, 13, tzinfo=UTC))
    [row] = rows("usage")
    assert (row["used_gb"], row["billed_gb"], row["difference"]) == (
        Decimal("45.50"),
        Decimal(30),
        Decimal("15.50"),
    )


def test_tax_by_rate_has_credit_notes_taken_off():
    build.vat()
    build.service(build.product(price="18.00"))
    run(FIRST_OF_APRIL)
    invoice = Invoice.objects.get()
    credit(invoice, {invoice.lines.get().pk: Decimal("6.00")}, reason="Too much")
    [row] = rows("tax")
    assert (row["net"], row["amount"]) == (Decimal("12.00"), Decimal("2.28"))


def test_prices_that_include_tax_count_without_it():
    Seller.objects.update(prices_include_tax=True)
    build.vat()
    build.service(build.product(price="119.00"))
    run(FIRST_OF_APRIL)
    assert rows("revenue")[0]["net"] == Decimal("100.00")
    assert rows("recurring", APRIL)[0]["mrr"] == Decimal("0.00")
    assert rows("recurring", Months.ending(date(2026, 3, 31), count=1))[0]["mrr"] == Decimal("100")
