"""What must be billed of the old terms before new ones begin."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q

from billing.charges.charging import charge, plan_of
from billing.charges.facts import Terms as MeteringCache
from billing.charges.facts import gather
from billing.charges.schedule import Bill, used_from
from billing.documents import sellers
from billing.documents.drafts import Terms, draft, store
from billing.models import Claim, ServiceChange, TaxRate
from config import clock
from config.periods import CYCLES, DAY, Period, period_containing
from products.models import Product
from provisioning.models import Command, Service

OPEN = (Command.Status.QUEUED, Command.Status.RUNNING)


def close_usage(service: Service, day: date) -> None:
    """Usage of the running period up to `day`, on a document of its own."""
    cycle = CYCLES[service.cycle]
    if not cycle.recurs or day <= service.anchor:
        return
    running = period_containing(service.anchor, cycle, day=day - DAY).start
    start = used_from(plan_of(service), running)
    claimed = Claim.objects.filter(service=service, kind="usage", period_start=start)
    if start >= day or claimed.exists():
        return
    bill = Bill(due=day, base=None, used=Period(start, day), next_due=None)
    facts = gather([service], {service.pk: bill}, terms=MeteringCache())[service.pk]
    charged = charge(service, bill, facts)
    if charged.lines:
        terms = Terms(
            seller=sellers.seller(), rates=list(TaxRate.objects.all()), issued_on=clock.today()
        )
        store([draft([charged], terms)], terms)


def in_advance(product: Product) -> bool:
    return product.timing == Product.Timing.ADVANCE


def is_billed(change: ServiceChange, business_date: date) -> bool:
    """Whether the old terms are billed up to the day of the change: in arrears the run comes
    first, in advance it waits for the change.
    """
    service = change.service
    assert change.apply_on is not None
    if plan_of(service).in_advance:
        return True
    return service.next_due is None or service.next_due > change.apply_on


def waits_for_change() -> Q:
    """Services the run leaves out for now: their next term belongs to a plan that is not there
    yet.
    """
    scheduled = ServiceChange.objects.filter(
        service=OuterRef("pk"), status=ServiceChange.Status.SCHEDULED
    )
    asked = Command.objects.filter(
        service=OuterRef("pk"),
        action=Command.Action.CHANGE_PACKAGE,
        cause__startswith="change:",
        status__in=OPEN,
    )
    ahead = Q(product__timing=Product.Timing.ADVANCE)
    return (ahead & Q(Exists(scheduled))) | Q(Exists(asked))
