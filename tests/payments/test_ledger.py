"""Whatever happens in whatever order: the books sum, credit is not negative."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from billing.documents.credit_notes import correct, credit_rest, remaining, void, write_off
from billing.documents.credit_notes import credit as credit_lines
from billing.documents.statement import owed, statement
from billing.models import Allocation, ChargeBack, CreditEntry, Invoice, Payment, Refund
from billing.payments import credit
from billing.payments.chargebacks import Loss, reinstate, reverse
from billing.payments.refunds import Wish, refund
from config.sums import ExactSum
from tests.payments import build

CENT = Decimal("0.01")
amounts = st.integers(min_value=1, max_value=6000).map(lambda cents: cents * CENT)
picks = st.integers(min_value=0, max_value=99)
_keys = count()


def pick(rows: Any, number: int) -> Any:
    found = list(rows.order_by("pk"))
    return found[number % len(found)] if found else None


class Books(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.owner = build.customer()

    @property
    def invoices(self) -> Any:
        return Invoice.objects.filter(customer=self.owner, kind="invoice").exclude(status="draft")

    @property
    def payments(self) -> Any:
        return Payment.objects.filter(customer=self.owner)

    def state(self) -> list[Any]:
        mine = {"customer": self.owner}
        return [
            list(Invoice.objects.filter(**mine).order_by("pk").values_list()),
            list(CreditEntry.objects.filter(**mine).order_by("pk").values_list("pk", "amount")),
            Allocation.objects.filter(invoice__customer=self.owner).count(),
            Refund.objects.filter(payment__customer=self.owner).count(),
            ChargeBack.objects.filter(payment__customer=self.owner).count(),
        ]

    def attempt(self, act: Callable[[], object]) -> None:
        """What is refused changes nothing."""
        before = self.state()
        try:
            act()
        except ValidationError:
            assert self.state() == before

    @rule(net=amounts)
    def bill(self, net: Decimal) -> None:
        build.invoice(self.owner, net=str(net))

    @rule(amount=amounts, number=picks, named=st.booleans())
    def receive(self, amount: Decimal, number: int, named: bool) -> None:
        invoice = pick(self.invoices, number) if named else None
        build.paid(self.owner, str(amount), reference=f"TX-{next(_keys)}", invoice=invoice)

    @rule(number=picks, amount=st.none() | amounts)
    def apply_credit(self, number: int, amount: Decimal | None) -> None:
        if invoice := pick(self.invoices, number):
            self.attempt(lambda: credit.apply_credit(invoice, amount))

    @rule(number=picks, amount=amounts)
    def credit_a_part(self, number: int, amount: Decimal) -> None:
        if invoice := pick(self.invoices, number):
            line = invoice.lines.get()
            part = min(amount, remaining(invoice)[line.pk])
            self.attempt(lambda: credit_lines(invoice, {line.pk: part}, reason="Too much"))

    @rule(number=picks, how=st.sampled_from([void, credit_rest, correct, write_off]))
    def undo(self, number: int, how: Any) -> None:
        if invoice := pick(self.invoices, number):
            self.attempt(lambda: how(invoice, reason="Wrong"))

    @rule(number=picks, amount=amounts)
    def send_back(self, number: int, amount: Decimal) -> None:
        if payment := pick(self.payments, number):
            wish = Wish(amount=amount, reason="Asked for", key=f"refund-{next(_keys)}")
            self.attempt(lambda: refund(payment, wish))

    @rule(number=picks, amount=amounts)
    def charge_back(self, number: int, amount: Decimal) -> None:
        if payment := pick(self.payments, number):
            part = Loss(amount=min(amount, payment.amount), external_id=f"dp-{next(_keys)}")
            self.attempt(lambda: reverse(payment, part))

    @rule(number=picks)
    def win_a_dispute(self, number: int) -> None:
        if made := pick(ChargeBack.objects.filter(payment__customer=self.owner), number):
            reinstate(made)

    @rule(amount=amounts, sign=st.sampled_from([1, -1]))
    def adjust(self, amount: Decimal, sign: int) -> None:
        self.attempt(lambda: credit.adjust(self.owner, amount * sign, "EUR", note="By staff"))

    @invariant()
    def the_statement_says_what_is_owed(self) -> None:
        rows = statement(self.owner, "EUR")
        assert (rows[-1].balance if rows else 0) == owed(self.owner, "EUR")

    @invariant()
    def credit_is_never_below_zero(self) -> None:
        assert credit.balance(self.owner, "EUR") >= 0

    @invariant()
    def an_invoice_is_settled_by_its_allocations_within_its_total(self) -> None:
        for invoice in self.invoices:
            found = invoice.allocations.aggregate(sum=ExactSum("amount"))["sum"]
            assert found == invoice.settled
            assert 0 <= invoice.settled <= invoice.total
            assert (invoice.status == "paid") <= (invoice.settled == invoice.total)

    @invariant()
    def no_payment_gives_more_than_came(self) -> None:
        for payment in self.payments:
            used = payment.allocations.aggregate(sum=ExactSum("amount"))["sum"]
            assert 0 <= used <= payment.amount


@pytest.mark.usefixtures("seller")
def test_the_books_balance_after_anything(django_user_model: Any) -> None:
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
