"""Tax that was charged only because a VAT number could not be checked is given back."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Customer
from billing.documents import numbering
from billing.documents.credit_notes import tax_left
from billing.documents.sellers import seller
from billing.locks import lock_customer, lock_invoices
from billing.models import (
    CreditEntry,
    Invoice,
    InvoiceLine,
    InvoiceTax,
    TaxRecheck,
    VatCheck,
)
from billing.payments import credit as account_credit
from billing.settlement import settle
from billing.taxation.rules import REASONS, Rule
from config import clock
from config.language import speaking

ZERO = Decimal(0)
CREDITABLE = (Invoice.Status.ISSUED, Invoice.Status.PAID)


def give_back(customer: Customer, proof: VatCheck) -> list[Invoice]:
    """A credit note over the tax of each invoice that waited for this number, each once."""
    waiting = Invoice.objects.filter(
        customer=customer,
        kind=Invoice.Kind.INVOICE,
        status__in=CREDITABLE,
        tax_evidence__recheck=proof.number,
        tax_recheck__isnull=True,
    )
    notes = (_credit(pk, proof) for pk in waiting.order_by("pk").values_list("pk", flat=True))
    return [note for note in notes if note]


@transaction.atomic
def _credit(invoice_id: int, proof: VatCheck) -> Invoice | None:
    lock_customer(proof.customer_id)
    invoice = lock_invoices([invoice_id])[invoice_id]
    if invoice.status not in CREDITABLE or TaxRecheck.objects.filter(invoice=invoice).exists():
        return None
    left = {tax: amount for tax, amount in tax_left(invoice).items() if amount > 0}
    TaxRecheck.objects.create(
        invoice=invoice,
        number=proof.number,
        outcome=TaxRecheck.Outcome.CREDITED if left else TaxRecheck.Outcome.STANDS,
        done_at=clock.now(),
    )
    if not left:
        return None
    with speaking(invoice.customer.language):
        note = _note(invoice, sum(left.values(), ZERO), proof)
    for row in invoice.taxes.all():
        amount = next(
            (left[tax] for tax in left if (tax.name, tax.rate) == (row.name, row.rate)), 0
        )
        if amount:
            InvoiceTax.objects.create(
                invoice=note, name=row.name, rate=row.rate, net=row.net, tax=amount
            )
    _use(note, invoice)
    return note


def _note(invoice: Invoice, amount: Decimal, proof: VatCheck) -> Invoice:
    today = clock.today()
    evidence = {
        **invoice.tax_evidence,
        "rule": Rule.REVERSE_CHARGE,
        "reason": _(REASONS[Rule.REVERSE_CHARGE]),
        "consultation": proof.consultation,
        "answered_at": proof.at.isoformat(),
    }
    evidence.pop("recheck", None)
    reason = _(
        "The VAT number %(number)s was proven valid: the tax of %(invoice)s is given back."
    ) % {"number": proof.number, "invoice": invoice}
    note = Invoice.objects.create(
        customer=invoice.customer,
        kind=Invoice.Kind.CREDIT_NOTE,
        corrects=invoice,
        status=Invoice.Status.PAID,
        number=numbering.take(seller(), on=today, count=1, kind=Invoice.Kind.CREDIT_NOTE)[0],
        currency=invoice.currency,
        issued_on=today,
        due_on=today,
        paid_on=today,
        seller=invoice.seller,
        buyer=invoice.buyer,
        tax=amount,
        total=amount,
        settled=amount,
        notices=[reason],
        tax_evidence=evidence,
    )
    InvoiceLine.objects.create(
        invoice=note,
        position=1,
        kind="tax",
        description=reason,
        quantity=Decimal(1),
        unit_price=ZERO,
        amount=ZERO,
    )
    audit.record("credit_note.issued", note, after=audit.facts(note) | {"reason": reason})
    return note


def _use(note: Invoice, invoice: Invoice) -> None:
    """It settles what is open of the invoice; the rest becomes account credit."""
    part = min(note.total, invoice.open_amount)
    if part > 0:
        settle(invoice, part, note)
    account_credit.add(
        note.customer,
        note.total - part,
        CreditEntry.Kind.CREDIT_NOTE,
        note.currency,
        document=note,
    )
