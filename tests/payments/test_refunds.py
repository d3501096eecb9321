"""Money sent back: out of account credit, once, and whole again when the gateway refuses."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from billing.documents.credit_notes import credit as credit_lines
from billing.documents.credit_notes import credit_rest
from billing.gateways.registry import open_gateway
from billing.models import CreditEntry, Payment, Refund
from billing.payments import collect, credit, refunds, sweep
from billing.payments.refunds import Wish, refund, refundable
from config import clock
from tests.payments import build

pytestmark = pytest.mark.usefixtures("seller")
REFUNDS = "/v1/refunds"


def wish(amount: str, *, key: str = "form-1", reason: str = "Wrongly billed", **values) -> Wish:
    return Wish(amount=Decimal(amount), reason=reason, key=key, **values)


def asked(stripe) -> int:
    return len([each for each in stripe.journal if (each.method, each.path) == ("POST", REFUNDS)])


@pytest.fixture
def payment(stripe, owner, invoice) -> Payment:
    """21.42 by card, for the invoice."""
    build.card(owner, stripe)
    collect.charge(invoice)
    return Payment.objects.get()


@pytest.fixture
def note(payment, invoice):
    """One tranche wrongly billed: 6.00 and 1.14 of tax."""
    return credit_lines(invoice, {invoice.lines.get().pk: Decimal("6.00")}, reason="One too many")


def test_one_tranche_too_many_is_credited_and_sent_back(stripe, owner, payment, note):
    assert (note.net, note.tax, note.total) == (Decimal("6.00"), Decimal("1.14"), Decimal("7.14"))
    done = refund(payment, wish("7.14", credit_note=note))
    assert (done.status, done.amount, done.credit_note) == ("done", Decimal("7.14"), note)
    assert next(stripe.state.all("re"))["amount"] == 714
    assert credit.balance(owner, "EUR") == 0
    assert build.books_balance(owner)


def test_or_it_stays_as_balance(owner, payment, note):
    assert credit.balance(owner, "EUR") == Decimal("7.14")
    assert refundable(payment) == Decimal("7.14")


def test_not_more_is_sent_back_than_is_credit(stripe, owner, payment, note):
    with pytest.raises(ValidationError, match=r"At most 7.14 EUR"):
        refund(payment, wish("7.15"))
    assert not Refund.objects.exists()
    assert asked(stripe) == 0
    assert credit.balance(owner, "EUR") == Decimal("7.14")


def test_a_paid_invoice_is_credited_before_its_money_goes_back(stripe, payment):
    with pytest.raises(ValidationError, match="write a credit note first"):
        refund(payment, wish("21.42"))
    assert asked(stripe) == 0


def test_not_more_is_sent_back_than_came(stripe, owner, payment, note):
    credit.adjust(owner, Decimal("100"), "EUR", note="Goodwill")
    with pytest.raises(ValidationError, match=r"At most 21.42 EUR"):
        refund(payment, wish("21.43"))
    assert asked(stripe) == 0


def test_the_same_wish_twice_sends_the_money_once(stripe, owner, payment, note):
    first, second = refund(payment, wish("3.00")), refund(payment, wish("3.00"))
    assert first == second
    assert asked(stripe) == 1
    assert credit.balance(owner, "EUR") == Decimal("4.14")


def test_two_wishes_send_it_twice_as_long_as_there_is_credit(stripe, owner, payment, note):
    refund(payment, wish("5.00", key="a"))
    with pytest.raises(ValidationError, match=r"At most 2.14 EUR"):
        refund(payment, wish("5.00", key="b"))
    assert asked(stripe) == 1
    assert build.books_balance(owner)


def test_a_refund_says_why(stripe, payment, note):
    with pytest.raises(ValidationError, match="Say why"):
        refund(payment, wish("1.00", reason=" "))
    assert asked(stripe) == 0
    assert not Refund.objects.exists()


def test_what_the_gateway_refuses_is_credit_again(stripe, owner, payment, note):
    stripe.state.get("ch", next(stripe.state.all("ch"))["id"])["paid"] = False
    done = refund(payment, wish("7.14"))
    assert done.status == "failed"
    assert "is not paid" in done.error
    assert credit.balance(owner, "EUR") == Decimal("7.14")
    assert build.books_balance(owner)


@pytest.mark.parametrize("fault", ["apply-then-close", "close", "apply-then-500"])
def test_a_lost_answer_is_looked_up_and_the_money_goes_once(stripe, owner, payment, note, fault):
    stripe.fault(fault, REFUNDS, method="POST")
    lost = refund(payment, wish("7.14"))
    assert lost.status == "started"
    assert credit.balance(owner, "EUR") == 0  # nobody can spend it meanwhile
    assert build.books_balance(owner)
    Refund.objects.update(created_at=clock.now() - timedelta(minutes=3))
    sweep.sweep()
    lost.refresh_from_db()
    assert lost.status == "done"
    assert len(list(stripe.state.all("re"))) == 1


def test_a_refund_that_fails_days_later_is_credit_again(stripe, owner, payment, note):
    done = refund(payment, wish("7.14"))
    stripe.actions()["fail_refund"](refund_id=done.external_id)
    refunds.take("stripe", open_gateway("stripe").read_refund(done.external_id))
    done.refresh_from_db()
    assert (done.status, done.error) == ("failed", "lost or stolen card")
    assert credit.balance(owner, "EUR") == Decimal("7.14")
    assert build.books_balance(owner)


def test_money_that_came_by_bank_is_sent_back_by_hand(owner, invoice):
    payment = build.paid(owner, "30.00", invoice=invoice)
    done = refund(payment, wish("8.58"))
    assert (done.status, done.external_id) == ("done", "")
    assert credit.balance(owner, "EUR") == 0
    assert build.books_balance(owner)


def test_a_refund_made_at_the_gateway_opens_what_its_money_had_paid(
    stripe, owner, payment, invoice
):
    made = stripe.actions()["refund"](intent=payment.external_id, amount=1000)
    gateway = open_gateway("stripe")
    for _again in range(2):
        refunds.take("stripe", gateway.read_refund(made["id"]))
    invoice.refresh_from_db()
    assert (invoice.status, invoice.open_amount) == ("issued", Decimal("10.00"))
    assert Refund.objects.count() == 1
    assert build.books_balance(owner)


def test_a_refund_made_at_the_gateway_takes_the_credit_first(stripe, owner, payment, invoice):
    credit_rest(invoice, reason="Not used")
    made = stripe.actions()["refund"](intent=payment.external_id, amount=2142)
    refunds.take("stripe", open_gateway("stripe").read_refund(made["id"]))
    invoice.refresh_from_db()
    assert build.books_balance(owner)
    assert credit.balance(owner, "EUR") + 0 >= 0
    assert refundable(payment) == 0


def test_the_ledger_is_only_added_to(stripe, owner, payment, note):
    before = list(CreditEntry.objects.values_list("pk", "amount"))
    refund(payment, wish("7.14"))
    assert list(CreditEntry.objects.values_list("pk", "amount"))[1:] == before
