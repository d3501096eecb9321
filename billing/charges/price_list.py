"""What use costs, in words: what a customer reads before ordering, of the terms that are billed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from config.language import told
from config.money import format_unit_price
from config.sizes import in_gb
from provisioning.contract.metering import (
    CombinedPrice,
    FeatureTerms,
    MeteringTerms,
    Metric,
    PerUnitTerms,
    SeatFeature,
    Unit,
)
from provisioning.contract.meters import FixedRule, MeterTerms, PriceModel


@dataclass(frozen=True)
class UsedPrice:
    """`prices` are short phrases, such as "2.00 EUR per mailbox per month"."""

    what: str
    prices: tuple[str, ...]


@dataclass(frozen=True)
class Use:
    """Where disk space is sold in tranches, a product's own price is that of one `per_gb` GB."""

    per_gb: int | None
    prices: tuple[UsedPrice, ...]


def use_of(terms: MeteringTerms, currency: str) -> Use:
    per_gb = terms.tranche.size_gb if terms.tranche else None
    return Use(per_gb, tuple(by_use(terms, currency)))


def by_use(terms: MeteringTerms, currency: str) -> list[UsedPrice]:
    """What is charged for use beside the product's own price; tranches of that price are not."""
    found = list(_of_features(terms.features, currency)) if terms.features else []
    found += [_of_units(each, currency) for each in terms.units if each.price]
    found += [_of_meter(each, currency) for each in terms.meters if each.is_priced]
    return found


def _of_features(terms: FeatureTerms, currency: str) -> Iterator[UsedPrice]:
    priced: list[SeatFeature | CombinedPrice] = [*terms.features]
    if terms.combined:
        priced.append(terms.combined)
    words = _feature_words(terms)
    for each in priced:
        if each.price:
            price = format_unit_price(each.price, currency)
            yield UsedPrice(told(each.label), (words % {"price": price},))


def _feature_words(terms: FeatureTerms) -> str:
    if terms.seat_days:
        return _("%(price)s per mailbox per month, by days of use")
    if terms.months_multiply:
        return _("%(price)s per mailbox per month")
    return _("%(price)s per mailbox per invoice")


def _of_units(terms: PerUnitTerms, currency: str) -> UsedPrice:
    price = _each(terms.metric, terms.price, currency)
    return UsedPrice(
        told(terms.metric.label), (price, *_included(terms.metric, Decimal(terms.included)))
    )


def _of_meter(terms: MeterTerms, currency: str) -> UsedPrice:
    phrases = [*MODELS[terms.model](terms, currency), *_included(terms.metric, terms.included)]
    if terms.fixed:
        words = {
            FixedRule.PLUS: _("%(amount)s a month besides"),
            FixedRule.AT_LEAST: _("at least %(amount)s a month"),
        }
        amount = format_unit_price(terms.fixed, currency)
        phrases.append(words[terms.fixed_rule] % {"amount": amount})
    if terms.minimum:
        amount = format_unit_price(terms.minimum, currency)
        phrases.append(_("at least %(amount)s a month") % {"amount": amount})
    return UsedPrice(told(terms.metric.label), tuple(phrases))


def _per_unit(terms: MeterTerms, currency: str) -> list[str]:
    return [_each(terms.metric, terms.price, currency)] if terms.price else []


def _per_tranche(terms: MeterTerms, currency: str) -> list[str]:
    values = {"price": format_unit_price(terms.price, currency), "size": terms.size}
    if terms.metric.unit is Unit.BYTES:
        return [_("%(price)s per started %(size)s GB per month") % values]
    return [_("%(price)s per started %(size)s per month") % values]


def _by_bands(terms: MeterTerms, currency: str) -> list[str]:
    """Graduated prices hold for their part alone, volume prices for everything."""
    whole = terms.model is PriceModel.VOLUME
    found = []
    for band in terms.bands:
        values = {
            "price": _each(terms.metric, band.price, currency),
            "end": "" if band.up_to is None else _amount(terms.metric, band.up_to),
        }
        found.append(_band_words(last=band.up_to is None, whole=whole) % values)
    return found


def _band_words(*, last: bool, whole: bool) -> str:
    if last:
        return _("above that, for all of it: %(price)s") if whole else _("above that: %(price)s")
    return _("up to %(end)s: %(price)s")


MODELS: dict[PriceModel, Callable[[MeterTerms, str], list[str]]] = {
    PriceModel.PER_UNIT: _per_unit,
    PriceModel.TRANCHE: _per_tranche,
    PriceModel.GRADUATED: _by_bands,
    PriceModel.VOLUME: _by_bands,
}


def _each(metric: Metric, price: Decimal, currency: str) -> str:
    values = {"price": format_unit_price(price, currency)}
    if metric.unit is Unit.BYTES:
        return _("%(price)s per GB per month") % values
    return _("%(price)s each per month") % values


def _included(metric: Metric, included: Decimal) -> list[str]:
    return [_("%(amount)s included") % {"amount": _amount(metric, included)}] if included else []


def _amount(metric: Metric, number: Decimal) -> str:
    plain = f"{number.normalize():f}"
    return in_gb(plain) if metric.unit is Unit.BYTES else plain
