"""Bank transfer: what the customer is told, and how the bank's list finds its invoices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from billing.gateways.bank import BankTransfer
from billing.gateways.contract import Demand, Payer
from billing.models import Invoice, Payment
from billing.payments import credit
from billing.payments.bank_import import Fit, book, match
from billing.payments.bank_lines import Habits, decode, read
from config import clock
from tests.payments import build

EUR = Habits(currency="EUR")
SETTINGS = {
    "holder": "Northwind Mail", "iban": "DE89370400440532013000", "bic": "COBADEFFXXX",
    "account": "", "bank": "", "note": "",
}  # fmt: skip


def lines(*rows: str, habits: Habits = EUR, heading: str = "Date;Amount;Description;Name"):
    found, unread = read("\n".join((heading, *rows)), habits)
    assert unread == []
    return found


def today() -> str:
    return f"{clock.today():%d.%m.%Y}"


def test_the_customer_is_told_where_to_send_what_under_which_reference():
    payer = Payer(reference="c", name="Acme", email="a@b.example")
    demand = Demand(
        reference="r", title="INV-1", amount=Decimal("21.42"), currency="EUR", payer=payer
    )
    told = [(each.label, each.value) for each in BankTransfer(SETTINGS).instructions(demand)]
    assert told == [
        ("Account holder", "Northwind Mail"),
        ("IBAN", "DE89 3704 0044 0532 0130 00"),
        ("BIC", "COBADEFFXXX"),
        ("Reference", "INV-1"),
        ("Amount", "21.42 EUR"),
    ]


@pytest.mark.parametrize("code, wrong", [("iban", "DE89370400440532013001"), ("bic", "NONSENSE1")])
def test_an_account_number_with_a_typing_error_is_refused(code, wrong):
    validate = BankTransfer.fields[code].validate
    assert validate is not None
    assert "not a valid" in str(validate(wrong))
    assert validate(SETTINGS[code]) is None


@pytest.mark.parametrize(
    "written, amount",
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("+21,42", "21.42"),
        ("21.42 EUR", "21.42"),
        ("€ 1'000.00", "1000.00"),
        ("7", "7"),
    ],
)
def test_amounts_are_read_as_banks_write_them(written, amount):
    assert lines(f"2026-03-01;{written};x;y")[0].amount == Decimal(amount)


@pytest.mark.parametrize(
    "row, reason",
    [
        ("2026-03-01;1.234;x;y", "two ways"),
        ("2026-03-01;abc;x;y", "no amount"),
        ("2026-03-01;1.005,001;x;y", "too many decimals"),
        ("2026-02-30;5.00;x;y", "no date"),
        ("soon;5.00;x;y", "no date"),
    ],
)
def test_what_cannot_be_read_is_not_guessed(row, reason):
    found, unread = read(f"Date;Amount;Description;Name\n{row}", EUR)
    assert found == []
    assert reason in unread[0].reason
    assert unread[0].number == 2


@pytest.mark.parametrize(
    "written, day_first, day",
    [
        ("2026-04-03", True, date(2026, 4, 3)),
        ("03.04.2026", True, date(2026, 4, 3)),
        ("03/04/26", True, date(2026, 4, 3)),
        ("03/04/2026", False, date(2026, 3, 4)),
        ("2026-04-03T10:11:12", True, date(2026, 4, 3)),
    ],
)
def test_dates_are_read_as_staff_say(written, day_first, day):
    habits = Habits(currency="EUR", day_first=day_first)
    assert lines(f"{written};5.00;x;y", habits=habits)[0].on == day


def test_lists_come_with_commas_quotes_marks_and_old_encodings():
    heading = '\ufeff"Buchungstag","Betrag","Währung","Verwendungszweck"'
    raw = f'{heading}\n"01.03.2026","5,00","USD","ü, x"'
    found, _unread = read(decode(raw.encode()), EUR)
    assert (found[0].currency, found[0].text) == ("USD", "ü, x")
    assert "ü" in decode("Währung;ü".encode("cp1252"))


def test_money_that_went_out_is_left_out():
    assert lines("2026-03-01;-5.00;rent;landlord") == []


def test_a_file_that_is_no_list_is_refused_with_a_reason():
    with pytest.raises(ValidationError, match="no column for a date and an amount"):
        read("hello\nworld", EUR)


@pytest.mark.parametrize(
    "text",
    ["{number}", "Invoice {number} thanks", "inv 2026 {tail}", "INV2026{tail}", "ref:{number}/web"],
)
def test_an_invoice_is_found_however_its_number_is_written(owner, invoice, text):
    tail = str(invoice.number).rpartition("-")[2]
    told = text.format(number=invoice.number, tail=tail)
    found = match(lines(f"{today()};21,42;{told};Acme"))[0]
    assert (found.fit, found.invoice, found.ticked) == (Fit.EXACT, invoice, True)


def test_another_amount_is_taken_for_the_invoice_it_names(owner, invoice):
    found = match(lines(f"{today()};10,00;{invoice.number};Acme"))[0]
    assert (found.fit, found.invoice) == (Fit.NAMED, invoice)


def test_one_transfer_for_two_invoices_pays_both(owner, invoice):
    second = build.invoice(owner, net="10.00")
    found = match(lines(f"{today()};33,32;{invoice.number} and {second.number};Acme"))
    assert found[0].fit is Fit.EXACT
    book(found, {found[0].line.key: ""})
    assert set(Invoice.objects.values_list("status", flat=True)) == {"paid"}


def test_without_a_number_the_only_invoice_of_that_amount_is_proposed_and_not_ticked(invoice):
    found = match(lines(f"{today()};21,42;thanks;Acme"))[0]
    assert (found.fit, found.invoice, found.ticked) == (Fit.AMOUNT, invoice, False)


def test_two_invoices_of_that_amount_are_for_a_person_to_tell_apart(invoice):
    build.invoice()
    found = match(lines(f"{today()};21,42;thanks;Acme"))[0]
    assert (found.fit, found.invoice) == (Fit.NONE, None)


def test_an_invoice_in_another_currency_is_not_meant(invoice):
    habits = Habits(currency="USD")
    assert match(lines(f"{today()};21.42;{invoice.number};A", habits=habits))[0].fit is Fit.NONE


def test_a_payment_for_an_invoice_that_is_paid_becomes_credit(owner, invoice):
    build.paid(owner, "21.42", invoice=invoice, gateway="cash")
    found = match(lines(f"{today()};21,42;{invoice.number};Acme"))
    assert found[0].fit is Fit.NAMED
    book(found, {found[0].line.key: ""})
    assert credit.balance(owner, "EUR") == Decimal("21.42")


def test_the_same_file_again_books_nothing_again(owner, invoice):
    rows = (f"{today()};21,42;{invoice.number};Acme",)
    first = match(lines(*rows))
    assert book(first, {first[0].line.key: ""})[0].payment
    again = match(lines(*rows))
    assert again[0].fit is Fit.BOOKED
    assert book(again, {again[0].line.key: ""}) == []
    assert Payment.objects.count() == 1


def test_two_lines_that_look_alike_are_two_payments(owner, invoice):
    row = f"{today()};5,00;{invoice.number};Acme"
    found = match(lines(row, row))
    book(found, {each.line.key: "" for each in found})
    assert Payment.objects.count() == 2


def test_what_somebody_booked_by_hand_is_not_ticked_again(owner, invoice):
    build.paid(owner, "21.42", invoice=invoice)
    found = match(lines(f"{today()};21,42;{invoice.number};Acme"))[0]
    assert (found.fit, found.ticked) == (Fit.TWIN, False)


def test_a_number_that_staff_type_wins(owner, invoice):
    found = match(lines(f"{today()};10,00;thanks;Acme"))
    done = book(found, {found[0].line.key: str(invoice.number).lower()})
    assert done[0].payment
    assert Invoice.objects.get().settled == Decimal("10.00")


@pytest.mark.parametrize("typed, words", [("INV-NOPE", "no invoice"), ("", "Type the number")])
def test_a_line_for_no_invoice_is_not_booked(invoice, typed, words):
    found = match(lines(f"{today()};10,00;thanks;Acme"))
    assert words in book(found, {found[0].line.key: typed})[0].error
    assert not Payment.objects.exists()


def test_lines_that_were_not_chosen_stay(invoice):
    found = match(lines(f"{today()};21,42;{invoice.number};Acme"))
    assert book(found, {}) == []
    assert not Payment.objects.exists()
