"""Account credit that is used for new invoices by itself."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from billing.models import BillingProfile, Invoice
from billing.payments import credit
from billing.payments.auto_credit import use_for_new
from billing.tasks import use_account_credit
from config import clock
from tests.payments import build


def give(owner, amount: str = "5.00", currency: str = "EUR") -> None:
    credit.adjust(owner, Decimal(amount), currency, note="Goodwill")


def test_part_of_a_new_invoice_is_paid_from_credit(owner, invoice):
    give(owner)
    assert use_for_new(clock.today()) == 1
    invoice.refresh_from_db()
    assert invoice.open_amount == Decimal("16.42")
    assert credit.balance(owner, "EUR") == 0
    assert build.books_balance(owner)


def test_again_it_uses_nothing_again(owner, invoice):
    give(owner, "30.00")
    use_for_new(clock.today())
    assert use_for_new(clock.today()) == 0
    assert credit.balance(owner, "EUR") == Decimal("8.58")


def test_the_oldest_of_them_comes_first(owner):
    late = build.invoice(owner, due_on=clock.today() + timedelta(days=30))
    soon = build.invoice(owner)
    give(owner, "21.42")
    use_for_new(clock.today())
    assert Invoice.objects.get(status="paid") == soon
    assert Invoice.objects.get(pk=late.pk).settled == 0


def test_credit_in_another_currency_is_left_alone(owner, invoice):
    give(owner, currency="USD")
    assert use_for_new(clock.today()) == 0
    assert credit.balance(owner, "USD") == 5


def test_a_customer_who_does_not_want_that_is_asked_on_the_invoice(owner, invoice):
    BillingProfile.objects.create(customer=owner, auto_credit=False)
    give(owner)
    assert use_for_new(clock.today()) == 0
    assert credit.balance(owner, "EUR") == 5


def test_old_invoices_are_the_customer_s_own_business(owner):
    build.invoice(owner, issued_on=clock.today() - timedelta(days=9))
    give(owner)
    use_account_credit()
    assert credit.balance(owner, "EUR") == 5


def test_what_was_issued_just_before_midnight_is_not_forgotten(owner):
    build.invoice(owner, issued_on=clock.today() - timedelta(days=1))
    give(owner)
    use_account_credit()
    assert credit.balance(owner, "EUR") == 0
