"""From charged services to stored invoices, many at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from billing.charges import adjustments
from billing.charges.charging import Charged
from billing.charges.spreading import is_discounted, together
from billing.documents import numbering
from billing.documents.sellers import buyer_copy, seller_copy
from billing.models import BillingRun, Claim, Invoice, InvoiceLine, InvoiceTax, Seller, TaxRate
from billing.nightly.due import document_of, profile_of
from billing.rating import LineKind, RatedLine
from billing.taxation.tax import Tax, Taxing, TaxSum, tax_of, tax_point, totals
from config import bulk
from provisioning.models import Service

GroupKey = tuple[int, str, str, str]  # customer, currency, hold, document


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What all documents of one run share."""

    seller: Seller
    rates: Sequence[TaxRate]
    issued_on: date
    run: BillingRun | None = None


@dataclass(kw_only=True)
class Draft:
    """An invoice with its parts, not stored yet."""

    invoice: Invoice
    lines: list[InvoiceLine] = field(default_factory=list)
    taxes: list[InvoiceTax] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)


def group(charged: Iterable[Charged], *, on: date) -> dict[GroupKey, list[Charged]]:
    """One invoice per customer, currency and what the customer has chosen; what is held stands on
    drafts of its own. What was due before `on` is due now.

    What costs nothing makes no invoice: its due date passes without a document.
    """
    groups: dict[GroupKey, list[Charged]] = defaultdict(list)
    for each in charged:
        if each.total or each.hold or is_discounted(each):
            held = str(each.service.pk) if each.hold else ""
            profile = profile_of(each.service.customer)
            which = document_of(profile, service=each.service.pk, due=max(each.bill.due, on))
            groups[each.service.customer_id, each.service.currency, held, which].append(each)
    spread = ((key, together(parts)) for key, parts in groups.items())
    owed = ((key, [part for part in parts if part.total or part.hold]) for key, parts in spread)
    return {key: parts for key, parts in owed if parts}


def draft(parts: Sequence[Charged], terms: Terms) -> Draft:
    """Numbered later: see `store`."""
    first = parts[0].service
    due = max(part.bill.due for part in parts)
    invoice = Invoice(
        customer=first.customer,
        currency=first.currency,
        due_on=max(due, terms.issued_on + timedelta(days=terms.seller.payment_days)),
        hold_reason=" ".join(part.hold for part in parts if part.hold),
        notices=[notice for part in parts for notice in part.notices],
        run=terms.run,
    )
    found = Draft(invoice=invoice)
    fill(found, parts, terms)
    return found


def fill(found: Draft, parts: Sequence[Charged], terms: Terms) -> None:
    """Lines, tax and totals of a draft."""
    invoice = found.invoice
    taxing = Taxing(invoice.customer, terms.seller, terms.rates)
    for part in parts:
        for line in part.lines:
            on = tax_point(line.period, terms.issued_on)
            tax = taxing.of_product(part.service.product, on=on)
            found.lines.append(_line(found, part.service, line, tax))
        found.claims.extend(_claims(invoice, part))
    invoice.prices_include_tax = terms.seller.prices_include_tax
    invoice.tax_evidence = taxing.evidence()
    found.taxes.extend(total_up(invoice, found.lines))


def total_up(invoice: Invoice, lines: Iterable[InvoiceLine]) -> list[InvoiceTax]:
    """Totals of an invoice from its lines, and its tax rows, which are not stored yet."""
    sums = totals(
        ((tax_of(line), line.amount) for line in lines),
        invoice.currency,
        inclusive=invoice.prices_include_tax,
    )
    invoice.net, invoice.tax, invoice.total = sums.net, sums.tax, sums.total
    return [_tax_row(invoice, each) for each in sums.sums]


def _tax_row(invoice: Invoice, each: TaxSum) -> InvoiceTax:
    return InvoiceTax(
        invoice=invoice, name=each.tax.name, rate=each.tax.rate, net=each.net, tax=each.amount
    )


def _line(found: Draft, service: Service, line: RatedLine, tax: Tax) -> InvoiceLine:
    return InvoiceLine(
        invoice=found.invoice,
        position=len(found.lines) + 1,
        service=service,
        kind=line.kind,
        key=line.key,
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.amount,
        **tax.as_columns(),
        period_start=line.period.start,
        period_end=line.period.end,
        evidence=line.evidence,
    )


def _claims(invoice: Invoice, part: Charged) -> Iterable[Claim]:
    spans = {"base": part.bill.base, "usage": part.bill.used if part.metered else None}
    if any(line.kind is LineKind.SETUP for line in part.lines):
        spans["setup"] = part.bill.base or part.bill.setup
    for kind, span in (*spans.items(), ("base", part.bill.also)):
        if span:
            yield Claim(
                service=part.service,
                kind=kind,
                period_start=span.start,
                period_end=span.end,
                invoice=invoice,
            )


def mark_issued(invoices: Sequence[Invoice], terms: Terms) -> None:
    """Numbers, dates and the copies of both parties: from here on nothing may change."""
    numbers = numbering.take(terms.seller, on=terms.issued_on, count=len(invoices))
    party = seller_copy(terms.seller)
    for invoice, number in zip(invoices, numbers, strict=True):
        invoice.number = number
        invoice.status = Invoice.Status.ISSUED
        invoice.issued_on = terms.issued_on
        invoice.seller = party
        invoice.buyer = buyer_copy(invoice.customer)


def store(drafts: Sequence[Draft], terms: Terms) -> None:
    """Inside the caller's transaction. IntegrityError when a period is billed already."""
    ready = [each.invoice for each in drafts if not each.invoice.hold_reason]
    if ready:
        mark_issued(ready, terms)
    bulk.insert(Invoice, [each.invoice for each in drafts])
    bulk.insert(Claim, [claim for each in drafts for claim in each.claims])
    bulk.insert(InvoiceLine, [line for each in drafts for line in each.lines])
    bulk.insert(InvoiceTax, [tax for each in drafts for tax in each.taxes])
    adjustments.take(line for each in drafts for line in each.lines)
