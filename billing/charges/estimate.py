"""What the next invoice of a service would say if it were made now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from billing.charges import adjustments
from billing.charges.charging import CannotRate, Charged, charge, plan_of
from billing.charges.facts import Terms, gather, metering_terms
from billing.charges.schedule import bill_at
from billing.rating import RatedLine, Reading
from billing.rating.tranches import count_tranches, hundredths_of_gb
from config import clock
from config.periods import Period
from provisioning.models import Service


@dataclass(frozen=True, kw_only=True)
class Tranches:
    """The usage bar: GB used (two decimals), GB billed, and how many tranches that is."""

    used_gb: Decimal
    billed_gb: int
    size_gb: int
    count: int
    measured_at: datetime
    stale: bool

    @property
    def percent(self) -> int:
        """Of what is billed, 0 to 100."""
        return min(100, int(self.used_gb * 100 / self.billed_gb)) if self.billed_gb else 0


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Before tax. `problem` is why no estimate can be given."""

    currency: str
    due: datetime | None = None
    period: Period | None = None
    lines: tuple[RatedLine, ...] = ()
    notices: tuple[str, ...] = ()
    total: Decimal = Decimal(0)
    tranches: Tranches | None = None
    problem: str = ""


def next_invoice(service: Service) -> Estimate:
    """Of a service loaded with product and server. Uses the newest reading and what is on now."""
    if service.next_due is None:
        return Estimate(currency=service.currency)
    bill = bill_at(plan_of(service), service.next_due)
    facts = gather([service], {service.pk: bill}, terms=Terms())[service.pk]
    bar = _tranches(service, facts.reading)
    try:
        charged = charge(service, bill, facts, until=clock.now())
    except CannotRate as error:
        return Estimate(currency=service.currency, tranches=bar, problem=str(error))
    return _estimate(service, adjustments.attach([charged])[0], bar)


def _estimate(service: Service, charged: Charged, bar: Tranches | None) -> Estimate:
    return Estimate(
        currency=service.currency,
        due=clock.start_of_day(charged.bill.due),
        period=charged.bill.base or charged.bill.used,
        lines=charged.lines,
        notices=charged.notices,
        total=charged.total,
        tranches=bar,
    )


def _tranches(service: Service, reading: Reading | None) -> Tranches | None:
    terms = metering_terms(service.product, service.currency).tranche
    if terms is None or reading is None:
        return None
    hundredths = hundredths_of_gb(reading.value)
    count = count_tranches(hundredths, terms)
    return Tranches(
        used_gb=Decimal(hundredths).scaleb(-2),
        billed_gb=count * terms.size_gb,
        size_gb=terms.size_gb,
        count=count,
        measured_at=reading.at,
        stale=reading.stale,
    )
