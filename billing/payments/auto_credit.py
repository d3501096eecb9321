"""Account credit is used for new invoices by itself, unless the customer does not want that."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from billing.models import BillingProfile, CreditEntry, Invoice
from billing.payments.credit import apply_credit
from config.sums import ExactSum


def use_for_new(day: date) -> int:
    """For what was issued on `day`, the oldest first; how many invoices got some. Doing it again
    uses nothing again.
    """
    return sum(_use(customer, currency, day) for customer, currency in _with_credit(day))


def _with_credit(day: date) -> list[tuple[int, str]]:
    new = _new(day).filter(customer=OuterRef("customer"), currency=OuterRef("currency"))
    unwilling = BillingProfile.objects.filter(customer=OuterRef("customer"), auto_credit=False)
    rows = CreditEntry.objects.filter(Exists(new)).exclude(Exists(unwilling)).order_by()
    sums = rows.values_list("customer", "currency").annotate(sum=ExactSum("amount"))
    return [(customer, currency) for customer, currency, total in sums if total > 0]


def _new(day: date) -> QuerySet[Invoice]:
    return Invoice.objects.filter(
        issued_on=day, kind=Invoice.Kind.INVOICE, status=Invoice.Status.ISSUED
    )


def _use(customer: int, currency: str, day: date) -> int:
    invoices = _new(day).filter(customer=customer, currency=currency)
    return sum(bool(apply_credit(each)) for each in invoices.order_by("due_on", "pk"))
