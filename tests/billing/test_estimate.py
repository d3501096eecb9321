"""What waits for the next document is part of its estimate."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing.charges.estimate import next_invoice
from billing.models import Adjustment, Invoice
from billing.nightly.run import run
from provisioning.models import Service
from tests.billing import build

pytestmark = pytest.mark.usefixtures("seller")


def waits(owner: Service, amount: str) -> Adjustment:
    return Adjustment.objects.create(
        service=owner,
        key=f"late:{amount}",
        description="Late usage of February",
        amount=Decimal(amount),
        period_start=date(2026, 2, 1),
        period_end=date(2026, 3, 1),
        evidence={},
    )


def test_the_estimate_shows_what_waits_and_the_invoice_says_the_same() -> None:
    owner = build.service(build.product(price="6.00"))
    waits(owner, "2.50")
    waits(owner, "-1.00")
    waits(owner, "-20.00")  # too much for this document: it waits on
    found = next_invoice(owner)
    assert [(str(line.kind), line.amount) for line in found.lines[1:]] == [
        ("adjustment", Decimal("2.50")),
        ("adjustment", Decimal("-1.00")),
    ]
    assert found.total == Decimal("7.50")
    assert Adjustment.objects.filter(invoice=None).count() == 3
    run(date(2026, 4, 1))
    assert Invoice.objects.get().net == found.total


def test_what_is_billed_already_is_not_shown_again() -> None:
    owner = build.service(build.product(price="6.00"))
    waits(owner, "2.50")
    run(date(2026, 4, 1))
    owner.refresh_from_db()
    assert next_invoice(owner).total == Decimal("6.00")
