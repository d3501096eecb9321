"""Bounds beyond which a billing run stops and asks, as a wrong price or reading would cross
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.conf import settings

from billing.models import BillingRun
from config import clock
from config.money import format_money

COMPARED = timedelta(days=35)  # a month and a little: the same day of last month is in it
FINISHED = (BillingRun.Status.DONE, BillingRun.Status.STOPPED)


class Stopped(Exception):
    """The run went beyond its bounds; the text says how."""


@dataclass(frozen=True)
class Guard:
    """The most a run may issue, by currency; a currency without a bound has nothing to compare."""

    bounds: Mapping[str, Decimal] = field(default_factory=dict)

    @classmethod
    def usual(cls) -> Guard:
        """So many times the largest day of the last weeks, and never less than the floor."""
        largest: dict[str, Decimal] = {}
        since = clock.today() - COMPARED
        days: dict[tuple[object, str], Decimal] = {}
        runs = BillingRun.objects.filter(business_date__gte=since, status__in=FINISHED)
        for day, totals in runs.values_list("business_date", "totals"):
            for currency, total in totals.items():
                days[day, currency] = days.get((day, currency), Decimal(0)) + Decimal(total)
        for (_day, currency), total in days.items():
            largest[currency] = max(largest.get(currency, Decimal(0)), total)
        floor = Decimal(settings.BILLING_GUARD_FLOOR)
        factor = settings.BILLING_GUARD_FACTOR
        return cls({code: max(floor, total * factor) for code, total in largest.items() if total})

    def excess(self, totals: Mapping[str, Decimal]) -> str:
        """What is above its bound, as a sentence for the person who decides; empty when nothing
        is.
        """
        for currency, total in sorted(totals.items()):
            bound = self.bounds.get(currency)
            if bound is not None and total > bound:
                return (
                    f"This run would issue more than {format_money(bound, currency)}, far more than"
                    f" any day of the last weeks. Look at a dry run, then let it go on."
                )
        return ""
