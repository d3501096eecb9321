"""Real processes at once, and killed: every period is billed once, numbers have no gaps."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from billing.models import Claim, Invoice, InvoiceLine
from billing.nightly.run import run
from provisioning.models import Service, UsageReading
from tests.billing import build
from tests.billing.build import noon
from tests.support.processes import manage

FIRST_OF_APRIL = "2026-04-01"
SERVICES = 2_400
pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _services():
    build.seller()
    build.vat()
    sold = build.metered(setup="5.00")
    owners = build.many_services(sold, SERVICES, anchor=date(2026, 2, 1))
    UsageReading.objects.bulk_create(
        UsageReading(service=owner, metric="disk", value=21 * build.GB, at=noon(day), source="sync")
        for owner in owners
        for day in (date(2026, 2, 28), date(2026, 3, 31))
    )


def start(batch: int = 60):
    return manage("run_billing", "--skip-checks", "--date", FIRST_OF_APRIL, "--batch", str(batch))


def finish(process) -> str:
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    return output


def faults() -> dict[str, int]:
    """What the published drills on other panels found; every counter has to be 0."""
    invoices = list(Invoice.objects.prefetch_related("lines", "taxes"))
    billed = Counter(
        InvoiceLine.objects.filter(kind="base").values_list("service_id", "period_start")
    )
    numbers = sorted(int(invoice.number[-5:]) for invoice in invoices if invoice.number)
    return {
        "doubled": sum(times > 1 for times in billed.values()),
        "missing": SERVICES * 2 - len(billed),
        "without number": sum(invoice.number is None for invoice in invoices),
        "number twice or gap": int(numbers != list(range(1, len(invoices) + 1))),
        "wrong total": sum(not adds_up(invoice) for invoice in invoices),
        "short of lines": sum(len(invoice.lines.all()) != 3 for invoice in invoices),
        "claims off": SERVICES * 5 - Claim.objects.count(),
        "still due": Service.objects.filter(next_due__lte=date(2026, 4, 1)).count(),
        "setup again": Service.objects.filter(charge_setup=True).count(),
    }


def adds_up(invoice: Invoice) -> bool:
    net = sum(line.amount for line in invoice.lines.all())
    tax = sum(row.tax for row in invoice.taxes.all())
    return invoice.net == net == Decimal("41.00") and invoice.total == net + tax == Decimal("48.79")


def documents() -> set[tuple[object, ...]]:
    """All that customers would read, without the numbers, which depend on the order of work."""
    lines = InvoiceLine.objects.values_list(
        "invoice__customer", "invoice__total", "position", "description", "amount", "period_start"
    )
    return set(lines)


def undisturbed() -> set[tuple[object, ...]]:
    """What one run would make if nothing happened to it: a dry run, which is rolled back."""
    drafts = run(date.fromisoformat(FIRST_OF_APRIL), dry_run=True).drafts
    return {
        (
            each.invoice.customer_id,
            each.invoice.total,
            line.position,
            line.description,
            line.amount,
            line.period_start,
        )
        for each in drafts
        for line in each.lines
    }


def clean(found: dict[str, int]) -> bool:
    return not any(found.values())


def test_two_runs_at_once_bill_every_period_once():
    expected = undisturbed()
    first, second = start(), start()
    finish(first), finish(second)
    assert clean(faults()), faults()
    assert documents() == expected


def test_runs_killed_at_random_moments_leave_nothing_doubled_and_nothing_lost():
    expected = undisturbed()
    chance = random.Random(20260401)
    for _ in range(8):
        process = start(batch=20)
        wait_for_invoices(process, more=chance.randrange(20, 240))
        process.kill()
        process.communicate()
    finish(start())
    assert clean(faults()), faults()
    assert documents() == expected


def wait_for_invoices(process, *, more: int) -> None:
    """Until the run has committed some work, so that the kill hits it in the middle."""
    wanted = Invoice.objects.count() + more
    deadline = time.monotonic() + 180
    while Invoice.objects.count() < wanted and process.poll() is None:
        assert time.monotonic() < deadline, "the run does not get on"
        time.sleep(0.005)
