"""Features charged for each day of use, from a product's settings to the lines of an invoice."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine

from billing.models import Invoice
from billing.nightly.run import run
from tests.billing import build
from tests.rating.naive import recompute

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
pytestmark = pytest.mark.usefixtures("seller")


def midnight(day: int, month: int = 6) -> datetime:
    return datetime(2026, month, day, tzinfo=UTC)


@pytest.mark.parametrize("threshold", [0, 1, 20])
def test_thirty_days_of_one_and_twelve_of_both_are_charged_by_the_day(threshold: int) -> None:
    """4.50 for 12 of 30 days, 2.00 for the other 18; how long before it is billed is no matter."""
    settings = {"addon_basis": "days", "addon_threshold_days": threshold}
    owner = build.service(build.metered(price="0", settings=settings), anchor=JUNE)
    build.reading(owner, "1", at=midnight(30))
    build.interval(owner, "anna", "eas", midnight(1), None)
    build.interval(owner, "anna", "mapi", midnight(1), midnight(13))
    with time_machine.travel(midnight(1, 7).replace(hour=12), tick=False):
        run(JULY)
    lines = Invoice.objects.get().lines.filter(kind="feature").order_by("position")
    assert [f"{line.amount:.2f}" for line in lines] == ["1.80", "1.20"]
    assert all(recompute(line.evidence) == line.amount for line in lines)
    assert (Invoice.objects.get().net, Invoice.objects.get().notices) == (3, [])
