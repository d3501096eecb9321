"""Money that leaves again: out of account credit, and out of what it had settled.

Credit is never below zero and no invoice is settled by money that is gone; so what credit does not
cover opens invoices again, the newest first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError

from billing.locks import lock_invoices
from billing.models import Allocation, CreditEntry, Invoice, Payment
from billing.payments import credit
from billing.settlement import reopen
from config.money import format_money
from config.sums import ExactSum

ZERO = Decimal(0)
Kind = CreditEntry.Kind


@dataclass
class Taking:
    """`left` is what is still to be found; `source` goes onto the ledger entries."""

    payment: Payment
    left: Decimal
    kind: CreditEntry.Kind
    source: dict[str, Any] = field(default_factory=dict)

    def from_credit(self, most: Decimal) -> None:
        part = min(self.left, most, credit.balance(self.payment.customer_id, self._currency))
        if part > 0:
            credit.add(
                self.payment.customer, -part, self.kind, self._currency,
                payment=self.payment, **self.source,
            )  # fmt: skip
            self.left -= part

    @property
    def _currency(self) -> str:
        return self.payment.currency


def take_back(payment: Payment, amount: Decimal, kind: CreditEntry.Kind, **source: Any) -> None:
    """Inside the caller's transaction, with the customer locked.

    ValidationError when less than `amount` is left with us, because staff took credit away.
    """
    taking = Taking(payment, amount, kind, source)
    taking.from_credit(_own_credit(payment))
    settled = _settled(payment)
    _reopen_paid(taking, settled, own=True)
    taking.from_credit(taking.left)
    _reopen_credited(taking, settled)
    _reopen_paid(taking, settled, own=False)
    if taking.left:
        short = format_money(taking.left, payment.currency)
        raise ValidationError(
            f"{short} of this money is no longer on the customer's account. Put the credit back"
            " first, or invoice the difference."
        )


def _own_credit(payment: Payment) -> Decimal:
    """What of this payment became credit."""
    entries = CreditEntry.objects.filter(payment=payment)
    total: Decimal = entries.aggregate(sum=ExactSum("amount"))["sum"]
    return max(total, ZERO)


@dataclass
class Settled:
    """How much money still settles an invoice: by payment, and by account credit."""

    invoice: Invoice
    by_payment: dict[int, Decimal]
    by_credit: Decimal


def _settled(payment: Payment) -> list[Settled]:
    """The customer's invoices that money settled, newest first, locked."""
    rows = Allocation.objects.filter(
        invoice__customer_id=payment.customer_id,
        invoice__currency=payment.currency,
        credit_note__isnull=True,
    )
    paid: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    credited: dict[int, Decimal] = defaultdict(Decimal)
    for each in rows:
        if each.payment_id is None:
            credited[each.invoice_id] += each.amount
        else:
            paid[each.invoice_id][each.payment_id] += each.amount
    invoices = lock_invoices({*paid, *credited})
    return [Settled(invoices[pk], paid[pk], credited[pk]) for pk in sorted(invoices, reverse=True)]


def _reopen_paid(taking: Taking, settled: list[Settled], *, own: bool) -> None:
    for each in settled:
        for payment_id, amount in each.by_payment.items():
            if (payment_id == taking.payment.pk) == own:
                _reopen(taking, each.invoice, amount, partial(_payment, payment_id))


def _payment(pk: int, _part: Decimal) -> Payment:
    return Payment.objects.get(pk=pk)


def _reopen_credited(taking: Taking, settled: list[Settled]) -> None:
    """The credit comes back to the ledger for a moment, and leaves it at once."""
    for each in settled:
        invoice = each.invoice

        def back(part: Decimal, invoice: Invoice = invoice) -> CreditEntry:
            return credit.entry(
                invoice.customer, part, Kind.RETURNED, invoice.currency, document=invoice
            )

        part = _reopen(taking, invoice, each.by_credit, back)
        taking.left += part
        taking.from_credit(part)


def _reopen(
    taking: Taking,
    invoice: Invoice,
    most: Decimal,
    source: Callable[[Decimal], Payment | CreditEntry],
) -> Decimal:
    part = min(taking.left, most)
    if part <= 0:
        return ZERO
    reopen(invoice, part, source(part))
    taking.left -= part
    return part
