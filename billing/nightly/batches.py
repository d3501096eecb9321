"""One batch of whole customers: lock them, find what is due, rate it, store it, move the due
dates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Mod

from accounts.models import Customer
from billing.changes.closing import waits_for_change
from billing.charges import adjustments, discounts
from billing.charges.charging import CannotRate, Charged, charge, plan_of
from billing.charges.facts import Terms as MeteringCache
from billing.charges.facts import gather
from billing.charges.schedule import Bill, bill_at
from billing.documents.drafts import Draft, Terms, draft, group, store
from billing.models import Claim
from billing.nightly import progress
from billing.nightly.due import (
    billed_monthly,
    ended_early,
    last_bill_now,
    last_due,
    profile_of,
    waits_for_payment,
)
from billing.nightly.guards import Guard
from billing.nightly.progress import Tally
from billing.rating import RatedLine
from config.periods import Period
from products.models import Product
from provisioning.models import Service

BILLABLE = (
    Service.Desired.ACTIVE,
    Service.Desired.SUSPENDED,
    Service.Desired.TERMINATED,
)


@dataclass(frozen=True)
class Shard:
    """The customers whose id leaves `number` when divided by `of`: one worker's part of a run."""

    number: int = 0
    of: int = 1


WHOLE = Shard()


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

    def add(self, done: Tally) -> None:
        self.issued += done.issued
        self.held += done.held
        self.billed_services += done.services
        for currency, total in done.totals.items():
            self.totals[currency] += total


def due_services(business_date: date, lead_days: int) -> Q:
    """Metered and arrears services are due on the day; fixed prices in advance go out earlier."""
    early = Q(
        product__timing=Product.Timing.ADVANCE,
        next_due__lte=business_date + timedelta(days=lead_days),
    )
    due = Q(desired__in=BILLABLE, activated_at__isnull=False, billing_hold__isnull=True) & (
        Q(next_due__lte=business_date) | early | billed_monthly(business_date)
    )
    return (due & ~waits_for_change() & ~waits_for_payment()) | ended_early(business_date)


def batches(business_date: date, lead_days: int, *, size: int, shard: Shard) -> Iterator[list[int]]:
    """Ids of customers with something due, each once, by key: flat memory, and no batch twice."""
    due = Service.objects.filter(due_services(business_date, lead_days))
    if shard.of > 1:
        due = due.annotate(shard=Mod(F("customer_id"), shard.of)).filter(shard=shard.number)
    last = 0
    while True:
        found = due.filter(customer__gt=last).order_by("customer_id")
        ids = list(found.values_list("customer_id", flat=True).distinct()[:size])
        if not ids:
            return
        yield ids
        last = ids[-1]


def tally(drafts: Iterable[Draft]) -> Tally:
    done = Tally()
    for each in drafts:
        held = bool(each.invoice.hold_reason)
        done.held += held
        done.issued += not held
        done.services += len({line.service_id for line in each.lines})
        if not held:
            currency = each.invoice.currency
            done.totals[currency] = done.totals.get(currency, Decimal(0)) + each.invoice.total
    return done


@dataclass
class Biller:
    """Bills batches of customers. What it did is in `report`; what stands in the database is
    booked on the run's row in the same transaction, so the figures people watch are exact.
    """

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
            done = tally(drafts)
            if self.terms.run:
                progress.book(self.terms.run, done, self.guard)
            else:
                transaction.set_rollback(True)
        self.report.add(done)
        if self.terms.run is None:
            self._look_ahead(drafts)

    def _bill(self, customer_ids: Sequence[int]) -> list[Draft]:
        charged = adjustments.attach(list(self._charge_all(self._due(customer_ids))))
        groups = group(charged, on=self.terms.issued_on)
        drafts = [draft(parts, self.terms) for parts in groups.values()]
        store(drafts, self.terms)
        return drafts

    def _look_ahead(self, drafts: Sequence[Draft]) -> None:
        """A dry run keeps its documents, and shows at its end what would have stopped it."""
        self.report.drafts.extend(drafts)
        self.report.stopped = self.guard.excess(self.report.totals)

    def _due(self, customer_ids: Sequence[int]) -> list[Service]:
        due = due_services(self.report.business_date, self.terms.seller.lead_days)
        found = (
            Service.objects.filter(due, customer_id__in=customer_ids)
            .select_related(
                "product", "customer__vat", "customer__billing", "server", "cancellation"
            )
            .order_by("customer_id", "domain", "pk")
        )
        return [last_bill_now(each) for each in found]

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
            services = [each for each in rated if self._is_due(each) and _goes_on(each)]

    def _is_due(self, service: Service) -> bool:
        """The query's condition, with what only the module knows: what is metered waits for the
        day.
        """
        if service.next_due is None:
            return False
        terms = self.metering.of(service.product, service.currency)
        fixed = terms.tranche is None and not terms.arrears
        advance = service.product.timing == Product.Timing.ADVANCE
        lead = self.terms.seller.lead_days if advance and fixed else None
        profile = profile_of(service.customer)
        return service.next_due <= last_due(profile, self.report.business_date, lead_days=lead)


def _goes_on(service: Service) -> bool:
    """Whether more than one period may be open at a time."""
    return profile_of(service.customer).continuous


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
