"""The billing run: everything that is due by a business date, exactly once.

Works in batches of whole customers. Each batch is one transaction: lock the customers, find what
is due, rate it, store invoices with their claims, move the due dates, take numbers. A run that is
killed loses only the batch it was in; a second run at the same time takes other customers; a
period billed before is found by its claim, and refused by a constraint if all else failed. No
platform is called.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from accounts.models import Customer
from billing import adjustments, discounts, sellers
from billing.changes.closing import waits_for_change
from billing.charging import CannotRate, Charged, charge, plan_of
from billing.documents import Draft, Terms, draft, group, store
from billing.facts import Terms as MeteringCache
from billing.facts import gather
from billing.guards import Guard, Stopped
from billing.models import BillingRun, Claim, TaxRate
from billing.rating import RatedLine
from billing.schedule import Bill, bill_at
from config import clock
from config.periods import Period
from products.models import Product
from provisioning.models import Service

BATCH = 500
LOST = timedelta(minutes=10)  # a running run that shows no sign of life for so long was killed
BILLABLE = (
    Service.Desired.ACTIVE,
    Service.Desired.SUSPENDED,
    Service.Desired.TERMINATED,
)


@dataclass(kw_only=True)
class RunReport:
    """What a run did, or in a dry run would do. `totals` is money issued by currency."""

    business_date: date
    dry_run: bool
    issued: int = 0
    held: int = 0
    billed_services: int = 0
    totals: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    failures: dict[int, str] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)  # of a dry run
    stopped: str = ""  # why a person must look before the rest is issued


def run(
    business_date: date, *, dry_run: bool = False, batch: int = BATCH, guarded: bool = True
) -> RunReport:
    """ImproperlyConfigured without a seller; ValueError for a future date that is no dry run.

    Not `guarded`, the run goes on where one before was stopped because it billed far more than
    usual.
    """
    today = clock.today()
    if business_date > today and not dry_run:
        raise ValueError("Invoices are not issued ahead of their day; use a dry run to look ahead.")
    report = RunReport(business_date=business_date, dry_run=dry_run)
    terms = Terms(
        seller=sellers.seller(),
        rates=list(TaxRate.objects.all()),
        issued_on=max(business_date, today),
        run=None if dry_run else _start(business_date),
    )
    engine = _Run(report=report, terms=terms, guard=Guard.usual() if guarded else Guard())
    try:
        for customers in _batches(business_date, terms.seller.lead_days, batch):
            engine.batch(customers)
    except Stopped as stopped:
        report.stopped = str(stopped)
    if terms.run:
        _finish(terms.run, report)
    return report


def due_services(business_date: date, lead_days: int) -> Q:
    """Metered and arrears services are due on the day; fixed prices in advance go out earlier."""
    early = Q(
        product__timing=Product.Timing.ADVANCE,
        next_due__lte=business_date + timedelta(days=lead_days),
    )
    due = Q(desired__in=BILLABLE, activated_at__isnull=False, billing_hold__isnull=True) & (
        Q(next_due__lte=business_date) | early
    )
    return due & ~waits_for_change()


def _batches(business_date: date, lead_days: int, size: int) -> Iterator[list[int]]:
    """Ids of customers with something due, each once, by key: flat memory, and no batch twice."""
    last = 0
    while True:
        found = Service.objects.filter(due_services(business_date, lead_days), customer__gt=last)
        ids = list(
            found.order_by("customer_id").values_list("customer_id", flat=True).distinct()[:size]
        )
        if not ids:
            return
        yield ids
        last = ids[-1]


@dataclass
class _Run:
    report: RunReport
    terms: Terms
    guard: Guard
    metering: MeteringCache = field(default_factory=MeteringCache)

    def batch(self, customer_ids: Sequence[int]) -> None:
        with transaction.atomic():
            # Another run's customers are skipped: it is billing them right now.
            locked = list(
                Customer.objects.select_for_update(skip_locked=True, no_key=True)
                .filter(pk__in=customer_ids)
                .values_list("pk", flat=True)
            )
            drafts = self._bill(locked)
            self._guard(drafts)
            if self.report.dry_run:
                transaction.set_rollback(True)
        self._count(drafts)
        self._show_progress()

    def _bill(self, customer_ids: Sequence[int]) -> list[Draft]:
        charged = adjustments.attach(list(self._charge_all(self._due(customer_ids))))
        drafts = [draft(parts, self.terms) for parts in group(charged).values()]
        store(drafts, self.terms)
        return drafts

    def _guard(self, drafts: Sequence[Draft]) -> None:
        """Inside the batch's transaction, so that what is stopped was never issued. A dry run goes
        on, and shows at its end what would have stopped it.
        """
        totals = dict(self.report.totals)
        for each in drafts:
            currency = each.invoice.currency
            totals[currency] = totals.get(currency, Decimal(0)) + each.invoice.total
        try:
            self.guard.check(totals)
        except Stopped as stopped:
            if not self.report.dry_run:
                raise
            self.report.stopped = str(stopped)

    def _due(self, customer_ids: Sequence[int]) -> list[Service]:
        due = due_services(self.report.business_date, self.terms.seller.lead_days)
        return list(
            Service.objects.filter(due, customer_id__in=customer_ids)
            .select_related(
                "product", "customer__vat", "customer__billing", "server", "cancellation"
            )
            .order_by("customer_id", "domain", "pk")
        )

    def _charge_all(self, services: Sequence[Service]) -> Iterator[Charged]:
        """Period after period, until every service is billed up to the business date."""
        while services:
            bills = {
                each.pk: bill_at(plan_of(each), each.next_due) for each in services if each.next_due
            }
            services = [each for each in services if self._is_due(each)]
            claimed = _claimed(services, bills)
            facts = gather(services, bills, terms=self.metering)
            rated: list[Service] = []
            lines: list[tuple[RatedLine, ...]] = []
            for service in services:
                bill = bills[service.pk]
                try:
                    if not _already(bill, claimed[service.pk]):
                        charged = charge(service, bill, facts[service.pk])
                        lines.append(charged.lines)
                        yield charged
                except CannotRate as error:
                    self.report.failures[service.pk] = str(error)
                    continue
                rated.append(service)
            _advance(rated, bills)
            discounts.count_down(lines)
            services = [each for each in rated if self._is_due(each)]

    def _is_due(self, service: Service) -> bool:
        """The query's condition, with what only the module knows: what is metered waits for the
        day.
        """
        if service.next_due is None:
            return False
        terms = self.metering.of(service.product, service.currency)
        fixed = terms.tranche is None and not terms.arrears
        advance = service.product.timing == Product.Timing.ADVANCE
        lead = self.terms.seller.lead_days if advance and fixed else 0
        return service.next_due <= self.report.business_date + timedelta(days=lead)

    def _count(self, drafts: Iterable[Draft]) -> None:
        for each in drafts:
            held = bool(each.invoice.hold_reason)
            self.report.held += held
            self.report.issued += not held
            self.report.billed_services += len({line.service_id for line in each.lines})
            if not held:
                self.report.totals[each.invoice.currency] += each.invoice.total
            if self.report.dry_run:
                self.report.drafts.append(each)

    def _show_progress(self) -> None:
        if self.terms.run:
            BillingRun.objects.filter(pk=self.terms.run.pk).update(
                heartbeat_at=clock.now(),
                billed_services=self.report.billed_services,
                issued_invoices=self.report.issued,
                held_invoices=self.report.held,
            )


def _claimed(
    services: Sequence[Service], bills: Mapping[int, Bill]
) -> dict[int, set[tuple[str, date]]]:
    """By service, the (kind, period start) that are billed already among those now due."""
    starts = {span.start for each in services for span in _spans(bills[each.pk]).values()}
    rows = Claim.objects.filter(service__in=services, period_start__in=starts)
    found: dict[int, set[tuple[str, date]]] = defaultdict(set)
    for service, kind, start in rows.values_list("service_id", "kind", "period_start"):
        found[service].add((kind, start))
    return found


def _spans(bill: Bill) -> dict[str, Period]:
    spans = {"base": bill.base, "usage": bill.used}
    return {kind: span for kind, span in spans.items() if span}


def _already(bill: Bill, claims: set[tuple[str, date]]) -> bool:
    """A due date is billed as a whole, so either claim tells."""
    return any((kind, span.start) in claims for kind, span in _spans(bill).items())


def _advance(services: Iterable[Service], bills: dict[int, Bill]) -> None:
    """One statement per new due date, of which a batch has few."""
    moved: dict[date | None, list[int]] = defaultdict(list)
    for service in services:
        service.next_due = bills[service.pk].next_due
        service.charge_setup = False
        moved[service.next_due].append(service.pk)
    for due, ids in moved.items():
        Service.objects.filter(pk__in=ids).update(next_due=due, charge_setup=False)


def _start(business_date: date) -> BillingRun:
    BillingRun.objects.filter(
        status=BillingRun.Status.RUNNING, heartbeat_at__lt=clock.now() - LOST
    ).update(status=BillingRun.Status.INTERRUPTED)
    return BillingRun.objects.create(business_date=business_date)


def _finish(row: BillingRun, report: RunReport) -> None:
    row.status = BillingRun.Status.STOPPED if report.stopped else BillingRun.Status.DONE
    row.stop_reason = report.stopped
    row.totals = {currency: str(total) for currency, total in report.totals.items()}
    row.finished_at = row.heartbeat_at = clock.now()
    row.billed_services = report.billed_services
    row.issued_invoices, row.held_invoices = report.issued, report.held
    row.failures = [
        {"service": service, "error": error} for service, error in report.failures.items()
    ]
    row.save()
