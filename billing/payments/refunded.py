"""What of the money for an invoice went back to its payer, for lists and pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models import Allocation, CreditEntry, Invoice, Refund

ZERO = Decimal(0)
Sums = defaultdict[Any, Decimal]
WORDS = {True: _("Refunded"), False: _("Partly refunded")}


@dataclass(frozen=True)
class Refunded:
    """`whole`: everything that was paid for the invoice."""

    amount: Decimal
    whole: bool

    @property
    def word(self) -> str:
        return str(WORDS[self.whole])


@dataclass
class Books:
    """Sums of some payments and of all invoices that they paid, by id."""

    paid: Sums = field(default_factory=lambda: defaultdict(Decimal))  # (payment, invoice)
    received: Sums = field(default_factory=lambda: defaultdict(Decimal))  # invoice
    given_back: Sums = field(default_factory=lambda: defaultdict(Decimal))  # invoice
    refunded: Sums = field(default_factory=lambda: defaultdict(Decimal))  # invoice


def refunded(invoices: Iterable[Invoice]) -> dict[int, Refunded]:
    """By invoice id, where any was. One query when none was, three otherwise.

    A refund is of the invoice that its credit note corrects; else of those its payment had paid, up
    to what credit notes and the refund itself took back of them. An overpayment is of none.
    """
    ids = {each.pk for each in invoices}
    refunds = _refunds(ids)
    if not refunds:
        return {}
    books = _books(ids, {each.payment_id for each in refunds})
    for each in sorted(refunds, key=lambda row: row.credit_note_id is None):
        _attribute(each, books)
    return {
        pk: Refunded(amount, amount >= books.received[pk])
        for pk, amount in books.refunded.items()
        if amount and pk in ids
    }


def _refunds(ids: set[int]) -> list[Refund]:
    """Money on its way out counts."""
    paid_one = Q(payment__allocations__invoice__in=ids) | Q(credit_note__corrects__in=ids)
    rows = Refund.objects.filter(paid_one).exclude(status=Refund.Status.FAILED)
    return list(rows.select_related("credit_note").order_by("pk").distinct())


def _books(ids: set[int], payments: set[int]) -> Books:
    books = Books()
    of_these = Q(payment__in=payments) | Q(invoice__in=ids, credit_note__isnull=True)
    for row in Allocation.objects.filter(of_these).order_by("invoice_id"):
        if row.amount < 0:
            books.given_back[row.invoice_id] -= row.amount
            continue
        books.received[row.invoice_id] += row.amount
        if row.payment_id:
            books.paid[row.payment_id, row.invoice_id] += row.amount
    credited = CreditEntry.objects.filter(
        kind=CreditEntry.Kind.CREDIT_NOTE, document__corrects__in=books.received
    )
    for pk, amount in credited.values_list("document__corrects", "amount"):
        books.given_back[pk] += amount
    return books


def _attribute(refund: Refund, books: Books) -> None:
    left = refund.amount
    for pk in _candidates(refund, books):
        most = min(books.paid[refund.payment_id, pk], books.given_back[pk] - books.refunded[pk])
        part = max(min(left, most), ZERO)
        books.refunded[pk] += part
        left -= part


def _candidates(refund: Refund, books: Books) -> list[int]:
    """The newest first, as money is taken back from them."""
    if refund.credit_note and refund.credit_note.corrects_id:
        return [refund.credit_note.corrects_id]
    paid = [invoice for payment, invoice in books.paid if payment == refund.payment_id]
    return sorted(paid, reverse=True)
