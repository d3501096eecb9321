"""Dry runs as people ask for them: a worker does the work, batch by batch, and a page shows it.

Memory stays flat: the documents of a batch are written down and let go before the next one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from accounts.models import User
from billing.documents import sellers
from billing.documents.drafts import Draft
from billing.models import DryRun, DryRunDocument
from billing.nightly import tonight
from billing.nightly.progress import LOST
from billing.nightly.run import RunReport, count_due
from config import clock
from provisioning.engine.dispatch import send

KEEP = timedelta(days=7)
MOST_STEPS = 500  # are listed; the number of all e-mails tells of the rest
NO_WORKER = "The work could not be given to a worker: the message broker does not answer."
Status = DryRun.Status


def ask(business_date: date, *, by: User | None = None) -> DryRun:
    """The row a worker is told of: who asks for the same day again meanwhile gets the same one.
    ImproperlyConfigured without a seller.
    """
    lead_days = sellers.seller().lead_days
    running = DryRun.objects.filter(status=Status.RUNNING)
    running.filter(heartbeat_at__lt=clock.now() - LOST).update(status=Status.INTERRUPTED)
    DryRun.objects.filter(started_at__lt=clock.now() - KEEP).delete()
    under_way = running.filter(business_date=business_date).first()
    if under_way is not None:
        return under_way
    due = count_due(business_date, lead_days)
    row = DryRun.objects.create(business_date=business_date, asked_by=by, due_services=due)
    if not send("billing.tasks.work_dry_run", row.pk):
        row.status, row.error = Status.FAILED, NO_WORKER
        row.save(update_fields=["status", "error"])
    return row


def work(pk: int) -> None:
    """What is done is done; after a worker died it begins again."""
    row = DryRun.objects.filter(pk=pk).exclude(status=Status.DONE).first()
    if row is None:
        return
    row.documents.all().delete()
    row.status, row.error = Status.RUNNING, ""
    found = tonight.look(row.business_date, watch=_Watch(row).batch)
    _fill(row, found.billing)
    row.differences = [
        [each.currency, *_texts(each.tonight, each.before)] for each in found.differences
    ]
    row.steps = [[each.invoice.pk, str(each.step)] for each in found.steps[:MOST_STEPS]]
    row.mails = [[kind, number] for kind, number in found.mails]
    row.status, row.finished_at = Status.DONE, clock.now()
    row.save()


class _Watch:
    """Takes a batch's documents out of the report and writes them down."""

    def __init__(self, row: DryRun) -> None:
        self.row = row

    def batch(self, report: RunReport) -> None:
        DryRunDocument.objects.bulk_create(_documents(self.row, report.drafts), batch_size=500)
        report.drafts.clear()
        _fill(self.row, report)
        self.row.save()


def _fill(row: DryRun, report: RunReport) -> None:
    row.billed_services, row.issued_invoices = report.billed_services, report.issued
    row.held_invoices, row.stop_reason = report.held, report.stopped
    row.totals = {currency: str(total) for currency, total in sorted(report.totals.items())}
    row.failures = [{"service": pk, "error": text} for pk, text in report.failures.items()]
    row.heartbeat_at = clock.now()


def _documents(row: DryRun, drafts: Iterable[Draft]) -> Iterable[DryRunDocument]:
    for each in drafts:
        yield DryRunDocument(
            run=row,
            customer_id=each.invoice.customer_id,
            currency=each.invoice.currency,
            total=each.invoice.total,
            hold_reason=each.invoice.hold_reason,
            lines=[
                [line.description, *_texts(line.quantity, line.unit_price, line.amount)]
                for line in each.lines
            ],
        )


def _texts(*numbers: Decimal) -> list[str]:
    return [str(number) for number in numbers]
