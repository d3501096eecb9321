"""What customers see and do: paying, credit, cards, payments and the statement."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
import requests
from django.test import Client

from billing.documents.credit_notes import void
from billing.models import GatewayAccount, Invoice, Payment, SavedMethod
from billing.payments import credit, methods
from billing.payments.chargebacks import Loss, reverse
from tests.factories import MembershipFactory
from tests.payments import build

pytestmark = pytest.mark.usefixtures("seller")


@pytest.fixture
def browser(client: Client, owner) -> Client:
    client.force_login(MembershipFactory(customer=owner).user)
    return client


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def page_of(invoice: Invoice) -> str:
    return f"/invoices/{invoice.public_id}/"


def leaves_for(response: Any) -> str:
    found = re.search(r'content="0;url=([^"]+)"', response.content.decode())
    assert found, text(response)
    return found[1]


@pytest.fixture
def bank() -> GatewayAccount:
    return GatewayAccount.objects.create(
        code="bank",
        label="Bank transfer",
        settings={"holder": "Northwind Mail", "iban": "DE89370400440532013000"},
    )


def test_an_open_invoice_is_paid_on_the_gateway_s_page_and_the_customer_comes_back(
    stripe, browser, invoice
):
    away = leaves_for(browser.post(f"{page_of(invoice)}pay/stripe", {"keep": "on"}))
    assert away.startswith("http://testserver:")
    page_id = away.rpartition("/")[2]
    answer = requests.post(
        f"{stripe.url}/c/pay/{page_id}",
        data={"card": build.VISA},
        timeout=5,
        allow_redirects=False,
    )
    back = answer.headers["Location"].removeprefix("http://testserver")
    shown = browser.get(back, follow=True)
    assert "The invoice is paid." in text(shown)
    assert Invoice.objects.get().status == "paid"
    assert SavedMethod.objects.get().label == "Visa ending 4242"


def test_coming_back_without_paying_says_so(stripe, browser, invoice):
    browser.post(f"{page_of(invoice)}pay/stripe")
    assert "No payment has arrived yet" in text(browser.get(f"{page_of(invoice)}paid", follow=True))


def test_a_gateway_that_does_not_answer_is_a_sentence_on_the_invoice(stripe, browser, invoice):
    stripe.stop()
    shown = browser.post(f"{page_of(invoice)}pay/stripe", follow=True)
    assert "does not answer" in text(shown)
    assert not Payment.objects.exists()


@pytest.mark.parametrize("gateway", ["bank", "paypal"])
def test_only_gateways_that_are_switched_on_have_a_page(stripe, browser, invoice, gateway):
    assert browser.post(f"{page_of(invoice)}pay/{gateway}").status_code == 404
    GatewayAccount.objects.update(enabled=False)
    assert browser.post(f"{page_of(invoice)}pay/stripe").status_code == 404
    assert "Pay by" not in text(browser.get(page_of(invoice)))


def test_the_bank_s_details_stand_beside_an_open_invoice_and_in_its_pdf(
    bank, browser, owner, invoice
):
    build.paid(owner, "1.42", invoice=invoice)
    shown = text(browser.get(page_of(invoice)))
    assert "DE89 3704 0044 0532 0130 00" in shown
    assert f"Reference {invoice.number}" in shown
    assert "To pay: 20.00 EUR" in shown
    open_size = len(browser.get(f"{page_of(invoice)}pdf").content)
    build.paid(owner, "20.00", reference="TX-2", invoice=invoice)
    assert "DE89" not in text(browser.get(page_of(invoice)))
    assert len(browser.get(f"{page_of(invoice)}pdf").content) < open_size


def test_credit_is_used_with_one_click_and_not_twice(browser, owner, invoice):
    credit.adjust(owner, Decimal("5"), "EUR", note="Goodwill")
    shown = browser.get(page_of(invoice))
    assert "Use 5.00 EUR of credit" in text(shown)
    token = {"form_token": shown.context["form_token"]}
    for _click in range(2):
        answer = browser.post(f"{page_of(invoice)}credit", token, follow=True)
        assert "5.00 EUR of your credit was used." in text(answer)
    assert credit.balance(owner, "EUR") == 0
    assert Invoice.objects.get().settled == 5


def test_the_card_on_file_pays_with_one_click(stripe, browser, owner, invoice):
    build.card(owner, stripe)
    shown = browser.get(page_of(invoice))
    assert "Pay with Visa ending 4242" in text(shown)
    token = {"form_token": shown.context["form_token"]}
    assert "was charged" in text(browser.post(f"{page_of(invoice)}charge", token, follow=True))
    assert Invoice.objects.get().status == "paid"


def test_a_decline_is_told_in_the_bank_s_words_and_stays_on_the_page(
    stripe, browser, owner, invoice
):
    build.card(owner, stripe, build.DECLINES_LATER)
    answer = browser.post(f"{page_of(invoice)}charge", {"form_token": "x" * 20}, follow=True)
    assert "Your card was declined." in text(answer)
    assert "Your card was declined." in text(browser.get(page_of(invoice)))
    assert Invoice.objects.get().settled == 0


def test_a_payment_on_its_way_is_shown_instead_of_buttons(stripe, browser, owner, invoice):
    build.card(owner, stripe, build.DEBIT)
    browser.post(f"{page_of(invoice)}charge", {"form_token": "x" * 20})
    shown = text(browser.get(page_of(invoice)))
    assert "A payment is on its way" in shown
    assert "Pay with" not in shown


def test_what_was_paid_so_far_stands_below_the_total(browser, owner, invoice):
    payment = build.paid(owner, "21.42", invoice=invoice)
    assert "-21.42 EUR" in text(browser.get(page_of(invoice)))
    reverse(payment, Loss(amount=Decimal("10.00")))
    shown = text(browser.get(page_of(invoice)))
    assert "10.00 EUR Open 10.00 EUR" in shown


@pytest.mark.parametrize("act", ["pay/stripe", "credit", "charge"])
def test_another_customer_s_invoice_cannot_be_paid(stripe, browser, act):
    stranger = build.invoice()
    assert browser.post(f"{page_of(stranger)}{act}").status_code == 404
    assert not list(stripe.state.all("cs"))


def test_a_card_is_added_on_the_gateway_s_page(stripe, browser, owner):
    away = leaves_for(browser.post("/cards/add/stripe", {"form_token": "t" * 16}))
    stripe.pay(away.rpartition("/")[2], build.MASTERCARD)
    assert "Mastercard ending 4444 is kept." in text(browser.get("/cards/added", follow=True))
    assert str(methods.default_of(owner)) == "Mastercard ending 4444"
    assert "No card was kept." in text(browser.get("/cards/added", follow=True))


def test_another_card_is_made_the_one_that_is_charged(stripe, browser, owner):
    first, second = build.card(owner, stripe), build.card(owner, stripe, build.MASTERCARD)
    browser.post(f"/cards/{second.external_id}/default")
    assert list(methods.kept(owner)) == [second, first]
    assert "charged from now on" in text(browser.get("/cards/"))


def test_a_card_is_forgotten_at_the_gateway_too(stripe, browser, owner):
    kept = build.card(owner, stripe)
    assert browser.get(f"/cards/{kept.external_id}/remove").status_code == 200
    answer = browser.post(f"/cards/{kept.external_id}/remove", {"form_token": "x"}, follow=True)
    assert "Visa ending 4242 was removed." in text(answer)
    assert stripe.state.get("pm", kept.external_id)["customer"] is None
    assert not methods.kept(owner).exists()


def test_a_card_that_the_gateway_could_not_forget_stays(stripe, browser, owner):
    kept = build.card(owner, stripe)
    stripe.stop()
    answer = browser.post(f"/cards/{kept.external_id}/remove", {"form_token": "x"})
    assert "does not answer" in text(answer)
    assert list(methods.kept(owner)) == [kept]


def test_another_customer_s_card_does_not_exist(stripe, browser):
    strangers = build.card(build.customer(), stripe)
    for act in ("default", "remove"):
        assert browser.post(f"/cards/{strangers.external_id}/{act}").status_code == 404
    assert methods.kept(strangers.customer).exists()


def test_payments_are_listed_with_what_they_paid(browser, owner, invoice):
    build.paid(owner, "21.42", invoice=invoice)
    build.paid(build.customer(company="Nosy"), "99.00", reference="TX-9")
    shown = text(browser.get("/payments/"))
    assert f"{invoice.number} Received 21.42 EUR" in shown
    assert "99.00" not in shown


def test_the_statement_ends_with_what_is_owed(browser, owner, invoice):
    build.paid(owner, "10.00", invoice=invoice)
    shown = text(browser.get("/payments/statement"))
    assert "You owe 11.42 EUR" in shown
    assert f"Invoice {invoice.number} 21.42 EUR 21.42 EUR" in shown


def test_credit_is_told_as_credit(browser, owner):
    build.paid(owner, "5.00")
    assert "You have 5.00 EUR of credit" in text(browser.get("/payments/statement"))


def test_a_credit_note_says_what_it_gives_back(browser, owner, invoice):
    note = void(invoice, reason="Made in error")
    shown = text(browser.get(page_of(note)))
    assert f"Credit note {note.number} for {invoice.number}" in shown
    assert f"Email hosting, on {invoice.number}" in shown
    assert "To pay" not in shown
    assert browser.get(f"{page_of(note)}pdf").status_code == 200
