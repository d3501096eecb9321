"""The billing run: everything that is due by a business date, exactly once.

Each batch of whole customers is one transaction. A run that is killed loses only the batch it was
in; a second run, or another shard of the same, takes other customers at the same time; a period
billed before is found by its claim, and refused by a constraint if all else failed. No platform is
called.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from billing.changes import apply as changes
from billing.documents import sellers
from billing.documents.drafts import Terms
from billing.models import BillingRun, TaxRate
from billing.nightly import late, progress
from billing.nightly.batches import WHOLE, Biller, RunReport, Shard, batches, due_services
from billing.nightly.guards import Guard, Stopped
from config import clock
from config.memory import settled
from provisioning.models import Service

BATCH = 1000
Watch = Callable[[RunReport], None]


def run(
    business_date: date,
    *,
    dry_run: bool = False,
    batch: int = BATCH,
    guarded: bool = True,
    watch: Watch | None = None,
) -> RunReport:
    """ImproperlyConfigured without a seller; ValueError for a future date that is no dry run.

    Not `guarded`, the run goes on where one before was stopped because it billed far more than
    usual. `watch` is called after each batch.
    """
    if dry_run:
        return _bill(business_date, None, batch=batch, guarded=guarded, watch=watch)
    row = start(business_date, guarded=guarded)
    prepare(business_date)
    report = _bill(business_date, row, batch=batch, guarded=guarded, watch=watch)
    _end(row, 0, report)
    return report


def start(business_date: date, *, shards: int = 1, guarded: bool = True) -> BillingRun:
    """The row of a run whose shards are then billed by `bill_shard`, by any workers in any order,
    when `prepare` is done.
    """
    if business_date > clock.today():
        raise ValueError("Invoices are not issued ahead of their day; use a dry run to look ahead.")
    lead_days = sellers.seller().lead_days
    return progress.begin(
        business_date, due=count_due(business_date, lead_days), shards=shards, guarded=guarded
    )


def give_up(row: BillingRun) -> None:
    """Of a run that no worker was told of."""
    BillingRun.objects.filter(pk=row.pk, status=BillingRun.Status.RUNNING).update(
        status=BillingRun.Status.INTERRUPTED
    )


def prepare(business_date: date) -> None:
    """Changes at the end of a term come before what is paid in advance, and again when the run has
    ended, after what is paid in arrears. What was measured late stands on this run's documents.
    """
    changes.carry_out(business_date)
    late.adjust(business_date)


def count_due(business_date: date, lead_days: int) -> int:
    """Services that may be due: a fixed price in advance counts early even where it is metered."""
    return Service.objects.filter(due_services(business_date, lead_days)).count()


def bill_shard(row: BillingRun, number: int, *, batch: int = BATCH) -> bool:
    """True when this was the last shard of the run. Doing it again bills nothing again."""
    report = _bill(
        row.business_date, row, batch=batch, guarded=row.guarded, shard=Shard(number, row.shards)
    )
    return _end(row, number, report)


def _end(row: BillingRun, shard: int, report: RunReport) -> bool:
    last = progress.end(row, shard, failures=report.failures, stopped=report.stopped)
    if last:
        changes.carry_out(row.business_date)
    return last


def _bill(  # noqa: PLR0913 - the ways a run may differ, all of them named
    business_date: date,
    row: BillingRun | None,
    *,
    batch: int,
    guarded: bool,
    shard: Shard = WHOLE,
    watch: Watch | None = None,
) -> RunReport:
    """Without a row it is a dry run: the same work, rolled back."""
    report = RunReport(business_date=business_date, dry_run=row is None)
    terms = Terms(
        seller=sellers.seller(),
        rates=list(TaxRate.objects.all()),
        issued_on=max(business_date, clock.today()),
        run=row,
    )
    biller = Biller(report=report, terms=terms, guard=Guard.usual() if guarded else Guard())
    lead = terms.seller.lead_days
    try:
        with settled():
            for customers in batches(business_date, lead, size=batch, shard=shard):
                biller.batch(customers)
                if watch:
                    watch(report)
    except Stopped as stopped:
        report.stopped = str(stopped)
    return report


__all__ = ["BATCH", "RunReport", "bill_shard", "give_up", "prepare", "run", "start"]
