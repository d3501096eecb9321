"""The tax of a document: which tax each line carries, and what that comes to.

It is computed once per rate over the sum of its lines, not line by line. Where prices include
tax the gross sum is what counts and the tax is taken out of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils import translation

from accounts.models import Customer
from billing.models import InvoiceLine, Seller, TaxRate, VatStatus
from billing.taxation import rules, vat_numbers
from config import clock
from config.money import quantize
from config.periods import Period
from products.models import Product

ZERO = Decimal(0)


@dataclass(frozen=True, order=True)
class Level:
    name: str
    rate: Decimal  # in percent
    compound: bool = False  # of the second: charged on the first as well


@dataclass(frozen=True, order=True)
class Tax:
    """`levels` only where there are two; `rate` is then what they come to together."""

    name: str
    rate: Decimal  # in percent
    levels: tuple[Level, ...] = ()

    @property
    def parts(self) -> tuple[Level, ...]:
        return self.levels or (Level(self.name, self.rate),)

    def as_columns(self) -> dict[str, Any]:
        """Of an InvoiceLine; `tax_of` reads them back."""
        levels = [[each.name, str(each.rate), each.compound] for each in self.levels]
        return {"tax_name": self.name, "tax_rate": self.rate, "tax_levels": levels}


NO_TAX = Tax("", ZERO)


def tax_of(line: InvoiceLine) -> Tax:
    levels = tuple(Level(name, Decimal(rate), both) for name, rate, both in line.tax_levels)
    return Tax(line.tax_name, line.tax_rate, levels)


@dataclass(frozen=True)
class TaxSum:
    """Of one rate. `net` is what the rate was applied to: with a first tax in it if compound."""

    tax: Tax
    net: Decimal
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Totals:
    net: Decimal
    tax: Decimal
    sums: tuple[TaxSum, ...]

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


def totals(
    lines: Iterable[tuple[Tax, Decimal]], currency: str, *, inclusive: bool = False
) -> Totals:
    """Of a document, from (tax, amount) of its lines; amounts are gross when `inclusive`."""
    known = list(lines)
    sums = tuple(tax_sums(known, currency, inclusive=inclusive))
    amount = sum((amount for _tax, amount in known), ZERO)
    tax = sum((each.amount for each in sums), ZERO)
    return Totals(net=amount - tax if inclusive else amount, tax=tax, sums=sums)


def tax_sums(
    lines: Iterable[tuple[Tax, Decimal]], currency: str, *, inclusive: bool = False
) -> list[TaxSum]:
    """One row per rate above 0, highest first; `lines` are (tax, amount)."""
    amounts: dict[Tax, Decimal] = {}
    for tax, amount in lines:
        if tax.rate:
            amounts[tax] = amounts.get(tax, ZERO) + amount
    take = _taken_out if inclusive else _added
    found = take(amounts, currency)
    return sorted(found, key=lambda each: (-each.tax.rate, each.tax.name))


def _added(amounts: dict[Tax, Decimal], currency: str) -> list[TaxSum]:
    bases: dict[Tax, Decimal] = {}
    for tax, net in amounts.items():
        first = ZERO
        for part in tax.parts:
            own = Tax(part.name, part.rate)
            base = net + first if part.compound else net
            bases[own] = bases.get(own, ZERO) + base
            first = quantize(base * part.rate / 100, currency)
    return [
        TaxSum(tax, base, quantize(base * tax.rate / 100, currency)) for tax, base in bases.items()
    ]


def _taken_out(amounts: dict[Tax, Decimal], currency: str) -> list[TaxSum]:
    sums: dict[Tax, TaxSum] = {}
    for tax, gross in amounts.items():
        for each in _inside(tax, gross, currency):
            before = sums.get(each.tax, TaxSum(each.tax, ZERO, ZERO))
            sums[each.tax] = TaxSum(each.tax, before.net + each.net, before.amount + each.amount)
    return list(sums.values())


def _inside(tax: Tax, gross: Decimal, currency: str) -> Iterable[TaxSum]:
    """The outermost tax comes off first; those side by side share what is left."""
    rest = gross
    outer = [part for part in tax.parts if part.compound]
    inner = [part for part in tax.parts if not part.compound]
    for part in outer:
        amount = quantize(rest * part.rate / (100 + part.rate), currency)
        rest -= amount
        yield TaxSum(Tax(part.name, part.rate), rest, amount)
    together = sum((part.rate for part in inner), ZERO)
    taxes = [quantize(rest * part.rate / (100 + together), currency) for part in inner]
    net = rest - sum(taxes, ZERO)
    for part, amount in zip(inner, taxes, strict=True):
        yield TaxSum(Tax(part.name, part.rate), net, amount)


@dataclass
class Taxing:
    """How one customer's document is taxed; it remembers what it used, as evidence.

    Reads `customer.vat` and `customer.billing`: load them along with many customers.
    """

    customer: Customer
    seller: Seller
    rates: Sequence[TaxRate]
    used: dict[int, TaxRate] = field(default_factory=dict)
    known: dict[tuple[str, date], Tax] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.buyer = buyer_facts(self.customer, self.seller)
        self.treatment = rules.decide(seller_facts(self.seller), self.buyer)

    def of_product(self, product: Product, *, on: date) -> Tax:
        return self.of_class(product.tax_class, on=on) if product.taxable else NO_TAX

    def of_class(self, tax_class: str, *, on: date) -> Tax:
        """The tax on the tax point `on`; NO_TAX when none applies."""
        if (tax_class, on) not in self.known:
            self.known[tax_class, on] = self._find(tax_class, on=on)
        return self.known[tax_class, on]

    def _find(self, tax_class: str, *, on: date) -> Tax:
        rows = rules.choose(
            self.rates, self.treatment, business=self.buyer.business, tax_class=tax_class, on=on
        )
        self.used |= {row.pk: row for row in rows}
        if len(rows) < 2:
            return Tax(rows[0].name, rows[0].rate) if rows else NO_TAX
        levels = tuple(Level(row.name, row.rate, row.compound) for row in rows)
        return Tax(" + ".join(row.name for row in rows), rules.effective(rows), levels)

    def evidence(self) -> dict[str, Any]:
        """For `Invoice.tax_evidence`: rule, reason as printed, numbers, proof and rates."""
        rule = self.treatment.rule
        known: dict[str, Any] = {
            "rule": rule,
            "reason": self._reason(),
            "method": "once per rate over the sum of its lines",
            "country": self.customer.country,
            "rates": [_told(row) for row in self.used.values()],
        }
        if self.buyer.number:
            known |= {"seller_number": self.seller.tax_number, "buyer_number": self.buyer.number}
        if self.treatment.recheck:
            known["recheck"] = self.treatment.recheck
        status = vat_status(self.customer)
        if status and rule is rules.Rule.REVERSE_CHARGE:
            known["consultation"] = status.consultation
            known["answered_at"] = status.answered_at.isoformat() if status.answered_at else ""
        return known

    def _reason(self) -> str:
        rule = self.treatment.rule
        texts = [row.reason for row in self.used.values() if row.reason]
        if rule in rules.REASONS and not self.used:
            with translation.override(self.customer.language):
                texts.insert(0, translation.gettext(rules.REASONS[rule]))
        return " ".join(dict.fromkeys(texts))


def tax_point(period: Period | None, issued_on: date) -> date:
    """In advance: the day of issue. In arrears: the last day of what was used."""
    return min(period.last_day, issued_on) if period else issued_on


def seller_facts(seller: Seller) -> rules.SellerFacts:
    return rules.SellerFacts(
        country=seller.country.upper(),
        number=seller.tax_number,
        destination=seller.eu_consumers == Seller.EuConsumers.DESTINATION,
    )


def buyer_facts(customer: Customer, seller: Seller) -> rules.BuyerFacts:
    number = vat_numbers.clean(customer.tax_number, customer.country)
    status = vat_status(customer)
    same = status if status and number and status.number == number else None
    oldest = clock.now() - timedelta(days=seller.vat_keep_days)
    return rules.BuyerFacts(
        country=customer.country,
        region=customer.region,
        business=_is_business(customer),
        exempt=customer.tax_exempt,
        number=number,
        proven=bool(
            same
            and same.answer == VatStatus.Answer.VALID
            and same.answered_at
            and same.answered_at >= oldest
        ),
        refuted=bool(same and same.answer == VatStatus.Answer.INVALID),
    )


def vat_status(customer: Customer) -> VatStatus | None:
    try:
        found: VatStatus = customer.vat
    except ObjectDoesNotExist:
        return None
    return found


def _is_business(customer: Customer) -> bool:
    try:
        return bool(customer.billing.is_business)
    except ObjectDoesNotExist:
        return True


def _told(row: TaxRate) -> dict[str, str]:
    return {
        "name": row.name,
        "rate": f"{row.rate.normalize():f}",
        "place": ", ".join(filter(None, (row.country, row.region))),
        "class": row.tax_class,
        "valid_from": row.valid_from.isoformat(),
    }
