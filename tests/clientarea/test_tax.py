"""What customers see of tax: the reason on documents, and typing errors of VAT numbers."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Customer
from billing.documents import pdf
from tests.dunning import build as documents
from tests.factories import ServiceFactory

pytestmark = pytest.mark.django_db
DETAILS = {
    "company": "Exemple SARL", "name": "Ada", "email": "bills@acme.example",
    "language": "en",
    "time_zone": "Europe/Paris",
}  # fmt: skip


@pytest.mark.parametrize(
    ("country", "number", "words"),
    [
        ("FR", "FR40303265046", "mistyped"),
        ("FR", "DE136695976", "begins with FR"),
        ("DE", "DE136695975", "mistyped"),
    ],
)
def test_a_mistyped_vat_number_is_told_beside_the_field_and_nothing_is_saved(
    browser: Client, acme: Customer, country: str, number: str, words: str
) -> None:
    response = browser.post("/company/", DETAILS | {"country": country, "tax_number": number})

    assert response.status_code == 422
    assert words in response.context["form"].errors["tax_number"][0]
    acme.refresh_from_db()
    assert acme.tax_number == ""


@pytest.mark.parametrize(
    ("country", "number"),
    [("FR", "FR 40 303 265 045"), ("DE", "12/345/67890"), ("US", "12-3456789"), ("FR", "")],
)
def test_a_number_that_is_right_or_of_another_kind_is_saved(
    browser: Client, acme: Customer, country: str, number: str
) -> None:
    browser.post("/company/", DETAILS | {"country": country, "tax_number": number})

    acme.refresh_from_db()
    assert (acme.country, acme.tax_number) == (country, number)


def test_the_reason_stands_on_the_page_and_in_the_pdf(browser: Client, acme: Customer) -> None:
    invoice = documents.invoice(
        ServiceFactory(customer=acme, delivered=True),
        tax_evidence={"rule": "reverse_charge", "reason": "Reverse charge applies."},
        prices_include_tax=True,
    )

    page = browser.get(f"/invoices/{invoice.public_id}/").content.decode()

    assert "Reverse charge applies." in page and "Prices include tax." in page
    plain = pdf.render(type(invoice)(**{**vars_of(invoice), "tax_evidence": {}}))
    assert len(pdf.render(invoice)) > len(plain)


def vars_of(invoice: object) -> dict[str, object]:
    return {name: value for name, value in vars(invoice).items() if not name.startswith("_")}
