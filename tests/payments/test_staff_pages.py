"""What staff see and do about money."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from billing.documents.credit_notes import credit_rest
from billing.gateways.registry import open_gateway
from billing.models import (
    ChargeAttempt,
    ChargeBack,
    CreditEntry,
    GatewayAccount,
    GatewayEvent,
    Invoice,
    Payment,
    Refund,
)
from billing.payments import attempts, credit
from config import clock
from tests.backoffice.world import do_url, formdata, list_url, press, url_of
from tests.factories import StaffFactory
from tests.payments import build

pytestmark = pytest.mark.usefixtures("seller")
IMPORT = "/admin/billing/payment/import/"


@pytest.fixture
def boss(client: Client, db: None) -> Client:
    client.force_login(StaffFactory())
    return client


def text(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def receipt(**values: Any) -> dict[str, Any]:
    return {
        "amount": "21.42", "currency": "EUR", "received_on": f"{clock.today():%Y-%m-%d}",
        "way": "bank", "reference": "Statement 12", "note": "",
    } | values  # fmt: skip


def after(response: Any) -> Any:
    assert response.status_code == 302, text(response)
    return response


def test_a_payment_is_recorded_on_the_invoice_s_page_once(boss, invoice):
    for _click in range(2):
        after(press(boss, invoice, "payment", **receipt()))
    assert Payment.objects.get().created_by is not None
    assert Invoice.objects.get().status == "paid"
    assert "Statement 12" in text(boss.get(url_of(invoice)))


def test_a_payment_on_the_customer_s_page_pays_the_invoice_that_is_named(boss, owner, invoice):
    second = build.invoice(owner)
    after(press(boss, owner, "payment", **receipt(invoice=second.pk)))
    assert list(Invoice.objects.filter(status="paid")) == [second]


@pytest.mark.parametrize(
    "wrong, words",
    [({"amount": "0"}, "greater than"), ({"received_on": "2999-01-01"}, "has not come yet")],
)
def test_a_payment_that_cannot_be_is_refused_beside_its_field(boss, invoice, wrong, words):
    assert words in text(press(boss, invoice, "payment", **receipt(**wrong)))
    assert not Payment.objects.exists()


def test_a_reference_of_another_payment_is_refused(boss, owner, invoice):
    build.paid(owner, "5.00", reference="Statement 12")
    assert "with other facts" in text(press(boss, invoice, "payment", **receipt()))
    assert Payment.objects.count() == 1


def test_credit_is_adjusted_once_and_not_below_zero(boss, owner):
    for _click in range(2):
        after(press(boss, owner, "credit", amount="5", currency="EUR", note="Goodwill"))
    assert credit.balance(owner, "EUR") == 5
    again = {"amount": "-6", "currency": "EUR", "note": "Too much", "form_token": "y" * 20}
    assert "below zero" in text(press(boss, owner, "credit", **again))
    assert credit.balance(owner, "EUR") == 5
    assert "5.00 EUR" in text(boss.get(url_of(owner)))


def test_account_credit_is_used_for_an_invoice(boss, owner, invoice):
    build.paid(owner, "5.00", reference="early")
    invoice = build.invoice(owner)
    credit.adjust(owner, Decimal("3"), "EUR", note="Goodwill")
    after(press(boss, invoice, "use-credit", amount="2"))
    assert credit.balance(owner, "EUR") == 1


def test_a_credit_note_gives_back_what_is_entered_for_a_line(boss, owner, invoice):
    build.paid(owner, "21.42", invoice=invoice)
    line = invoice.lines.get()
    answer = press(
        boss, invoice, "credit-note", **{f"line_{line.pk}": "6.00", "reason": "Too many"}
    )
    note = Invoice.objects.get(kind="credit_note")
    assert after(answer)["Location"] == url_of(note)
    assert (note.total, credit.balance(owner, "EUR")) == (Decimal("7.14"), Decimal("7.14"))
    assert f"Credit note {note}" in text(boss.get(url_of(note)))


def test_more_than_is_left_of_a_line_is_refused_beside_it(boss, invoice):
    line = invoice.lines.get()
    answer = press(
        boss, invoice, "credit-note", **{f"line_{line.pk}": "18.01", "reason": "Too many"}
    )
    assert "At most 18.00 EUR is left of this line." in text(answer)
    assert Invoice.objects.count() == 1


def test_a_credit_note_is_made_once_by_two_clicks(boss, invoice):
    line = invoice.lines.get()
    for _click in range(2):
        press(boss, invoice, "credit-note", **{f"line_{line.pk}": "1.00", "reason": "Too many"})
    assert Invoice.objects.filter(kind="credit_note").count() == 1


def test_an_invoice_is_voided_corrected_and_written_off(boss, owner, invoice):
    after(press(boss, invoice, "void", reason="Made in error"))
    second, third = build.invoice(owner), build.invoice(owner)
    draft = after(press(boss, second, "correct", reason="Wrong address", form_token="b" * 20))
    after(press(boss, third, "write-off", reason="Insolvent", form_token="c" * 20))
    states = [Invoice.objects.get(pk=each.pk).status for each in (invoice, second, third)]
    assert states == ["void", "void", "written_off"]
    assert draft["Location"] == url_of(Invoice.objects.get(status="draft"))


def test_what_cannot_be_done_any_more_has_no_button(boss, owner, invoice):
    build.paid(owner, "21.42", invoice=invoice)
    page = text(boss.get(url_of(invoice)))
    assert "Void" not in page
    assert "Record payment" not in page
    press(boss, invoice, "void", reason="Made in error")
    assert Invoice.objects.get().status == "paid"


def test_the_card_is_charged_from_the_invoice_s_page(stripe, boss, owner, invoice):
    build.card(owner, stripe)
    after(press(boss, invoice, "charge"))
    assert Invoice.objects.get().status == "paid"


def test_money_is_sent_back_when_the_amount_was_typed_twice(stripe, boss, owner, invoice):
    build.card(owner, stripe)
    press(boss, invoice, "charge")
    credit_rest(invoice, reason="Not used")
    payment = Payment.objects.get()
    wrong = {"amount": "21.42", "again": "21.24", "reason": "Not used"}
    assert "The two amounts differ." in text(press(boss, payment, "refund", **wrong))
    assert not Refund.objects.exists()
    for _click in range(2):
        after(press(boss, payment, "refund", **wrong | {"again": "21.42"}))
    assert Refund.objects.get().status == "done"
    assert credit.balance(owner, "EUR") == 0
    assert "Sent back" in text(boss.get(url_of(payment)))


def test_a_refund_that_the_gateway_refuses_says_so(stripe, boss, owner, invoice):
    build.card(owner, stripe)
    press(boss, invoice, "charge")
    credit_rest(invoice, reason="Not used")
    next(stripe.state.all("ch"))["paid"] = False
    payment = Payment.objects.get()
    typed = {"amount": "5", "again": "5", "reason": "Not used", "form_token": "r" * 20}
    assert "was not sent" in text(press(boss, payment, "refund", **typed))
    assert credit.balance(owner, "EUR") == Decimal("21.42")


def test_a_charge_back_and_its_end(boss, owner, invoice):
    payment = build.paid(owner, "21.42", invoice=invoice)
    for _click in range(2):
        after(press(boss, payment, "charge-back", amount="21.42", reason="Said it was fraud"))
    assert ChargeBack.objects.count() == 1
    assert Invoice.objects.get().status == "issued"
    after(press(boss, payment, "won", form_token="w" * 20))
    assert Invoice.objects.get().status == "paid"


def test_the_statement_of_a_customer(boss, owner, invoice):
    build.paid(owner, "10.00", invoice=invoice)
    page = text(boss.get(reverse("admin:accounts_customer_statement", args=[owner.pk])))
    assert "Owed less credit 11.42 EUR" in page
    assert f"Invoice {invoice.number} 21.42 EUR 21.42 EUR" in page


def upload(browser: Client, *rows: str) -> Any:
    content = "\n".join(("Date;Amount;Description", *rows)).encode()
    file = SimpleUploadedFile("list.csv", content)
    return browser.post(IMPORT, {"file": file, "currency": "EUR", "order": "day"})


def test_a_bank_list_is_shown_before_anything_is_booked(boss, invoice):
    today = f"{clock.today():%d.%m.%Y}"
    page = upload(boss, f"{today};21,42;{invoice.number}", f"{today};1.234;odd", f"{today};7,00;?")
    shown = text(page)
    assert "Pays it" in shown
    assert "Line 3 cannot be read" in shown
    assert "Nothing found" in shown
    assert not Payment.objects.exists()

    matches = page.context["matches"]
    sent = {
        "text": page.context["list"], "currency": "EUR", "order": "day", "book": "1",
        "line": [matches[0].line.key],
    }  # fmt: skip
    for _click in range(2):
        after(boss.post(IMPORT, sent))
    assert Payment.objects.get().amount == Decimal("21.42")
    assert Invoice.objects.get().status == "paid"


@pytest.mark.parametrize("rows, words", [(("x",), "cannot be read"), ((), "is money that came in")])
def test_a_list_without_payments_books_nothing(boss, rows, words):
    assert words in text(upload(boss, *rows))
    assert not Payment.objects.exists()


def test_a_file_that_is_no_list_is_refused(boss):
    file = SimpleUploadedFile("list.csv", b"hello")
    page = boss.post(IMPORT, {"file": file, "currency": "EUR", "order": "day"})
    assert "names no column" in text(page)


def test_a_gateway_is_added_with_keys_that_never_show_again(boss, simulator):
    add = reverse("admin:billing_gatewayaccount_add")
    assert "Stripe" in text(boss.get(add))
    typed = {
        "label": "Card", "enabled": "on", "position": "0",
        "set-secret_key": "sk_test_Planted", "set-webhook_secret": "whsec_Planted",
    }  # fmt: skip
    after(boss.post(f"{add}?gateway=stripe", typed))
    account = GatewayAccount.objects.get()
    assert account.settings == {"secret_key": "sk_test_Planted", "webhook_secret": "whsec_Planted"}
    page = boss.get(url_of(account)).content.decode()
    assert "Planted" not in page
    assert "/payments/stripe/events/" in page


def test_a_blank_key_keeps_the_stored_one(boss, stripe):
    account = GatewayAccount.objects.get()
    before = account.settings
    after(boss.post(url_of(account), formdata(boss, url_of(account)) | {"label": "Cards"}))
    account.refresh_from_db()
    assert (account.label, account.settings) == ("Cards", before)
    assert open_gateway("stripe").check()


@pytest.mark.parametrize(
    "wrong, words",
    [({"set-secret_key": "pk_test_1"}, "starts with sk_"), ({"set-webhook_secret": "x"}, "whsec_")],
)
def test_a_key_of_another_kind_is_refused(boss, stripe, wrong, words):
    account = GatewayAccount.objects.get()
    answer = boss.post(url_of(account), formdata(boss, url_of(account)) | wrong)
    assert words in text(answer)
    assert open_gateway("stripe").check()


def test_the_connection_is_tested(boss, stripe):
    account = GatewayAccount.objects.get()
    page = boss.post(do_url(account, "check"), {"form_token": "t" * 20}, follow=True)
    assert "Stripe answers, in test mode." in text(page)
    stripe.stop()
    page = boss.post(do_url(account, "check"), {"form_token": "u" * 20}, follow=True)
    assert "no usable answer" in text(page)


def test_an_event_that_contradicts_our_rows_waits_for_a_person(boss, stripe):
    row = GatewayEvent.objects.create(
        gateway="stripe", event_id="evt_1", kind="payment_intent.succeeded", refused=True,
        outcome="The payer is not the customer.", handled_at=clock.now(),
    )  # fmt: skip
    assert "Contradicts our rows" in text(boss.get(list_url(GatewayEvent)))
    after(press(boss, row, "seen"))
    row.refresh_from_db()
    assert not row.refused


def test_a_charge_without_an_answer_is_looked_up_by_hand(boss, stripe, owner, invoice):
    attempt = attempts.begin(invoice, "stripe", build.card(owner, stripe))
    after(press(boss, attempt, "look"))
    assert ChargeAttempt.objects.get().status == "succeeded"
    assert Invoice.objects.get().status == "paid"


def test_entries_of_the_ledger_name_who_made_them(boss, owner):
    press(boss, owner, "credit", amount="5", currency="EUR", note="Goodwill")
    assert CreditEntry.objects.get().created_by is not None
