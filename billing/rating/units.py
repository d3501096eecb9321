"""Usage at a price for each unit, one line for each month of use and metric."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.rating.inputs import Agreement, MonthOfUse, Observed, Reading
from billing.rating.lines import Charge, LineKind, Notice, NoticeCode
from billing.rating.tranches import BYTES_PER_GB, hundredths_of_gb, reading_facts
from billing.rating.wording import staff_day
from config.language import day as long_day
from config.language import grouped, in_line, told
from config.periods import Period
from provisioning.contract.metering import Aggregation, PerUnitTerms, Unit


def unit_charges(agreement: Agreement, observed: Observed) -> Iterator[tuple[Charge, Period]]:
    """Nothing for a month in which no more was used than is included, or that is unknown."""
    for terms, month in _priced_months(agreement, observed):
        if month.reading is None:
            continue
        used = units_used(terms, month.reading)
        if used > terms.included:
            yield _charge(agreement, terms, month.period, month.reading), month.period


def unit_notices(agreement: Agreement, observed: Observed) -> Iterator[Notice]:
    for terms, month in _priced_months(agreement, observed):
        what = f"{agreement.title}: {terms.metric.label}"
        day = staff_day(month.period.start)
        if month.reading is None:
            text = f"{what} were not measured in the month from {day}: none are billed"
            yield Notice(NoticeCode.NEVER_MEASURED, text)
        elif month.reading.stale:
            at = month.reading.at.astimezone(agreement.zone)
            text = f"{what} of the month from {day} are billed as measured on {staff_day(at)}"
            yield Notice(NoticeCode.STALE_USAGE, text)


def units_used(terms: PerUnitTerms, reading: Reading) -> Decimal:
    """GB rounded half-up to the two decimals that are printed, or a whole number of pieces."""
    if terms.metric.unit is Unit.BYTES:
        return Decimal(hundredths_of_gb(reading.value)).scaleb(-2)
    return Decimal(reading.value)


def _priced_months(
    agreement: Agreement, observed: Observed
) -> Iterator[tuple[PerUnitTerms, MonthOfUse]]:
    for terms in agreement.terms.units:
        months = [month for month in observed.months if month.metric == terms.metric.code]
        for month in sorted(months, key=lambda each: each.period):
            if terms.price:
                yield terms, month


def _charge(agreement: Agreement, terms: PerUnitTerms, month: Period, reading: Reading) -> Charge:
    used = units_used(terms, reading)
    return Charge(
        kind=LineKind.USAGE,
        key=f"usage:{terms.metric.code}:{month.start.isoformat()}",
        description=(
            f"{agreement.title}, {in_line(told(terms.metric.label))}"
            f" ({_usage_text(agreement, terms, reading, used)})"
        ),
        quantity=used - terms.included,
        unit_price=terms.price,
        facts={
            "rule": "unit",
            "item": agreement.title,
            "metric": terms.metric.label,
            "unit": str(terms.metric.unit),
            "aggregation": str(terms.metric.aggregation),
            "reading": reading_facts(agreement, reading, unit=str(terms.metric.unit)),
            "bytes_per_gb": BYTES_PER_GB,
            "used": str(used),
            "included": terms.included,
        },
    )


def _usage_text(agreement: Agreement, terms: PerUnitTerms, reading: Reading, used: Decimal) -> str:
    gb = f" {_('GB')}" if terms.metric.unit is Unit.BYTES else ""
    facts = {
        "amount": f"{grouped(used)}{gb}",
        "day": long_day(reading.at.astimezone(agreement.zone)),
    }
    if terms.metric.aggregation is Aggregation.HIGHEST:
        texts = [_("%(amount)s used at the peak on %(day)s") % facts]
    else:
        texts = [_("%(amount)s used") % facts]
        texts += [_("as measured on %(day)s") % facts] if reading.stale else []
    if terms.included:
        texts.append(_("%(amount)s included") % {"amount": f"{grouped(terms.included)}{gb}"})
    return ", ".join(texts)
