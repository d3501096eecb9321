"""The one entry: an agreement and what was observed in, priced lines and notices out."""

from __future__ import annotations

from collections.abc import Iterator

from billing.rating.features import feature_notices, is_priced
from billing.rating.inputs import Agreement, Observed
from billing.rating.lines import Charge, Notice, RatedLine, Rating, priced
from billing.rating.meters import meter_charges, meter_notices
from billing.rating.recurring import flat_charge, in_part, option_charges, setup_charges
from billing.rating.seat_days import seat_day_charges
from billing.rating.seat_lines import SeatLines
from billing.rating.tranches import tranche_charge, usage_notices
from billing.rating.units import unit_charges, unit_notices
from config.periods import Period


def rate(agreement: Agreement, observed: Observed) -> Rating:
    """Lines in the order they are printed: base, options, features, units used, setup fees.

    Features and units pay for what has passed, everything else for the agreement's period.
    """
    if not agreement.cycle.charged:
        return Rating()
    period = agreement.period
    recurring = (in_part(charge, agreement) for charge in _recurring(agreement, observed))
    lines = [priced(charge, agreement, period) for charge in recurring]
    lines += _features(agreement, observed)
    lines += [priced(charge, agreement, month) for charge, month in _units(agreement, observed)]
    lines += [priced(each, agreement, month) for each, month in meter_charges(agreement, observed)]
    lines += [priced(charge, agreement, period) for charge in setup_charges(agreement)]
    return Rating(tuple(lines), tuple(_notices(agreement, observed)))


def _recurring(agreement: Agreement, observed: Observed) -> Iterator[Charge]:
    tranche = agreement.terms.tranche
    if tranche:
        yield tranche_charge(agreement, tranche, observed.reading)
    else:
        yield flat_charge(agreement)
    yield from option_charges(agreement)


def _features(agreement: Agreement, observed: Observed) -> list[RatedLine]:
    terms, window = agreement.terms.features, observed.window
    if terms is None or window is None or not is_priced(terms):
        return []
    passed = window.dates(agreement.zone)
    if terms.seat_days:
        charges = seat_day_charges(agreement, terms, observed)
    else:
        charges = SeatLines(agreement, terms, observed, window).charges()
    return [priced(charge, agreement, passed) for charge in charges]


def _units(agreement: Agreement, observed: Observed) -> Iterator[tuple[Charge, Period]]:
    if observed.window is not None:
        yield from unit_charges(agreement, observed)


def _notices(agreement: Agreement, observed: Observed) -> Iterator[Notice]:
    terms = agreement.terms
    yield from meter_notices(agreement, observed)
    if observed.window is None:
        return
    if terms.tranche:
        yield from usage_notices(agreement, observed.reading)
    if terms.features and is_priced(terms.features):
        yield from feature_notices(agreement, terms.features, observed)
    yield from unit_notices(agreement, observed)
