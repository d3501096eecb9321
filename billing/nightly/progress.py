"""The row of a billing run: begun, booked batch by batch, and closed by the last of its shards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from billing.models import BillingRun
from billing.nightly.guards import Guard, Stopped
from config import clock

Status = BillingRun.Status
LOST = timedelta(minutes=10)  # a running run that shows no sign of life for so long was killed


@dataclass
class Tally:
    """What one batch did. `totals` is money issued, by currency."""

    issued: int = 0
    held: int = 0
    services: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)


def begin(business_date: date, *, due: int, shards: int = 1, guarded: bool = True) -> BillingRun:
    lost = BillingRun.objects.filter(status=Status.RUNNING, heartbeat_at__lt=clock.now() - LOST)
    lost.update(status=Status.INTERRUPTED)
    return BillingRun.objects.create(
        business_date=business_date, due_services=due, shards=shards, guarded=guarded
    )


def book(run: BillingRun, done: Tally, guard: Guard) -> None:
    """Add a batch to the run, inside the batch's transaction and as its last lock.

    Stopped when the run, all shards together, would go beyond its bounds; the batch is then undone.
    """
    row = BillingRun.objects.select_for_update().get(pk=run.pk)
    totals = {currency: Decimal(total) for currency, total in row.totals.items()}
    for currency, total in done.totals.items():
        totals[currency] = totals.get(currency, Decimal(0)) + total
    excess = guard.excess(totals)
    if excess:
        raise Stopped(excess)
    row.totals = {currency: str(total) for currency, total in totals.items()}
    row.billed_services += done.services
    row.issued_invoices += done.issued
    row.held_invoices += done.held
    row.heartbeat_at = clock.now()
    row.save()


def end(run: BillingRun, shard: int, *, failures: Mapping[int, str], stopped: str = "") -> bool:
    """One shard is through; True when it was the last. A shard that ends twice counts once."""
    with transaction.atomic():
        row = BillingRun.objects.select_for_update().get(pk=run.pk)
        if shard in row.done_shards:
            return False
        row.done_shards = [*row.done_shards, shard]
        row.failures += [{"service": key, "error": error} for key, error in failures.items()]
        row.stop_reason = row.stop_reason or stopped
        row.heartbeat_at = clock.now()
        last = len(row.done_shards) >= row.shards
        if last:
            row.status = Status.STOPPED if row.stop_reason else Status.DONE
            row.finished_at = row.heartbeat_at
        row.save()
    return last
