"""Whether and where a sale is taxed, and at which rate: pure, decided from facts it is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext_noop

from billing.models import TaxRate
from billing.taxation.countries import EU


class Rule(StrEnum):
    EXEMPT = "exempt"
    LOCAL = "local"  # the rates of the customer's place, whatever they are
    DOMESTIC = "domestic"
    REVERSE_CHARGE = "reverse_charge"
    DESTINATION = "destination"
    ORIGIN = "origin"
    OUTSIDE_EU = "outside_eu"


# Printed on the document; the rules that are not here need no words.
REASONS = {
    Rule.EXEMPT: gettext_noop("The customer is exempt from tax."),
    Rule.REVERSE_CHARGE: gettext_noop(
        "Reverse charge: the recipient accounts for the VAT"
        " (Article 196 of Council Directive 2006/112/EC)."
    ),
    Rule.OUTSIDE_EU: gettext_noop(
        "Not subject to VAT: the place of supply is outside the European Union."
    ),
}


@dataclass(frozen=True, kw_only=True)
class SellerFacts:
    country: str
    number: str = ""
    destination: bool = True  # consumers elsewhere in the EU pay the rate of their country


@dataclass(frozen=True, kw_only=True)
class BuyerFacts:
    """`number` is well-formed or empty. `proven`: the EU's service said valid, not too long ago;
    `refuted`: it said that it is not.
    """

    country: str
    region: str = ""
    business: bool = True
    exempt: bool = False
    number: str = ""
    proven: bool = False
    refuted: bool = False


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """`places` are (country, region) whose rates are looked for, in this order; none: no tax.

    `recheck`: the number that would have made it a reverse charge, had it been known to be valid.
    """

    rule: Rule
    places: tuple[tuple[str, str], ...] = ()
    recheck: str = ""


def decide(seller: SellerFacts, buyer: BuyerFacts) -> Treatment:
    here = (buyer.country, buyer.region)
    if buyer.exempt:
        return Treatment(rule=Rule.EXEMPT)
    if seller.country not in EU:
        return Treatment(rule=Rule.LOCAL, places=(here,))
    if buyer.country == seller.country:
        return Treatment(rule=Rule.DOMESTIC, places=(here,))
    if buyer.country not in EU:
        return Treatment(rule=Rule.OUTSIDE_EU, places=(here,))
    if buyer.number and buyer.proven:
        return Treatment(rule=Rule.REVERSE_CHARGE)
    home = (seller.country, "")
    waiting = "" if buyer.refuted else buyer.number
    if seller.destination:
        return Treatment(rule=Rule.DESTINATION, places=(here, home), recheck=waiting)
    return Treatment(rule=Rule.ORIGIN, places=(home,), recheck=waiting)


def choose(
    rates: Sequence[TaxRate],
    treatment: Treatment,
    *,
    business: bool,
    tax_class: str,
    on: date,
) -> list[TaxRate]:
    """The row of the first level, of the second, or of both; none where nothing is taxed."""
    # Outside the EU nothing is charged unless the seller is registered in that very country.
    everywhere = treatment.rule is not Rule.OUTSIDE_EU
    kind = TaxRate.CustomerKind.BUSINESS if business else TaxRate.CustomerKind.CONSUMER
    usable = [
        rate
        for rate in rates
        if _valid(rate, on)
        and rate.tax_class in ("", tax_class)
        and rate.customer_kind in ("", kind)
        and (rate.country or everywhere)
    ]
    for country, region in treatment.places:
        fitting = [rate for rate in usable if _fits(rate, country, region)]
        found = [best for level in (1, 2) if (best := _best(fitting, level))]
        if found:
            return found
    return []


def _valid(rate: TaxRate, on: date) -> bool:
    return rate.valid_from <= on and (rate.valid_to is None or on <= rate.valid_to)


def _fits(rate: TaxRate, country: str, region: str) -> bool:
    same_country = not rate.country or rate.country == country
    return same_country and (not rate.region or rate.region.lower() == region.strip().lower())


def _best(rates: Iterable[TaxRate], level: int) -> TaxRate | None:
    """The most specific: region before country before class before kind, then the newest."""
    return max(
        (rate for rate in rates if rate.level == level),
        key=lambda rate: (
            bool(rate.region),
            bool(rate.country),
            bool(rate.tax_class),
            bool(rate.customer_kind),
            rate.valid_from,
        ),
        default=None,
    )


def effective(levels: Sequence[TaxRate]) -> Decimal:
    """The rates together, in percent of the net amount, to four decimals."""
    total = Decimal(0)
    for rate in levels:
        total += rate.rate * (1 + total / 100) if rate.compound else rate.rate
    return total.quantize(Decimal("0.0001"))
