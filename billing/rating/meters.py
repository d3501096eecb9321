"""What a reseller charges for a metric: one line for each month, and one more up to a minimum."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from billing.rating.inputs import Agreement, MonthOfUse, Observed
from billing.rating.lines import Charge, LineKind, Notice, NoticeCode
from billing.rating.tranches import BYTES_PER_GB, hundredths_of_gb, reading_facts
from billing.rating.wording import staff_day
from config.language import grouped, in_line, told
from config.money import quantize
from config.periods import Period, add_months
from provisioning.contract.metering import Aggregation, Unit
from provisioning.contract.meters import Band, FixedRule, MeterTerms, PriceModel, Timing

ZERO = Decimal(0)


@dataclass(frozen=True)
class Priced:
    """`quantity` times `price`; `amount` where bands make it something else."""

    quantity: Decimal
    price: Decimal
    amount: Decimal


def aggregate(aggregation: Aggregation, values: tuple[int, ...]) -> int:
    """One value of the days' values, which are at least one."""
    return DAILY[aggregation](values)


def _average(values: tuple[int, ...]) -> int:
    return floor(Fraction(sum(values), len(values)) + Fraction(1, 2))


def _nearest_rank(values: tuple[int, ...]) -> int:
    rank = -(-95 * len(values) // 100)
    return sorted(values)[rank - 1]


DAILY: dict[Aggregation, Callable[[tuple[int, ...]], int]] = {
    Aggregation.AVERAGE: _average,
    Aggregation.P95: _nearest_rank,
    Aggregation.SUM: sum,
    Aggregation.HIGHEST: max,
    Aggregation.LAST: lambda values: values[-1],
}


def meter_charges(agreement: Agreement, observed: Observed) -> Iterator[tuple[Charge, Period]]:
    for terms, month in _months(agreement, observed):
        if month.reading is None:
            continue
        used = used_units(terms, month)
        found = price(terms, used)
        owed = ZERO
        for charge in _lines(agreement, terms, month, used, found):
            exact = charge.quantity * charge.unit_price if charge.amount is None else charge.amount
            owed += quantize(exact, agreement.currency)
            yield charge, month.period
        short = _shortfall(agreement, terms, month, observed, owed)
        if short is not None:
            yield short, month.period


def meter_notices(agreement: Agreement, observed: Observed) -> Iterator[Notice]:
    for terms, month in _months(agreement, observed):
        what = f"{agreement.title}: {terms.metric.label}"
        day = staff_day(month.period.start)
        if month.reading is None:
            text = f"{what} were not measured in the month from {day}: nothing is billed"
            yield Notice(NoticeCode.NEVER_MEASURED, text)
        elif month.reading.stale:
            text = f"{what} of the month from {day} are billed on an old reading"
            yield Notice(NoticeCode.STALE_USAGE, text)


def used_units(terms: MeterTerms, month: MonthOfUse) -> Decimal:
    """GB rounded half-up to the two decimals that are printed, or a whole number of pieces."""
    assert month.reading is not None
    value = month.reading.value
    if month.days and terms.metric.aggregation.is_daily:
        value = aggregate(terms.metric.aggregation, tuple(each for _day, each in month.days))
    if terms.metric.unit is Unit.BYTES:
        return Decimal(hundredths_of_gb(value)).scaleb(-2)
    return Decimal(value)


def price(terms: MeterTerms, used: Decimal) -> Priced:
    return MODELS[terms.model](terms, used)


def _per_unit(terms: MeterTerms, used: Decimal) -> Priced:
    billed = max(ZERO, used - terms.included)
    return Priced(billed, terms.price, billed * terms.price)


def _tranches(terms: MeterTerms, used: Decimal) -> Priced:
    over = max(ZERO, used - terms.included)
    started = -(-Fraction(over) // terms.size)
    count = Decimal(max(terms.minimum_tranches, int(started)))
    return Priced(count, terms.price, count * terms.price)


def _graduated(terms: MeterTerms, used: Decimal) -> Priced:
    billed = max(ZERO, used - terms.included)
    amount = sum((part * band.price for band, part in _filled(terms.bands, billed)), ZERO)
    return Priced(Decimal(1), amount, amount)


def _filled(bands: tuple[Band, ...], billed: Decimal) -> Iterator[tuple[Band, Decimal]]:
    """How much of what is billed lies in each band."""
    below = ZERO
    for band in bands:
        end = billed if band.up_to is None else min(billed, band.up_to)
        if end > below:
            yield band, end - below
            below = end


def _volume(terms: MeterTerms, used: Decimal) -> Priced:
    billed = max(ZERO, used - terms.included)
    band = next(each for each in terms.bands if each.up_to is None or billed <= each.up_to)
    return Priced(billed, band.price, billed * band.price)


MODELS: dict[PriceModel, Callable[[MeterTerms, Decimal], Priced]] = {
    PriceModel.PER_UNIT: _per_unit,
    PriceModel.TRANCHE: _tranches,
    PriceModel.GRADUATED: _graduated,
    PriceModel.VOLUME: _volume,
}


def _months(agreement: Agreement, observed: Observed) -> Iterator[tuple[MeterTerms, MonthOfUse]]:
    """In arrears only what has passed; in advance also on a first invoice."""
    for terms in agreement.terms.meters:
        if terms.timing is Timing.ARREARS and observed.window is None:
            continue
        months = [month for month in observed.months if month.metric == terms.metric.code]
        for month in sorted(months, key=lambda each: each.period):
            yield terms, month


def _lines(
    agreement: Agreement, terms: MeterTerms, month: MonthOfUse, used: Decimal, found: Priced
) -> Iterator[Charge]:
    at_least = terms.fixed and terms.fixed_rule is FixedRule.AT_LEAST
    if at_least and found.amount < terms.fixed:
        yield _fixed(agreement, terms, month, used)
        return
    if terms.fixed and terms.fixed_rule is FixedRule.PLUS:
        yield _fixed(agreement, terms, month, used)
    if found.amount:
        yield Charge(
            kind=LineKind.USAGE,
            key=_key(terms, month),
            description=f"{_title(agreement, terms)} ({_used_text(terms, used)})",
            quantity=found.quantity,
            unit_price=found.price,
            amount=found.amount if terms.model is PriceModel.GRADUATED else None,
            facts=_facts(agreement, terms, month, used) | {"part": "usage"},
        )


def _fixed(agreement: Agreement, terms: MeterTerms, month: MonthOfUse, used: Decimal) -> Charge:
    return Charge(
        kind=LineKind.USAGE,
        key=f"{_key(terms, month)}:fixed",
        description=_("%(item)s, fixed monthly amount") % {"item": _title(agreement, terms)},
        quantity=1,
        unit_price=terms.fixed,
        facts=_facts(agreement, terms, month, used) | {"part": "fixed"},
    )


def _shortfall(
    agreement: Agreement,
    terms: MeterTerms,
    month: MonthOfUse,
    observed: Observed,
    owed: Decimal,
) -> Charge | None:
    """What is missing up to the minimum, which is lower in a month that was not used to its end."""
    days, whole = _days(agreement, terms, month, observed)
    least = quantize(terms.minimum * days / whole, agreement.currency)
    if owed >= least:
        return None
    facts = _facts(agreement, terms, month, used_units(terms, month))
    return Charge(
        kind=LineKind.USAGE,
        key=f"{_key(terms, month)}:minimum",
        description=_("%(item)s, up to the minimum") % {"item": _title(agreement, terms)},
        quantity=1,
        unit_price=least - owed,
        facts=facts
        | {"part": "minimum", "minimum": str(terms.minimum), "owed": str(owed)}
        | {"days": days, "of_days": whole},
    )


def _days(
    agreement: Agreement, terms: MeterTerms, month: MonthOfUse, observed: Observed
) -> tuple[int, int]:
    whole = (add_months(month.period.start, 1) - month.period.start).days
    days = month.period.days
    if terms.timing is Timing.ARREARS and observed.window is not None:
        both = observed.window.overlap(month.period.window(agreement.zone))
        days = both.dates(agreement.zone).days if both else 0
    return days, whole


def _title(agreement: Agreement, terms: MeterTerms) -> str:
    return f"{agreement.title}, {in_line(told(terms.metric.label))}"


def _key(terms: MeterTerms, month: MonthOfUse) -> str:
    return f"usage:{terms.metric.code}:{month.period.start.isoformat()}"


def _used_text(terms: MeterTerms, used: Decimal) -> str:
    gb = f" {_('GB')}" if terms.metric.unit is Unit.BYTES else ""
    texts = [_(WORDS[terms.metric.aggregation]) % {"amount": f"{grouped(used)}{gb}"}]
    if terms.included:
        texts.append(_("%(amount)s included") % {"amount": f"{grouped(terms.included)}{gb}"})
    return ", ".join(texts)


WORDS = {
    Aggregation.LAST: gettext_noop("%(amount)s used"),
    Aggregation.HIGHEST: gettext_noop("%(amount)s used at the peak"),
    Aggregation.AVERAGE: gettext_noop("%(amount)s used on average"),
    Aggregation.P95: gettext_noop("%(amount)s used in 95 %% of the days"),
    Aggregation.SUM: gettext_noop("%(amount)s used in total"),
}


def _facts(
    agreement: Agreement, terms: MeterTerms, month: MonthOfUse, used: Decimal
) -> dict[str, Any]:
    return {
        "rule": "meter",
        "item": agreement.title,
        "metric": terms.metric.label,
        "unit": str(terms.metric.unit),
        "aggregation": str(terms.metric.aggregation),
        "model": str(terms.model),
        "timing": str(terms.timing),
        "reading": reading_facts(agreement, month.reading, unit=str(terms.metric.unit)),
        "daily": [[day.isoformat(), value] for day, value in month.days],
        "bytes_per_gb": BYTES_PER_GB,
        "used": str(used),
        "included": str(terms.included),
        "size": terms.size,
        "minimum_tranches": terms.minimum_tranches,
        "price": str(terms.price),
        "bands": [
            [None if band.up_to is None else str(band.up_to), str(band.price)]
            for band in terms.bands
        ],
        "fixed": str(terms.fixed),
        "fixed_rule": str(terms.fixed_rule),
    }
