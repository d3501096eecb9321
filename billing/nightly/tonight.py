"""A dry run of a night: what it would issue, whom it would remind or suspend, what it would send.

It is the night's own work: the billing run in transactions that are rolled back, and the dunning's
own choice of steps. Nothing is kept, no platform, gateway or mail server is asked.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.dunning.run import Planned, plan
from billing.models import BillingRun, DunningStep
from billing.nightly.run import RunReport, Watch, run
from config.periods import add_months

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What a day would issue in one currency, beside the same day of last month."""

    currency: str
    tonight: Decimal
    before: Decimal

    @property
    def change(self) -> Decimal:
        return self.tonight - self.before


@dataclass(frozen=True, kw_only=True)
class Tonight:
    business_date: date
    billing: RunReport
    steps: list[Planned]
    differences: list[Difference]

    @property
    def mails(self) -> list[tuple[str, int]]:
        """How many e-mails of each kind customers would get."""
        kinds = Counter(
            planned.step.get_action_display()
            for planned in self.steps
            if planned.step.action != DunningStep.Action.CHARGE
        )
        issued = [("Invoice", self.billing.issued)] if self.billing.issued else []
        return issued + sorted(kinds.items())


def look(business_date: date, *, watch: Watch | None = None) -> Tonight:
    """`watch` is called after each batch of the billing. ImproperlyConfigured without a seller."""
    report = run(business_date, dry_run=True, watch=watch)
    return Tonight(
        business_date=business_date,
        billing=report,
        steps=plan(business_date),
        differences=_differences(report, _issued_on(add_months(business_date, -1))),
    )


def _differences(report: RunReport, before: dict[str, Decimal]) -> list[Difference]:
    return [
        Difference(
            currency=currency,
            tonight=report.totals.get(currency, ZERO),
            before=before.get(currency, ZERO),
        )
        for currency in sorted(report.totals.keys() | before.keys())
    ]


def _issued_on(day: date) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for totals in BillingRun.objects.filter(business_date=day).values_list("totals", flat=True):
        for currency, total in totals.items():
            sums[currency] = sums.get(currency, ZERO) + Decimal(total)
    return sums
