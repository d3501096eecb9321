"""What needs a person, each as one query. Counts stop at a limit: more calls for the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from billing.models import (
    BillingRun,
    ChargeAttempt,
    ChargeBack,
    GatewayEvent,
    Invoice,
    Order,
    SentMail,
    ServiceHold,
    TerminationRequest,
)
from config import clock
from provisioning.models import Command, Server, Service, UsageReading

LIMIT = 100
REFUSALS_FOR = timedelta(days=14)
# Wanted and seen states that agree. Anything else is a difference a person may have to settle.
AGREES = (
    (Service.Desired.ACTIVE, Service.Observed.ACTIVE),
    (Service.Desired.SUSPENDED, Service.Observed.SUSPENDED),
    (Service.Desired.TERMINATED, Service.Observed.MISSING),
)
# Some platforms keep a terminated account, suspended: the command says so and is done.
KEPT = (Service.Desired.TERMINATED, Service.Observed.SUSPENDED)
UNSETTLED = (Service.Desired.PENDING, Service.Desired.CANCELLED)
DELIVERED = (Service.Desired.ACTIVE, Service.Desired.SUSPENDED)


def agrees(service: Service) -> bool:
    pair = (service.desired, service.observed)
    return pair in AGREES or (pair == KEPT and service.terminated_at is not None)


def shown(number: int) -> str:
    """For a badge: nothing for 0, and "99+" from the limit on."""
    if not number:
        return ""
    return f"{LIMIT - 1}+" if number >= LIMIT else str(number)


def terminations() -> int:
    return count(TerminationRequest.objects.filter(status=TerminationRequest.Status.WAITING))


def failed_mails() -> int:
    since = clock.now() - REFUSALS_FOR
    return count(SentMail.objects.filter(status=SentMail.Status.FAILED, created_at__gte=since))


def count(rows: QuerySet[Any]) -> int:
    return rows.order_by()[:LIMIT].count()


def commands() -> QuerySet[Command]:
    """Those that wait for a person, and fresh refusals after which nothing else was tried."""
    later = Command.objects.filter(service=OuterRef("service"), pk__gt=OuterRef("pk"))
    refused = Q(
        ~Exists(later),
        status=Command.Status.FAILED,
        created_at__gte=clock.now() - REFUSALS_FOR,
    )
    return Command.objects.filter(Q(status=Command.Status.ATTENTION) | refused)


def servers() -> QuerySet[Server]:
    """Down, misconfigured, paused, or with warnings."""
    sick = Q(health__in=(Server.Health.DOWN, Server.Health.MISCONFIGURED))
    paused = Q(paused_until__gt=clock.now())
    return Server.objects.filter(sick | paused | ~Q(warnings=[]), enabled=True)


def readings() -> QuerySet[UsageReading]:
    return UsageReading.objects.filter(state=UsageReading.State.PARKED)


def drafts() -> QuerySet[Invoice]:
    return Invoice.objects.filter(status=Invoice.Status.DRAFT)


def holds() -> QuerySet[ServiceHold]:
    return ServiceHold.objects.all()


def held_services() -> QuerySet[Service]:
    return Service.objects.filter(billing_hold__isnull=False)


def runs() -> QuerySet[BillingRun]:
    """Of the last week: broken off, stopped, or with services that could not be billed."""
    since = clock.today() - timedelta(days=7)
    unfinished = (BillingRun.Status.INTERRUPTED, BillingRun.Status.STOPPED)
    broken = Q(status__in=unfinished) | ~Q(failures=[])
    return BillingRun.objects.filter(broken, business_date__gte=since)


def differing() -> QuerySet[Service]:
    """What is wanted differs from what was seen, and no command is on its way to settle it."""
    agrees = Q()
    for desired, observed in AGREES:
        agrees |= Q(desired=desired, observed=observed)
    agrees |= Q(desired=KEPT[0], observed=KEPT[1], terminated_at__isnull=False)
    under_way = Command.objects.filter(
        service=OuterRef("pk"), status__in=(Command.Status.QUEUED, Command.Status.RUNNING)
    )
    rows = Service.objects.exclude(desired__in=UNSETTLED).exclude(agrees)
    return rows.exclude(product__module="").filter(~Exists(under_way))


def stale_usage() -> QuerySet[Service]:
    """Delivered and metered, without a good reading in the last USAGE_STALE_DAYS days."""
    since = clock.now() - timedelta(days=settings.USAGE_STALE_DAYS)
    fresh = UsageReading.objects.filter(
        service=OuterRef("pk"), at__gte=since, state=UsageReading.State.GOOD
    )
    rows = Service.objects.filter(desired__in=DELIVERED, activated_at__lt=since)
    return rows.exclude(product__module="").filter(~Exists(fresh))


def pending_orders() -> int:
    return count(Order.objects.filter(status=Order.Status.PENDING))


def stuck_commands() -> int:
    return count(commands())


def troubled_servers() -> int:
    return count(servers())


def parked_readings() -> int:
    return count(readings())


def held_drafts() -> int:
    return count(drafts())


def refused_events() -> int:
    """Told by a gateway, and not booked because our rows say otherwise."""
    return count(GatewayEvent.objects.filter(refused=True))


def stuck_charges() -> int:
    """Without an answer although it was looked for."""
    since = clock.now() - timedelta(minutes=10)
    rows = ChargeAttempt.objects.filter(
        status=ChargeAttempt.Status.STARTED, method__isnull=False, created_at__lt=since
    )
    return count(rows)


def fresh_charge_backs() -> int:
    """Money that banks took back lately: there is a dispute to answer, or a customer to talk to."""
    since = clock.now() - REFUSALS_FOR
    return count(ChargeBack.objects.filter(returned_on__isnull=True, created_at__gte=since))
