"""Overdue invoices, written straight to the database."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import time_machine

from billing.dunning import run
from billing.models import DunningPolicy, DunningStep, Invoice, InvoiceLine
from provisioning.models import Service
from tests.factories import ServiceFactory

DUE = date(2026, 7, 1)
_serial = count(1)


def invoice(service: Service | None = None, *, total: str = "18.00", **values: Any) -> Invoice:
    """Issued two weeks before it is due."""
    owner = service or ServiceFactory(delivered=True)
    due = values.pop("due_on", DUE)
    made = Invoice.objects.create(
        **{
            "customer": owner.customer,
            "status": Invoice.Status.ISSUED,
            "number": f"INV-{next(_serial):05d}",
            "currency": "EUR",
            "issued_on": due - timedelta(days=14),
            "due_on": due,
            "net": Decimal(total),
            "total": Decimal(total),
        }
        | values
    )
    InvoiceLine.objects.create(
        invoice=made,
        position=1,
        service=owner,
        kind="base",
        description="Mail",
        quantity=Decimal(1),
        unit_price=Decimal(total),
        amount=Decimal(total),
    )
    return made


def policy(*steps: tuple[int, str], **values: Any) -> DunningPolicy:
    """In place of the standard one, unless it says `is_default=False`."""
    if values.get("is_default", True):
        DunningPolicy.objects.filter(is_default=True).update(is_default=False)
    number = next(_serial)
    made = DunningPolicy.objects.create(**{"name": f"Policy {number}", "is_default": True} | values)
    for offset, action in steps:
        template = "reminder_first" if action == "remind" else ""
        DunningStep.objects.create(policy=made, offset=offset, action=action, template=template)
    return made


def day(number: int) -> date:
    """So many days after the due date."""
    return DUE + timedelta(days=number)


def run_on(now: time_machine.Traveller, on: date) -> list[tuple[int, str]]:
    """(offset, action) of the steps that the run of a day took."""
    now.move_to(on)
    report = run.run(on)
    return [(event.step.offset, event.step.action) for event in report.taken]


def live_through(
    now: time_machine.Traveller, first: int, last: int
) -> dict[int, list[tuple[int, str]]]:
    """What was taken on each day, for the days on which anything was."""
    found = {number: run_on(now, day(number)) for number in range(first, last + 1)}
    return {number: steps for number, steps in found.items() if steps}
