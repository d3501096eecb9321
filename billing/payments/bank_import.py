"""Finding out what the lines of a bank are for, and booking them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from django.core.exceptions import ValidationError

from accounts.models import Customer, User
from billing.models import Invoice, Payment
from billing.payments.bank_lines import BankLine
from billing.payments.record import Receipt, receive
from config import clock
from config.money import format_money

GATEWAY = "bank"
SHORTEST_NUMBER = 4  # a shorter one could be anything in a text
MOST_WORDS = 4  # a number may have been taken apart by so many spaces or dashes
PAST = timedelta(days=400)
NEAR = timedelta(days=3)


class Fit(StrEnum):
    EXACT = "exact"  # it names the invoice and pays what is open on it
    NAMED = "named"  # it names the invoice, with another amount
    AMOUNT = "amount"  # one open invoice is of this amount
    NONE = "none"
    BOOKED = "booked"  # this line was imported before
    TWIN = "twin"  # somebody booked the same amount by hand around that day


SURE = frozenset({Fit.EXACT, Fit.NAMED})


@dataclass(frozen=True, kw_only=True)
class Match:
    line: BankLine
    fit: Fit
    invoices: Sequence[Invoice] = field(default_factory=tuple)

    @property
    def invoice(self) -> Invoice | None:
        return self.invoices[0] if self.invoices else None

    @property
    def customer(self) -> Customer | None:
        return self.invoice.customer if self.invoice else None

    @property
    def ticked(self) -> bool:
        """Whether it may be booked without a person looking closer."""
        return self.fit in SURE

    @property
    def bookable(self) -> bool:
        return self.fit is not Fit.BOOKED


def match(lines: Sequence[BankLine]) -> list[Match]:
    """What each line is for, as far as it can be told."""
    known = _Known.of({line.currency for line in lines})
    booked = set(
        Payment.objects.filter(
            gateway=GATEWAY, external_id__in=[line.key for line in lines]
        ).values_list("external_id", flat=True)
    )
    return [
        Match(line=line, fit=Fit.BOOKED) if line.key in booked else known.match(line)
        for line in lines
    ]


@dataclass
class _Known:
    """Invoices by number without its signs, and open ones by currency and amount."""

    by_number: dict[tuple[str, str], Invoice]
    by_amount: dict[tuple[str, Decimal], list[Invoice]]

    @classmethod
    def of(cls, currencies: Iterable[str]) -> _Known:
        rows = Invoice.objects.filter(
            kind=Invoice.Kind.INVOICE,
            currency__in=currencies,
            issued_on__gte=clock.today() - PAST,
        ) | Invoice.objects.filter(
            kind=Invoice.Kind.INVOICE, currency__in=currencies, status=Invoice.Status.ISSUED
        )
        found = cls({}, {})
        for invoice in rows.exclude(number=None).select_related("customer"):
            found.by_number[invoice.currency, plain(str(invoice.number))] = invoice
            if invoice.open_amount > 0:
                key = (invoice.currency, invoice.open_amount)
                found.by_amount.setdefault(key, []).append(invoice)
        return found

    def match(self, line: BankLine) -> Match:
        named = self._named(line)
        if named:
            return Match(line=line, fit=_fit(line, named), invoices=named)
        alike = self.by_amount.get((line.currency, line.amount), [])
        if len(alike) == 1:
            return Match(line=line, fit=_unless_twin(line, alike[0], Fit.AMOUNT), invoices=alike)
        return Match(line=line, fit=Fit.NONE)

    def _named(self, line: BankLine) -> list[Invoice]:
        """All of one customer, in the order of the text."""
        found: dict[int, Invoice] = {}
        for word in words(line.text):
            invoice = self.by_number.get((line.currency, word))
            if invoice:
                found.setdefault(invoice.pk, invoice)
        first = next(iter(found.values()), None)
        return [each for each in found.values() if first and each.customer_id == first.customer_id]


def _fit(line: BankLine, named: Sequence[Invoice]) -> Fit:
    still = sum((invoice.open_amount for invoice in named), Decimal(0))
    return _unless_twin(line, named[0], Fit.EXACT if still == line.amount else Fit.NAMED)


def _unless_twin(line: BankLine, invoice: Invoice, fit: Fit) -> Fit:
    twin = Payment.objects.filter(
        customer=invoice.customer,
        gateway=GATEWAY,
        amount=line.amount,
        currency=line.currency,
        received_on__range=(line.on - NEAR, line.on + NEAR),
    )
    return Fit.TWIN if twin.exists() else fit


def plain(number: str) -> str:
    return re.sub(r"[\W_]", "", number).upper()


def words(text: str) -> Iterable[str]:
    """Every run of up to four words, without signs: a number may have been taken apart."""
    parts = [part.upper() for part in re.split(r"[\W_]+", text) if part]
    for start in range(len(parts)):
        for end in range(start + 1, min(start + MOST_WORDS, len(parts)) + 1):
            word = "".join(parts[start:end])
            if len(word) >= SHORTEST_NUMBER:
                yield word


@dataclass(frozen=True, kw_only=True)
class Booked:
    line: BankLine
    payment: Payment | None = None
    error: str = ""


def book(
    matches: Iterable[Match], chosen: Mapping[str, str], *, by: User | None = None
) -> list[Booked]:
    """`chosen`: by a line's key the invoice number that staff typed, blank for the one that was
    found. Each line on its own; one that was booked before is left alone.
    """
    return [
        _book(each, chosen[each.line.key], by)
        for each in matches
        if each.line.key in chosen and each.bookable
    ]


def _book(found: Match, typed: str, by: User | None) -> Booked:
    line = found.line
    try:
        invoice = _typed(typed, line) if typed else found.invoice
        if invoice is None:
            raise ValidationError("Type the number of the invoice it is for.")
        payment = receive(invoice.customer, _receipt(line), invoice=invoice, by=by)
    except ValidationError as error:
        return Booked(line=line, error=" ".join(error.messages))
    return Booked(line=line, payment=payment)


def _typed(number: str, line: BankLine) -> Invoice:
    rows = Invoice.objects.select_related("customer").exclude(status=Invoice.Status.DRAFT)
    invoice = rows.filter(number__iexact=number.strip(), kind=Invoice.Kind.INVOICE).first()
    if invoice is None:
        raise ValidationError(f"There is no invoice {number.strip()}.")
    if invoice.currency != line.currency:
        came = format_money(line.amount, line.currency)
        raise ValidationError(f"{invoice} is in {invoice.currency}, and {came} came.")
    return invoice


def _receipt(line: BankLine) -> Receipt:
    return Receipt(
        gateway=GATEWAY,
        external_id=line.key,
        amount=line.amount,
        currency=line.currency,
        received_on=min(line.on, clock.today()),
        note=" · ".join(filter(None, (line.name, line.text)))[:250],
    )
