"""Features of mailboxes by the day: each day costs its share of what was on in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from billing.rating.features import Tariff, histories, tariffs
from billing.rating.inputs import Agreement, Observed
from billing.rating.intervals import active_time
from billing.rating.lines import Charge, LineKind
from config.periods import add_months
from provisioning.contract.metering import FeatureTerms

Days = dict[str, set[date]]  # feature code to the days on which it was on


def seat_day_charges(
    agreement: Agreement, terms: FeatureTerms, observed: Observed
) -> Iterator[Charge]:
    """One line for each mailbox and set of features, the combined price first."""
    found: list[tuple[Tariff, str, Counter[date]]] = []
    for address, days in sorted(_days(agreement, observed).items()):
        for tariff, months in _by_tariff(agreement, terms, observed, days):
            found.append((tariff, address, months))
    for tariff, address, months in sorted(found, key=lambda each: (each[0].rank, each[1])):
        yield _charge(tariff, address, months)


def _days(agreement: Agreement, observed: Observed) -> dict[str, Days]:
    assert observed.window is not None
    deletions = defaultdict(list)
    for each in observed.deletions:
        deletions[each.address].append(each.at)
    found: dict[str, Days] = {}
    for address, history in histories(observed.intervals).items():
        for code, intervals in history.items():
            time = active_time(intervals, deletions=deletions[address], window=observed.window)
            days = {day for span in time.spans for day in span.dates(agreement.zone)}
            found.setdefault(address, {})[code] = days
    return found


def _by_tariff(
    agreement: Agreement, terms: FeatureTerms, observed: Observed, days: Days
) -> Iterator[tuple[Tariff, Counter[date]]]:
    """Days by the first day of the month of use in which they lie."""
    assert observed.window is not None
    start = observed.window.dates(agreement.zone).start
    counted: dict[int, Counter[date]] = defaultdict(Counter)
    known: dict[int, Tariff] = {}
    for day in sorted(set().union(*days.values())):
        on = frozenset(code for code, each in days.items() if day in each)
        for tariff in tariffs(terms, on):
            known[tariff.rank] = tariff
            counted[tariff.rank][_month_of(start, day)] += 1
    return ((known[rank], months) for rank, months in counted.items())


def _month_of(start: date, day: date) -> date:
    number = (day.year - start.year) * 12 + day.month - start.month
    first = add_months(start, number)
    return first if first <= day else add_months(start, number - 1)


def _charge(tariff: Tariff, address: str, months: Counter[date]) -> Charge:
    parts = [(count, (add_months(first, 1) - first).days) for first, count in months.items()]
    amount = sum((tariff.price * count / whole for count, whole in parts), Decimal(0))
    codes = [feature.code for feature in tariff.features]
    days = ", ".join(
        _("%(days)s of %(whole)s days") % {"days": count, "whole": whole} for count, whole in parts
    )
    facts: dict[str, Any] = {
        "rule": "seat_days",
        "item": tariff.label,
        "address": address,
        "billed": codes,
        "price": str(tariff.price),
        "months": [[first.isoformat(), count, whole] for first, (count, whole) in zip(
            months, parts, strict=True
        )],
    }  # fmt: skip
    return Charge(
        kind=LineKind.FEATURE,
        key=f"feature:{'+'.join(codes)}:{address}",
        description=f"{_(tariff.label)}: {address} ({days})",
        quantity=1,
        unit_price=tariff.price,
        amount=amount,
        facts=facts,
    )
