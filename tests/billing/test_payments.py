from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from billing.documents.credit_notes import correct, credit, remaining, void, write_off
from billing.documents.issue import issue
from billing.documents.statement import owed, statement
from billing.models import Allocation, Claim, CreditEntry, Invoice, Payment
from billing.nightly.run import run
from billing.payments.credit import adjust, apply_credit, balance
from billing.payments.record import Receipt, receive
from tests.billing import build

FIRST_OF_APRIL = date(2026, 4, 1)
pytestmark = pytest.mark.usefixtures("seller")


@pytest.fixture
def invoice():
    """18.00 and 19 % VAT: 21.42."""
    build.vat()
    build.service(build.product(price="18.00"))
    run(FIRST_OF_APRIL)
    return Invoice.objects.get()


def receipt(amount: str, *, reference: str = "TX-1", currency: str = "EUR") -> Receipt:
    return Receipt(
        gateway="bank",
        external_id=reference,
        amount=Decimal(amount),
        currency=currency,
        received_on=FIRST_OF_APRIL,
    )


def books_balance(invoice: Invoice) -> bool:
    rows = statement(invoice.customer, "EUR")
    return rows[-1].balance == owed(invoice.customer, "EUR")


def test_a_full_payment_makes_the_invoice_paid(invoice):
    receive(invoice.customer, receipt("21.42"))
    invoice.refresh_from_db()
    assert (invoice.status, invoice.paid_on, invoice.settled) == (
        "paid",
        FIRST_OF_APRIL,
        Decimal("21.42"),
    )
    assert books_balance(invoice)


def test_a_part_payment_leaves_the_rest_open(invoice):
    receive(invoice.customer, receipt("10.00"))
    invoice.refresh_from_db()
    assert (invoice.status, invoice.open_amount) == ("issued", Decimal("11.42"))
    assert books_balance(invoice)


def test_too_much_money_becomes_account_credit(invoice):
    receive(invoice.customer, receipt("30.00"))
    assert balance(invoice.customer, "EUR") == Decimal("8.58")
    assert books_balance(invoice)


def test_the_same_receipt_again_is_the_same_payment(invoice):
    first = receive(invoice.customer, receipt("21.42"))
    assert receive(invoice.customer, receipt("21.42")) == first
    assert (Payment.objects.count(), Allocation.objects.count()) == (1, 1)


def test_a_reference_with_other_facts_is_refused(invoice):
    receive(invoice.customer, receipt("21.42"))
    with pytest.raises(ValidationError, match="other facts"):
        receive(invoice.customer, receipt("99.00"))
    assert Payment.objects.count() == 1


def test_money_in_another_currency_settles_nothing_here(invoice):
    receive(invoice.customer, receipt("21.42", currency="USD"))
    invoice.refresh_from_db()
    assert invoice.settled == 0
    assert balance(invoice.customer, "USD") == Decimal("21.42")


def test_nothing_is_recorded_of_a_payment_of_nothing(invoice):
    with pytest.raises(ValidationError):
        receive(invoice.customer, receipt("0"))
    assert not Payment.objects.exists()


def test_the_named_invoice_is_settled_first_then_the_oldest(invoice):
    build.service(build.product(price="5.00"), customer=invoice.customer)
    run(FIRST_OF_APRIL)
    younger = Invoice.objects.exclude(pk=invoice.pk).get()
    receive(invoice.customer, receipt("7.00"), invoice=younger)
    younger.refresh_from_db()
    invoice.refresh_from_db()
    assert younger.status == "paid"
    assert invoice.settled == Decimal("1.05")


def test_account_credit_pays_an_invoice_without_touching_its_tax(invoice):
    adjust(invoice.customer, Decimal("5"), "EUR", note="Goodwill")
    assert apply_credit(invoice) == Decimal("5.00")
    invoice.refresh_from_db()
    assert (invoice.tax, invoice.open_amount) == (Decimal("3.42"), Decimal("16.42"))
    assert books_balance(invoice)


def test_credit_never_falls_below_zero(invoice):
    with pytest.raises(ValidationError):
        adjust(invoice.customer, Decimal("-0.01"), "EUR", note="Correction")
    with pytest.raises(ValidationError):
        apply_credit(invoice, Decimal("1.00"))
    assert not CreditEntry.objects.exists()


def test_one_tranche_credited_after_payment_becomes_credit_with_its_tax(invoice):
    receive(invoice.customer, receipt("21.42"))
    line = invoice.lines.get()
    note = credit(invoice, {line.pk: Decimal("6.00")}, reason="One tranche too many")
    assert (note.net, note.tax, note.total) == (Decimal("6.00"), Decimal("1.14"), Decimal("7.14"))
    assert balance(invoice.customer, "EUR") == Decimal("7.14")
    assert note.number == "CN-2026-00001"
    assert books_balance(invoice)


def test_a_second_credit_note_may_only_take_what_is_left(invoice):
    line = invoice.lines.get()
    credit(invoice, {line.pk: Decimal("6.00")}, reason="Too much")
    with pytest.raises(ValidationError) as refused:
        credit(invoice, {line.pk: Decimal("12.01")}, reason="Again")
    assert f"line_{line.pk}" in refused.value.message_dict
    last = credit(invoice, {line.pk: Decimal("12.00")}, reason="The rest")
    assert last.tax == Decimal("2.28")
    assert remaining(invoice) == {line.pk: 0}


def test_credit_notes_in_parts_give_back_the_tax_to_the_cent(invoice):
    line = invoice.lines.get()
    parts = [Decimal("0.01")] * 3 + [Decimal("17.97")]
    notes = [credit(invoice, {line.pk: part}, reason="Part") for part in parts]
    assert sum(note.tax for note in notes) == invoice.tax


def test_voiding_credits_everything_and_keeps_the_number_used(invoice):
    void(invoice, reason="Made in error")
    invoice.refresh_from_db()
    assert (invoice.status, invoice.open_amount) == ("void", 0)
    assert owed(invoice.customer, "EUR") == 0
    run(FIRST_OF_APRIL)
    assert Invoice.objects.filter(kind="invoice").count() == 1


def test_a_part_paid_invoice_is_not_voided(invoice):
    receive(invoice.customer, receipt("1.00"))
    with pytest.raises(ValidationError, match="credit the rest"):
        void(invoice, reason="Made in error")
    assert not Invoice.objects.filter(kind="credit_note").exists()


def test_correcting_makes_a_credit_note_and_a_draft_that_bills_the_same(invoice):
    draft = correct(invoice, reason="Wrong address")
    assert (draft.status, draft.total) == ("draft", Decimal("21.42"))
    assert set(Claim.objects.values_list("invoice", flat=True)) == {draft.pk}
    run(FIRST_OF_APRIL)
    issued = issue(draft)
    assert issued.number == "INV-2026-00002"
    assert owed(invoice.customer, "EUR") == Decimal("21.42")


def test_a_credit_note_says_why(invoice):
    with pytest.raises(ValidationError, match="Say why"):
        credit(invoice, remaining(invoice), reason=" ")
    assert Invoice.objects.count() == 1


def test_a_draft_and_a_credit_note_cannot_be_credited(invoice):
    note = void(invoice, reason="Error")
    for document in (note, Invoice.objects.create(customer=invoice.customer, currency="EUR")):
        with pytest.raises(ValidationError, match="Only issued"):
            credit(document, {}, reason="No")


def test_a_bad_debt_stays_on_the_account(invoice):
    write_off(invoice, reason="Insolvent")
    invoice.refresh_from_db()
    assert invoice.status == "written_off"
    assert owed(invoice.customer, "EUR") == Decimal("21.42")
