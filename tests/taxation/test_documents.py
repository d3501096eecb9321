"""Tax as it stands on documents of the run."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.documents import credit_notes
from billing.models import BillingProfile, Invoice
from billing.nightly import run
from tests.billing import build

D = Decimal
pytestmark = pytest.mark.django_db
DAY = date(2026, 4, 1)


def bill() -> list[Invoice]:
    run.run(DAY)
    return list(Invoice.objects.order_by("pk"))


def test_lines_of_two_classes_are_taxed_each_at_its_rate() -> None:
    build.seller()
    build.vat("19")
    build.vat("7", tax_class="reduced")
    owner = build.customer()
    for tax_class in ("", "reduced"):
        build.service(build.product(price="10.00", tax_class=tax_class), customer=owner)

    invoice = bill()[0]

    taxes = {str(row.rate.normalize()): row.tax for row in invoice.taxes.all()}
    assert taxes == {"19": D("1.90"), "7": D("0.70")}
    assert invoice.total == D("22.60")


def test_the_tax_point_of_usage_is_the_end_of_its_period() -> None:
    """The rate rises on the day the invoice is written: March still has the old one."""
    build.seller()
    build.vat("19", valid_to=date(2026, 3, 31))
    build.vat("21", valid_from=date(2026, 4, 1))
    owner = build.customer()
    build.service(build.product(price="100.00", timing="arrears"), customer=owner)
    build.service(
        build.product(price="100.00", timing="advance"),
        customer=owner,
        anchor=date(2026, 4, 1),
    )

    lines = {line.period_start: line.tax_rate for line in bill()[0].lines.all()}

    assert lines == {date(2026, 3, 1): D(19), date(2026, 4, 1): D(21)}


def test_gross_prices_are_what_the_customer_pays() -> None:
    build.seller(prices_include_tax=True)
    build.vat("19")
    build.service(build.product(price="100.00"))

    invoice = bill()[0]

    assert (invoice.net, invoice.tax, invoice.total) == (D("84.03"), D("15.97"), D("100.00"))
    assert invoice.lines.get().amount == D("100.00")


def test_a_gross_invoice_is_credited_to_the_last_cent() -> None:
    build.seller(prices_include_tax=True)
    build.vat("19")
    build.service(build.product(price="100.00"))
    invoice = bill()[0]
    line = invoice.lines.get()

    for amount in ("33.33", "33.33", "33.34"):
        credit_notes.credit(invoice, {line.pk: D(amount)}, reason="Goodwill")

    notes = Invoice.objects.filter(kind="credit_note")
    assert sum(note.total for note in notes) == D("100.00")
    assert sum(note.tax for note in notes) == D("15.97")


def test_an_exempt_customer_reads_why_there_is_no_tax() -> None:
    build.seller()
    build.vat("19")
    build.service(build.product(price="10.00"), customer=build.customer(tax_exempt=True))

    invoice = bill()[0]

    assert invoice.tax == 0
    assert invoice.tax_evidence["reason"] == "The customer is exempt from tax."


def test_a_rate_of_zero_prints_its_own_reason() -> None:
    build.seller(country="AE")
    build.vat("0", country="", reason="Zero-rated export of services.")
    build.service(build.product(price="10.00"), customer=build.customer(country="US"))

    assert bill()[0].tax_evidence["reason"] == "Zero-rated export of services."


def test_a_compound_tax_is_on_the_document_with_both_parts() -> None:
    build.seller(country="CA")
    build.vat("5", country="CA", name="GST")
    build.vat("9.975", country="CA", region="Quebec", name="QST", level=2, compound=True)
    build.service(
        build.product(price="100.00"), customer=build.customer(country="CA", region="Quebec")
    )

    invoice = bill()[0]

    assert {row.name: row.tax for row in invoice.taxes.all()} == {
        "GST": D("5.00"),
        "QST": D("10.47"),
    }
    assert invoice.total == D("115.47")


def test_evidence_says_which_row_was_applied() -> None:
    build.seller()
    build.vat("19")
    build.service(build.product(price="10.00"))

    evidence = bill()[0].tax_evidence

    assert evidence["rule"] == "domestic"
    assert evidence["rates"] == [
        {"name": "VAT", "rate": "19", "place": "DE", "class": "", "valid_from": "2020-01-01"}
    ]


def test_consumers_may_have_a_rate_of_their_own() -> None:
    build.seller()
    build.vat("19", customer_kind="business")
    build.vat("25", customer_kind="consumer")
    consumer = build.customer()
    BillingProfile.objects.create(customer=consumer, is_business=False)
    build.service(build.product(price="100.00"), customer=consumer)

    assert bill()[0].tax == D(25)


def test_taxing_more_customers_takes_no_more_queries() -> None:
    build.seller()
    build.vat("19")
    product = build.product(price="10.00")
    counts = []
    for many in (2, 12):
        for _each in range(many):
            build.service(
                product, customer=build.customer(country="FR", tax_number="FR40303265045")
            )
        with CaptureQueriesContext(
            connection,
        ) as queries:
            run.run(DAY)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert Invoice.objects.count() == 14
