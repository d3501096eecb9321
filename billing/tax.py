"""Which tax a line carries, and the tax of a document: once per rate over the sum of its lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Customer
from billing.models import TaxRate
from config.money import quantize

ZERO = Decimal(0)


@dataclass(frozen=True, order=True)
class Tax:
    name: str
    rate: Decimal  # in percent


NO_TAX = Tax("", ZERO)


@dataclass(frozen=True)
class TaxSum:
    tax: Tax
    net: Decimal
    amount: Decimal


def tax_for(customer: Customer, rates: Sequence[TaxRate], *, on: date) -> Tax:
    """The most specific rate valid on the tax point `on`; NO_TAX when none applies."""
    if customer.tax_exempt:
        return NO_TAX
    fitting = [rate for rate in rates if _valid(rate, on) and _fits(rate, customer)]
    best = max(
        fitting,
        key=lambda rate: (bool(rate.region), bool(rate.country), rate.valid_from),
        default=None,
    )
    return Tax(best.name, best.rate) if best else NO_TAX


def _valid(rate: TaxRate, on: date) -> bool:
    return rate.valid_from <= on and (rate.valid_to is None or on <= rate.valid_to)


def _fits(rate: TaxRate, customer: Customer) -> bool:
    country = not rate.country or rate.country == customer.country
    region = not rate.region or rate.region.lower() == customer.region.strip().lower()
    return country and region


def tax_sums(lines: Iterable[tuple[Tax, Decimal]], currency: str) -> list[TaxSum]:
    """One row per rate above 0, highest first; `lines` are (tax, net amount)."""
    nets: dict[Tax, Decimal] = {}
    for tax, amount in lines:
        if tax.rate:
            nets[tax] = nets.get(tax, ZERO) + amount
    return [
        TaxSum(tax, net, quantize(net * tax.rate / 100, currency))
        for tax, net in sorted(nets.items(), key=lambda item: (-item[0].rate, item[0].name))
    ]
