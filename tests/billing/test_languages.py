"""Documents and their e-mails are in the customer's language, whoever made them."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pypdfium2
import pytest
from django.utils import translation

from billing.documents import pdf
from billing.mail import causes
from billing.models import Invoice, SentMail
from billing.nightly.run import run
from billing.rating import explain
from config.language import day, grouped
from config.money import format_money, format_unit_price
from tests.billing import build
from tests.billing.build import noon

APRIL = date(2026, 4, 1)
NBSP = "\u00a0"
pytestmark = pytest.mark.usefixtures("seller")


def billed(language: str) -> Invoice:
    owner = build.service(build.metered(), customer=build.customer(language=language))
    build.reading(owner, "21", at=noon(date(2026, 3, 31)))
    return Invoice(customer=owner.customer)


def text_of(invoice: Invoice) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf.render(invoice)))
    found = "\n".join(page.get_textpage().get_text_range() for page in document)
    return found.replace("\r\n", "\n").replace(NBSP, " ")


@pytest.mark.parametrize(
    ("language", "amount", "price", "written"),
    [
        ("en", "1,234.50 EUR", "0.335 EUR", "12 Mar 2026"),
        ("de", f"1.234,50{NBSP}€", f"0,335{NBSP}€", "12.03.2026"),
        ("fr", f"1{NBSP}234,50{NBSP}€", f"0,335{NBSP}€", "12/03/2026"),
    ],
)
def test_money_and_days_are_written_as_the_language_does(language, amount, price, written) -> None:
    with translation.override(language):
        assert format_money(Decimal("1234.495"), "EUR") == amount
        assert format_unit_price(Decimal("0.3350"), "EUR") == price
        assert day(date(2026, 3, 12)) == written


def test_only_the_euro_goes_by_its_sign() -> None:
    with translation.override("de-CH"):
        assert format_money(Decimal("-5"), "USD") == f"-5,00{NBSP}USD"
        assert grouped(1234567) == "1.234.567"


def test_one_run_writes_each_document_in_its_customers_language() -> None:
    made = {language: billed(language).customer for language in ("en", "de", "fr")}
    with translation.override("fr"):
        run(APRIL)
    said = {
        language: Invoice.objects.get(customer=customer).lines.get().description
        for language, customer in made.items()
    }
    assert said["en"].endswith("(21.00 GB used of 30 GB billed)")
    assert said["de"].endswith("(21,00 GB von 30 berechneten GB genutzt)")
    assert said["fr"].endswith("(21,00 Go utilisés sur 30 Go facturés)")


def test_languages_change_words_and_no_amount() -> None:
    for language in ("en", "de", "fr"):
        billed(language)
    run(APRIL)
    facts = Invoice.objects.values_list("net", "tax", "total", "lines__unit_price")
    assert len(facts) == 3
    assert len(set(facts)) == 1
    evidence = [invoice.lines.get().evidence for invoice in Invoice.objects.all()]
    told = [{**each, "item": "", "reading": ""} for each in evidence]
    assert told[0] == told[1] == told[2]


def test_the_printed_document_keeps_the_language_it_was_issued_in() -> None:
    customer = billed("de").customer
    run(APRIL)
    invoice = Invoice.objects.get()
    type(customer).objects.filter(pk=customer.pk).update(language="fr")
    with translation.override("en"):
        printed = text_of(Invoice.objects.get())
    assert "Rechnung" in printed
    assert "Einzelpreis" in printed
    assert "18,00 €" in printed
    assert f"{invoice.issued_on:%d.%m.%Y}" in printed
    assert "Invoice" not in printed


def test_the_e_mail_of_a_document_speaks_its_customers_language() -> None:
    billed("fr")
    run(APRIL)
    with translation.override("de"):
        causes.announce()
    mail = SentMail.objects.get(code="invoice_issued")
    assert mail.subject == f"Facture {Invoice.objects.get().number}"
    assert mail.body.startswith("Bonjour ")
    assert f"18,00{NBSP}€" in mail.body


def test_the_reason_of_a_line_is_told_in_the_readers_language() -> None:
    billed("de")
    run(APRIL)
    line = Invoice.objects.get().lines.get()
    with translation.override("fr"):
        sentences = dict(explain(line.evidence))
    assert sentences["Tranches facturées"] == "3, soit 30 Go"
    assert sentences["Calcul"].endswith(f"= 18,00{NBSP}€")


def test_notices_to_staff_stay_in_english() -> None:
    owner = build.service(build.metered(), customer=build.customer(language="de"))
    run(APRIL)
    invoice = Invoice.objects.get(customer=owner.customer)
    assert any("was never measured: the minimum is billed" in text for text in invoice.notices)
