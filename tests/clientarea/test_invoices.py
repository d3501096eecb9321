from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from billing.models import Invoice, Seller, TaxRate
from billing.nightly import run
from config import clock
from provisioning.models import Service
from tests.factories import ReadingFactory

pytestmark = pytest.mark.django_db
GB = 1024**3


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def invoice(service: Service) -> Invoice:
    """A month with 21 GB, billed by the real run."""
    today = clock.today()
    service.anchor, service.next_due = today - timedelta(days=28), today
    service.save()
    ReadingFactory(service=service, metric="disk", value=Decimal(21 * GB), source="sync")
    Seller.objects.update(payment_instructions="IBAN DE02 1203", footer="HRB 12345")
    TaxRate.objects.create(name="VAT", country="DE", rate=19, valid_from=today - timedelta(365))
    run.run(today)
    return Invoice.objects.get()


def test_the_page_has_lines_periods_tax_and_how_to_pay(browser: Client, invoice: Invoice) -> None:
    page = text(browser.get(f"/invoices/{invoice.public_id}/"))
    assert f"Invoice {invoice.number}" in page
    assert "21.00 GB used of 30 GB billed" in page
    assert "18.00 EUR" in page
    assert "VAT 19 % of 18.00 EUR" in page
    assert "21.42 EUR" in page
    assert "IBAN DE02 1203" in page
    assert "HRB 12345" in page


def test_every_line_explains_why_it_was_charged(browser: Client, invoice: Invoice) -> None:
    page = text(browser.get(f"/invoices/{invoice.public_id}/"))
    assert "Why was I charged?" in page
    assert "21.00 GB (22,548,578,304 bytes" in page
    assert "3 × 6.00 EUR = 18.00 EUR" in page


def test_the_pdf_is_a_pdf(browser: Client, invoice: Invoice) -> None:
    response = browser.get(f"/invoices/{invoice.public_id}/pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    assert f'filename="{str(invoice.number).lower()}.pdf"' in response["Content-Disposition"]


def test_the_home_page_names_what_is_open(browser: Client, invoice: Invoice) -> None:
    assert str(invoice.number) in text(browser.get("/"))
    Invoice.objects.update(status=Invoice.Status.PAID)
    assert str(invoice.number) not in text(browser.get("/"))


@pytest.mark.parametrize(
    ("status", "days", "word"),
    [("issued", 3, "Open"), ("issued", -1, "Overdue"), ("paid", -1, "Paid"), ("void", -1, "Void")],
)
def test_the_status_is_a_word(
    browser: Client, invoice: Invoice, status: str, days: int, word: str
) -> None:
    Invoice.objects.update(status=status, due_on=clock.today() + timedelta(days=days))
    for url in ("/invoices/", f"/invoices/{invoice.public_id}/"):
        assert f">{word}</span>" in text(browser.get(url))


def test_drafts_are_the_seller_s_own_business(browser: Client, invoice: Invoice) -> None:
    draft = Invoice.objects.create(customer=invoice.customer, currency="EUR", hold_reason="odd")
    assert draft.public_id not in text(browser.get("/invoices/"))
    assert browser.get(f"/invoices/{draft.public_id}/").status_code == 404
    assert browser.get(f"/invoices/{draft.public_id}/pdf").status_code == 404


def test_a_document_shows_the_parties_as_they_were(browser: Client, invoice: Invoice) -> None:
    company = invoice.customer.company
    invoice.customer.company = "Renamed AG"
    invoice.customer.save()
    Seller.objects.update(name="Renamed Seller")
    page = text(browser.get(f"/invoices/{invoice.public_id}/"))
    assert f"<strong>{company}</strong>" in page
    assert "<strong>Halden Mail</strong>" in page


def test_the_newest_invoice_comes_first(browser: Client, invoice: Invoice) -> None:
    for day in (1, 2):
        Invoice.objects.create(
            customer=invoice.customer, currency="EUR", status="issued", number=f"OLD-{day}",
            issued_on=clock.today() - timedelta(days=day), due_on=clock.today(),
        )  # fmt: skip
    listed = [each.number for each in browser.get("/invoices/").context["table"].page]
    assert listed == [invoice.number, "OLD-1", "OLD-2"]
