"""The one place where an invoice is settled, by a payment, account credit or a credit note."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from accounts import audit
from billing import consequences
from billing.models import Allocation, CreditEntry, Invoice, Payment
from config import clock

Source = Payment | CreditEntry | Invoice
ZERO = Decimal(0)

_COLUMNS: dict[type[Source], str] = {
    Payment: "payment",
    CreditEntry: "credit",
    Invoice: "credit_note",
}


def settle(invoice: Invoice, amount: Decimal, source: Source) -> Allocation:
    """Settle part of an invoice that the caller has locked; ValueError beyond what is open."""
    if not ZERO < amount <= invoice.open_amount:
        raise ValueError(f"{amount} is not within the open {invoice.open_amount} of {invoice}")
    allocation = Allocation.objects.create(
        invoice=invoice, amount=amount, **{_COLUMNS[type(source)]: source}
    )
    invoice.settled += amount
    if invoice.settled == invoice.total:
        _close(invoice, paid=not isinstance(source, Invoice))
    invoice.save(update_fields=["settled", "status", "paid_on"])
    if invoice.status != Invoice.Status.ISSUED:
        consequences.invoice_closed(invoice)
    return allocation


def settle_oldest(invoices: Iterable[Invoice], amount: Decimal, source: Source) -> Decimal:
    """Spread an amount over locked invoices in their order; what is left over is returned."""
    for invoice in invoices:
        part = min(amount, invoice.open_amount)
        if part > 0:
            settle(invoice, part, source)
            amount -= part
    return amount


def reopen(invoice: Invoice, amount: Decimal, source: Payment | CreditEntry) -> None:
    """Take back what money settled, when the money is gone. The caller has locked the invoice."""
    Allocation.objects.create(invoice=invoice, amount=-amount, **{_COLUMNS[type(source)]: source})
    invoice.settled -= amount
    if invoice.status == Invoice.Status.PAID:
        audit.record("invoice.reopened", invoice, after={"open": str(amount)})
        invoice.status, invoice.paid_on = Invoice.Status.ISSUED, None
    invoice.save(update_fields=["settled", "status", "paid_on"])


def _close(invoice: Invoice, *, paid: bool) -> None:
    """Settled by credit notes alone an invoice is void; any money in it makes it paid."""
    money = paid or invoice.allocations.filter(credit_note__isnull=True, amount__gt=0).exists()
    invoice.status = Invoice.Status.PAID if money else Invoice.Status.VOID
    invoice.paid_on = clock.today() if money else None
    audit.record(f"invoice.{invoice.status}", invoice)
