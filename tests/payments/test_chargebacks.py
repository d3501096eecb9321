"""Money that the payer's bank takes back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from billing.models import Allocation, ChargeBack, CreditEntry, Invoice
from billing.payments import credit
from billing.payments.chargebacks import Loss, reinstate, reverse
from billing.payments.refunds import Wish, refund
from tests.payments import build

NOTHING = Decimal(0)
pytestmark = pytest.mark.usefixtures("seller")


def loss(amount: str, key: str = "dp_1") -> Loss:
    return Loss(amount=Decimal(amount), reason="fraudulent", external_id=key)


def open_of(invoice: Invoice) -> tuple[str, Decimal]:
    invoice.refresh_from_db()
    return invoice.status, invoice.open_amount


def test_the_invoice_it_had_paid_is_open_again(owner, invoice):
    payment = build.paid(owner, "21.42", invoice=invoice)
    reverse(payment, loss("21.42"))
    payment.refresh_from_db()
    assert payment.status == "reversed"
    assert open_of(invoice) == ("issued", Decimal("21.42"))
    assert invoice.paid_on is None
    assert build.books_balance(owner)


def test_told_twice_it_is_taken_once(owner, invoice):
    payment = build.paid(owner, "21.42", invoice=invoice)
    assert reverse(payment, loss("21.42")) == reverse(payment, loss("21.42"))
    assert ChargeBack.objects.count() == 1
    assert Allocation.objects.count() == 2
    assert build.books_balance(owner)


def test_a_part_of_it_leaves_the_rest_settled(owner, invoice):
    payment = build.paid(owner, "21.42", invoice=invoice)
    reverse(payment, loss("10.00"))
    payment.refresh_from_db()
    assert payment.status == "received"
    assert open_of(invoice) == ("issued", Decimal("10.00"))
    assert build.books_balance(owner)


def test_what_had_become_credit_is_taken_from_credit(owner, invoice):
    payment = build.paid(owner, "30.00", invoice=invoice)
    reverse(payment, loss("8.58"))
    assert credit.balance(owner, "EUR") == 0
    assert open_of(invoice) == ("paid", NOTHING)
    assert build.books_balance(owner)


def test_credit_that_was_used_opens_the_invoice_it_was_used_for(owner, invoice):
    payment = build.paid(owner, "21.42")
    second = build.invoice(owner, net="10.00")
    extra = build.paid(owner, "11.90", reference="TX-2")
    assert credit.balance(owner, "EUR") == 0
    assert (extra.amount, open_of(second)[0]) == (Decimal("11.90"), "paid")
    reverse(payment, loss("21.42"))
    assert open_of(invoice) == ("issued", Decimal("21.42"))
    assert open_of(second) == ("paid", NOTHING)


def test_an_overpayment_spent_on_a_later_invoice_is_missed_there(owner):
    payment = build.paid(owner, "11.90")
    later = build.invoice(owner, net="10.00")
    credit.apply_credit(later)
    assert open_of(later) == ("paid", NOTHING)
    reverse(payment, loss("11.90"))
    assert open_of(later) == ("issued", Decimal("11.90"))
    assert credit.balance(owner, "EUR") == 0
    assert build.books_balance(owner)


def test_credit_is_never_below_zero_even_where_other_money_was_sent_back(owner, invoice):
    """The refund of the second payment was made of the credit of the first."""
    first = build.paid(owner, "100.00", reference="TX-1", invoice=invoice)
    second_invoice = build.invoice(owner, net="50.00")
    second = build.paid(owner, "59.50", reference="TX-2", invoice=second_invoice)
    refund(second, Wish(amount=Decimal("59.50"), reason="By mistake", key="k"))
    reverse(first, loss("100.00"))
    assert credit.balance(owner, "EUR") >= 0
    assert build.books_balance(owner)


def test_money_that_staff_took_off_the_account_is_not_invented(owner):
    payment = build.paid(owner, "50.00")
    credit.adjust(owner, Decimal("-50.00"), "EUR", note="Moved to another account")
    with pytest.raises(ValidationError, match="no longer on the customer's account"):
        reverse(payment, loss("50.00"))
    assert not ChargeBack.objects.exists()
    assert CreditEntry.objects.count() == 2
    assert build.books_balance(owner)


@pytest.mark.parametrize("amount", ["0", "-1.00", "21.43"])
def test_only_what_came_can_be_taken_back(owner, invoice, amount):
    payment = build.paid(owner, "21.42", invoice=invoice)
    with pytest.raises(ValidationError, match=r"At most 21.42 EUR"):
        reverse(payment, loss(amount))
    assert open_of(invoice) == ("paid", NOTHING)
    assert not ChargeBack.objects.exists()


def test_a_dispute_that_is_won_pays_the_invoice_again(owner, invoice):
    payment = build.paid(owner, "21.42", invoice=invoice)
    made = reverse(payment, loss("21.42"))
    reinstate(made)
    reinstate(made)
    payment.refresh_from_db()
    assert payment.status == "received"
    assert open_of(invoice) == ("paid", NOTHING)
    assert build.books_balance(owner)


def test_won_after_the_customer_paid_again_it_becomes_credit(owner, invoice):
    payment = build.paid(owner, "21.42", invoice=invoice)
    made = reverse(payment, loss("21.42"))
    build.paid(owner, "21.42", reference="TX-2", invoice=invoice)
    reinstate(made)
    assert credit.balance(owner, "EUR") == Decimal("21.42")
    assert build.books_balance(owner)


def test_a_written_off_invoice_is_owed_in_full_again(owner, invoice):
    from billing.documents.credit_notes import write_off

    payment = build.paid(owner, "10.00", invoice=invoice)
    write_off(invoice, reason="Insolvent")
    reverse(payment, loss("10.00"))
    invoice.refresh_from_db()
    assert (invoice.status, invoice.settled) == ("written_off", 0)
    assert build.books_balance(owner)
