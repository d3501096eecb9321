"""The dunning of a business date: what is overdue is taken one step further.

Each step is one transaction of its own, under the customer's and the invoice's lock, with the row
that says that it was taken. A run that is killed loses at most the step it was in; two at once meet
at the lock, and the second finds the step taken. Gateways are asked between transactions; platforms
through commands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import structlog
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import audit
from billing.dunning import acts
from billing.dunning.acts import Delayed
from billing.dunning.cases import Known, Policies, known, open_invoices
from billing.dunning.steps import next_step
from billing.locks import lock_customer, lock_invoices
from billing.models import ChargeAttempt, DunningEvent, DunningRun, DunningStep, Invoice
from billing.payments import collect
from config import clock

log = structlog.get_logger(__name__)

BATCH = 500
OUTAGE = timedelta(days=1)  # a run that follows the one before by more comes after an outage


@dataclass(kw_only=True)
class DunningReport:
    """`delayed`: by invoice id, why a step that is due was not taken."""

    business_date: date
    taken: list[DunningEvent] = field(default_factory=list)
    delayed: dict[int, str] = field(default_factory=dict)


def run(business_date: date) -> DunningReport:
    """Once or many times a day: what was taken is not taken again. ValueError for a future date."""
    if business_date > clock.today():
        raise ValueError("Nobody is reminded of what is not due yet.")
    row, _created = DunningRun.objects.get_or_create(business_date=business_date)
    engine = _Run(report=DunningReport(business_date=business_date), outage=_after_outage(row))
    charge_waiting()
    engine.work()
    row.finished_at = clock.now()
    row.steps_taken += len(engine.report.taken)
    row.delayed = [
        {"invoice": pk, "reason": reason} for pk, reason in engine.report.delayed.items()
    ]
    row.save()
    return engine.report


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A step that a day's run would take first for an invoice."""

    invoice: Invoice
    step: DunningStep


def plan(business_date: date) -> list[Planned]:
    """What `run` would begin with on that day, for looking ahead. Nothing is taken."""
    policies = Policies()
    found: list[Planned] = []
    for batch in _slices(open_invoices(business_date, policies)):
        for each in known(batch, policies):
            step = next_step(each.steps, each.case, on=business_date, after_outage=False)
            if step:
                found.append(Planned(invoice=each.invoice, step=each.rows[step.pk]))
    return found


def _after_outage(row: DunningRun) -> bool:
    """The very first run counts as one: nobody has been reminded before."""
    before = DunningRun.objects.filter(business_date__lt=row.business_date).first()
    return before is None or row.business_date - before.business_date > OUTAGE


@dataclass
class _Run:
    report: DunningReport
    outage: bool
    policies: Policies = field(default_factory=Policies)

    def work(self) -> None:
        ids = open_invoices(self.report.business_date, self.policies)
        for batch in _slices(ids):
            for found in known(batch, self.policies):
                self._as_far_as_today(found)

    def _as_far_as_today(self, found: Known) -> None:
        """All steps of one offset, one after the other."""
        while self._due(found) and self._advance(found.invoice):
            again = known([found.invoice.pk], self.policies)
            if not again:
                return
            found = again[0]

    def _due(self, found: Known) -> DunningStep | None:
        step = next_step(
            found.steps, found.case, on=self.report.business_date, after_outage=self.outage
        )
        return found.rows[step.pk] if step else None

    def _advance(self, invoice: Invoice) -> bool:
        """Whether a step was taken."""
        try:
            event = self._take(invoice)
        except (Delayed, ValidationError, IntegrityError) as reason:
            self._delay(invoice, reason)
            return False
        if event is None:
            return False
        self.report.taken.append(event)
        if event.outcome == acts.WAITING:
            _charge(event)
        return True

    @transaction.atomic
    def _take(self, invoice: Invoice) -> DunningEvent | None:
        """None when it was paid or taken by somebody else in the meantime. Delayed."""
        lock_customer(invoice.customer_id)
        lock_invoices([invoice.pk])
        found = next(iter(known([invoice.pk], self.policies)), None)
        step = self._due(found) if found else None
        if found is None or step is None:
            return None
        event = DunningEvent.objects.create(
            invoice=found.invoice, step=step, on=self.report.business_date
        )
        event.outcome = acts.take(found, step, self.report.business_date)[:250]
        event.save(update_fields=["outcome"])
        audit.record(
            "dunning.step_taken",
            found.invoice,
            after={"step": str(step), "outcome": event.outcome},
        )
        return event

    def _delay(self, invoice: Invoice, reason: Exception) -> None:
        text = " ".join(getattr(reason, "messages", [str(reason)]))
        log.warning("dunning step delayed", invoice=invoice.pk, reason=text)
        self.report.delayed[invoice.pk] = text


def charge_waiting() -> None:
    """What a run that was killed had decided to charge and did not come to."""
    waiting = DunningEvent.objects.filter(outcome=acts.WAITING)
    for event in waiting.select_related("invoice__customer", "step").order_by("pk"):
        _charge(event)


def _charge(event: DunningEvent) -> None:
    """No lock is held while the gateway is asked; one attempt at a time is open per invoice."""
    invoice = Invoice.objects.select_related("customer").get(pk=event.invoice_id)
    attempt = collect.charge(invoice) if invoice.open_amount else None
    event.outcome = _outcome(invoice, attempt)
    event.save(update_fields=["outcome"])


def _outcome(invoice: Invoice, attempt: ChargeAttempt | None) -> str:
    if attempt is None:
        return "nothing to charge with" if invoice.open_amount else "was paid already"
    return f"{attempt.get_status_display()} {attempt.error}".strip()[:250]


def _slices(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
