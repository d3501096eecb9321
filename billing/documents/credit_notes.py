"""Corrections of issued invoices: credit notes against named lines, voiding, and bill-it-again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from billing.documents import numbering
from billing.documents.drafts import total_up
from billing.documents.sellers import seller
from billing.locks import lock_customer, lock_invoices
from billing.models import Claim, CreditEntry, Invoice, InvoiceLine, InvoiceTax
from billing.payments import credit as account_credit
from billing.settlement import settle
from billing.taxation.tax import Tax, TaxSum, tax_of, tax_sums, totals
from config import clock
from config.money import format_money, quantize
from config.sums import ExactSum

ZERO = Decimal(0)
CREDITABLE = (Invoice.Status.ISSUED, Invoice.Status.PAID, Invoice.Status.WRITTEN_OFF)


def remaining(invoice: Invoice) -> dict[int, Decimal]:
    """By line id, the net amount that no credit note has given back yet."""
    credited = dict(
        InvoiceLine.objects.filter(credits__invoice=invoice)
        .values_list("credits")
        .annotate(sum=ExactSum("amount"))
    )
    return {line.pk: line.amount - credited.get(line.pk, ZERO) for line in invoice.lines.all()}


def credit(
    invoice: Invoice, amounts: Mapping[int, Decimal], *, reason: str, by: User | None = None
) -> Invoice:
    """A credit note over net `amounts` by line id. It settles what is open; the rest becomes
    credit.

    ValidationError: reason, or line_<id> when more is credited than is left of a line.
    """
    with transaction.atomic():
        row = _locked(invoice)
        if not reason.strip():
            raise ValidationError({"reason": "Say why, for the document."})
        note = _issue(row, _checked(row, amounts), reason.strip())
        part = min(note.total, row.open_amount)
        if part > 0:
            settle(row, part, note)
        account_credit.add(
            row.customer,
            note.total - part,
            CreditEntry.Kind.CREDIT_NOTE,
            row.currency,
            document=note,
            created_by=by,
        )
    return note


def credit_rest(invoice: Invoice, *, reason: str, by: User | None = None) -> Invoice:
    """A credit note over everything that is left of an invoice."""
    return credit(invoice, remaining(invoice), reason=reason, by=by)


def credit_if_any(invoice: Invoice, *, reason: str, by: User | None = None) -> None:
    """`credit_rest`, of an invoice that may be a draft or credited already."""
    if invoice.status in CREDITABLE and sum(remaining(invoice).values(), ZERO) > 0:
        credit_rest(invoice, reason=reason, by=by)


def void(invoice: Invoice, *, reason: str, by: User | None = None) -> Invoice:
    """Undo an unpaid invoice by a full credit note, which is returned. Its number stays used."""
    with transaction.atomic():
        row = _locked(invoice)
        if row.settled:
            raise ValidationError("Part of this invoice is settled already; credit the rest.")
        return credit_rest(row, reason=reason, by=by)


def correct(invoice: Invoice, *, reason: str, by: User | None = None) -> Invoice:
    """Credit what is left and open a draft with the same lines and claims, to be put right."""
    with transaction.atomic():
        row = _locked(invoice)
        left = remaining(row)
        credit(row, left, reason=reason, by=by)
        draft = _copy(row, left)
        Claim.objects.filter(invoice=row).update(invoice=draft)
        audit.record("invoice.corrected", row, after={"draft": draft.pk})
    return draft


def write_off(invoice: Invoice, *, reason: str, by: User | None = None) -> None:
    """A bad debt: the invoice stays, nobody is reminded any more."""
    with transaction.atomic():
        row = _locked(invoice)
        if row.status != Invoice.Status.ISSUED:
            raise ValidationError("Only open invoices are written off.")
        row.status = Invoice.Status.WRITTEN_OFF
        row.save(update_fields=["status"])
        audit.record("invoice.written_off", row, after={"reason": reason})


def _locked(invoice: Invoice) -> Invoice:
    lock_customer(invoice.customer_id)
    row = lock_invoices([invoice.pk])[invoice.pk]
    if row.kind != Invoice.Kind.INVOICE or row.status not in CREDITABLE:
        raise ValidationError("Only issued invoices can be credited.")
    return row


def _checked(invoice: Invoice, amounts: Mapping[int, Decimal]) -> dict[InvoiceLine, Decimal]:
    left = remaining(invoice)
    lines = {line.pk: line for line in invoice.lines.all()}
    errors: dict[str, str] = {}
    wanted: dict[InvoiceLine, Decimal] = {}
    for pk, amount in amounts.items():
        exact = quantize(amount, invoice.currency)
        if pk not in left or not _within(exact, left[pk]):
            most = format_money(left.get(pk, ZERO), invoice.currency)
            errors[f"line_{pk}"] = f"At most {most} is left of this line."
        elif exact:
            wanted[lines[pk]] = exact
    if errors:
        raise ValidationError(errors)
    if sum(wanted.values(), ZERO) <= 0:
        raise ValidationError("There is nothing to credit.")
    return wanted


def _within(amount: Decimal, left: Decimal) -> bool:
    """Between nothing and what is left; discount lines are negative."""
    return min(ZERO, left) <= amount <= max(ZERO, left)


def _issue(invoice: Invoice, wanted: Mapping[InvoiceLine, Decimal], reason: str) -> Invoice:
    today = clock.today()
    sums = _taxes(invoice, wanted)
    net = _net(invoice, wanted)
    tax = sum((each.amount for each in sums), ZERO)
    number = numbering.take(seller(), on=today, count=1, kind=Invoice.Kind.CREDIT_NOTE)[0]
    note = Invoice.objects.create(
        customer=invoice.customer,
        kind=Invoice.Kind.CREDIT_NOTE,
        corrects=invoice,
        status=Invoice.Status.PAID,
        number=number,
        currency=invoice.currency,
        issued_on=today,
        due_on=today,
        paid_on=today,
        seller=invoice.seller,
        buyer=invoice.buyer,
        net=net,
        tax=tax,
        total=net + tax,
        settled=net + tax,
        prices_include_tax=invoice.prices_include_tax,
        tax_evidence=invoice.tax_evidence,
        notices=[reason],
    )
    InvoiceLine.objects.bulk_create(_lines(note, wanted))
    InvoiceTax.objects.bulk_create(
        InvoiceTax(
            invoice=note, name=each.tax.name, rate=each.tax.rate, net=each.net, tax=each.amount
        )
        for each in sums
    )
    audit.record("credit_note.issued", note, after=audit.facts(note) | {"reason": reason})
    return note


def _lines(note: Invoice, wanted: Mapping[InvoiceLine, Decimal]) -> Iterable[InvoiceLine]:
    for position, (line, amount) in enumerate(wanted.items(), start=1):
        whole = amount == line.amount
        yield InvoiceLine(
            invoice=note,
            position=position,
            service_id=line.service_id,
            kind=line.kind,
            key=line.key,
            credits=line,
            description=line.description,
            quantity=line.quantity if whole else Decimal(1),
            unit_price=line.unit_price if whole else amount,
            amount=amount,
            **tax_of(line).as_columns(),
            period_start=line.period_start,
            period_end=line.period_end,
            evidence={"rule": "credit", "of": str(note.corrects), "line": line.description},
        )


def _net(invoice: Invoice, wanted: Mapping[InvoiceLine, Decimal]) -> Decimal:
    """What clears the last of an invoice takes all the net amount that is left of it."""
    given = {line.pk: amount for line, amount in wanted.items()}
    if given == {pk: amount for pk, amount in remaining(invoice).items() if amount}:
        before = invoice.corrections.filter(kind=Invoice.Kind.CREDIT_NOTE)
        return invoice.net - sum(before.values_list("net", flat=True), ZERO)
    taxed = ((tax_of(line), amount) for line, amount in wanted.items())
    return totals(taxed, invoice.currency, inclusive=invoice.prices_include_tax).net


def _taxes(invoice: Invoice, wanted: Mapping[InvoiceLine, Decimal]) -> list[TaxSum]:
    """Per rate; what clears the last of a rate takes all the tax that is left of it, to the
    cent.
    """
    left = remaining(invoice)
    gross = invoice.prices_include_tax
    wanted_sums = tax_sums(
        ((tax_of(line), amount) for line, amount in wanted.items()),
        invoice.currency,
        inclusive=gross,
    )
    lines = ((tax_of(line), left[line.pk]) for line in invoice.lines.all())
    net_left = {each.tax: each.net for each in tax_sums(lines, invoice.currency, inclusive=gross)}
    tax_left_of = tax_left(invoice)
    return [
        TaxSum(each.tax, each.net, _tax_of(each, net_left[each.tax], tax_left_of[each.tax]))
        for each in wanted_sums
    ]


def _tax_of(wanted: TaxSum, net_left: Decimal, left: Decimal) -> Decimal:
    return left if wanted.net == net_left else min(wanted.amount, left)


def tax_left(invoice: Invoice) -> dict[Tax, Decimal]:
    """By rate, the tax that no credit note has given back yet."""
    left = {Tax(row.name, row.rate): row.tax for row in invoice.taxes.all()}
    for row in InvoiceTax.objects.filter(
        invoice__corrects=invoice, invoice__kind=Invoice.Kind.CREDIT_NOTE
    ):
        left[Tax(row.name, row.rate)] -= row.tax
    return left


def _copy(invoice: Invoice, left: Mapping[int, Decimal]) -> Invoice:
    """A draft with the lines of which something was left, at full amounts."""
    draft = Invoice.objects.create(
        customer=invoice.customer,
        corrects=invoice,
        currency=invoice.currency,
        due_on=invoice.due_on,
        prices_include_tax=invoice.prices_include_tax,
        tax_evidence=invoice.tax_evidence,
        hold_reason=f"Corrects {invoice}: put it right, then issue it.",
    )
    lines = [line for line in invoice.lines.all() if left[line.pk]]
    for position, line in enumerate(lines, start=1):
        line.pk, line.invoice, line.position = None, draft, position
    InvoiceLine.objects.bulk_create(lines)
    retotal(draft)
    return draft


def retotal(draft: Invoice) -> None:
    """Totals and tax rows of a draft from its lines, after staff changed them."""
    lines = list(draft.lines.all())
    draft.taxes.all().delete()
    InvoiceTax.objects.bulk_create(total_up(draft, lines))
    draft.save(update_fields=["net", "tax", "total"])
