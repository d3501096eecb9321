"""What a product costs at least for a cycle: a line for what is missing when the period is over.

Base price, options and what was measured count before any discount, so that a promotion is not
taken back here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from billing.charges.schedule import Plan
from billing.rating import Agreement, LineKind, RatedLine
from billing.rating.lines import Charge, priced
from config.money import quantize
from config.periods import Period, period_containing
from products.models import Product

ZERO = Decimal(0)
RULE = "minimum"
PAST = (LineKind.FEATURE, LineKind.USAGE)


def minimum_of(product: Product, cycle: str, currency: str) -> Decimal:
    """Of a whole term; `Product.minimums` is {cycle: {currency: amount}}."""
    return Decimal(product.minimums.get(cycle, {}).get(currency, 0))


def pieces(plan: Plan, used: Period) -> Iterator[tuple[Period, Period]]:
    """The terms that a metered time touches, and what it touches of each: (whole, part)."""
    start = used.start
    while start < used.end:
        whole = period_containing(plan.anchor, plan.cycle, day=start)
        yield whole, Period(start, min(used.end, whole.end))
        start = whole.end


def measured(lines: Iterable[RatedLine]) -> str:
    """Tells one state of the readings behind a bill's lines from another."""
    used = (line for line in lines if line.kind in PAST and line.evidence["rule"] != RULE)
    return ",".join(line.evidence.get("used", "") for line in used)


def shortfall(
    minimum: Decimal,
    agreement: Agreement,
    *,
    lived: Iterable[tuple[Period, Period]],
    owed: Decimal,
    seen: str,
) -> RatedLine | None:
    """`lived` as `pieces` gives it, of the time that the service was there for; `seen` as
    `measured` gives it.
    """
    days = [(part.days, whole.days) for whole, part in lived]
    share = sum((Fraction(part, whole) for part, whole in days), Fraction(0))
    exact = minimum * share.numerator / share.denominator
    missing = quantize(exact, agreement.currency) - owed
    if missing <= 0:
        return None
    charge = Charge(
        kind=LineKind.USAGE,
        key=f"minimum:{agreement.period.start.isoformat()}",
        description=_("%(item)s, up to the minimum") % {"item": agreement.title},
        quantity=1,
        unit_price=missing,
        facts={
            "rule": RULE,
            "minimum": str(minimum),
            "owed": str(owed),
            "days": days,
            "used": seen,
        },
    )
    return priced(charge, agreement, agreement.period)
