"""Usage thresholds by e-mail: who runs out of mailboxes or disk space, and who begins to be billed
for one tranche more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.utils.translation import gettext as _

from billing.charges.facts import Terms
from billing.mail import facts
from billing.mail.queue import queue
from billing.models import BillingProfile
from billing.rating.tranches import count_tranches, hundredths_of_gb
from config import clock
from config.language import grouped, speaking
from provisioning import directory, registry
from provisioning.contract.metering import TrancheTerms
from provisioning.metering import usage
from provisioning.models import Service, UsageReading

BATCH = 500
WARN_AT = ((100, "usage_100"), (80, "usage_80"))
DISK = "disk"  # every module's own metric of that name, in bytes
# A tranche that began longer ago was either told of or is no news.
RECENT = timedelta(days=3)


@dataclass(frozen=True, kw_only=True)
class Use:
    """Of one thing; `what` follows the limit in a sentence."""

    code: str
    what: str
    used: int
    limit: int | None
    in_bytes: bool = False

    def told(self, value: int) -> str:
        return _gb(value) if self.in_bytes else str(value)


@dataclass
class Batch:
    """What is known of many services at once: last readings and, of those whose customers want to
    hear of tranches, the lowest of the last days.
    """

    services: list[Any]
    terms: Terms
    readings: dict[int, UsageReading] = field(default_factory=dict)
    lowest: dict[int, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.readings = usage.latest_many(self.services, DISK)
        owners = {service.customer_id for service in self.services}
        wanting = BillingProfile.objects.filter(customer__in=owners, tranche_notices=True)
        eager = set(wanting.values_list("customer", flat=True))
        asked = [each.pk for each in self.services if each.customer_id in eager]
        rows = UsageReading.objects.filter(
            service__in=asked, metric=DISK, state=UsageReading.State.GOOD,
            at__gte=clock.now() - RECENT,
        )  # fmt: skip
        found = rows.order_by().values_list("service").annotate(Min("value"))
        self.lowest = {service: value for service, value in found if value is not None}

    def used(self, service: Service) -> int | None:
        reading = self.readings.get(service.pk)
        return int(reading.value) if reading and reading.value is not None else None


def warn_of_limits() -> int:
    """How many e-mails were written: one per limit and threshold, one per tranche and period."""
    terms = Terms()
    return sum(_warn(batch) for batch in _batches(terms))


def _batches(terms: Terms) -> Iterator[Batch]:
    rows = _services().order_by("pk").iterator(chunk_size=BATCH)
    while services := list(islice(rows, BATCH)):
        yield Batch(services=services, terms=terms)


def _services() -> QuerySet[Any]:
    rows = Service.objects.filter(
        desired=Service.Desired.ACTIVE, product__module__in=registry.installed()
    )
    counted = rows.annotate(used_mailboxes=Count("mailboxes"))
    related = counted.select_related("customer", "product")
    return related.prefetch_related("options__option", "options__choice")


def _warn(batch: Batch) -> int:
    return sum(_warn_of(batch, service) for service in batch.services)


def _warn_of(batch: Batch, service: Any) -> int:
    with speaking(service.customer.language):
        near = sum(_near(service, use) for use in _uses(batch, service))
        return near + _tranche(batch, service)


def _uses(batch: Batch, service: Any) -> tuple[Use, ...]:
    limits = directory.limits(service)
    disk = batch.used(service) or 0
    return (
        Use(
            code="mailboxes",
            what=_("mailboxes"),
            used=service.used_mailboxes,
            limit=limits.mailboxes,
        ),
        Use(
            code=DISK,
            what=_("GB of disk space"),
            used=disk,
            limit=limits.disk_bytes,
            in_bytes=True,
        ),
    )  # fmt: skip


def _near(service: Service, use: Use) -> bool:
    if not use.limit or not use.used:
        return False
    percent = use.used * 100 // use.limit
    code = next((code for threshold, code in WARN_AT if percent >= threshold), "")
    if not code:
        return False
    values = facts.of_service(service) | {
        "what": use.what,
        "used": use.told(use.used),
        "limit": use.told(use.limit),
        "percent": str(percent),
        "link": facts.link("clientarea:service", service.public_id),
    }
    key = f"usage:{service.pk}:{use.code}:{use.limit}:{code}"
    return queue(code, key, service.customer, values) is not None


def _tranche(batch: Batch, service: Service) -> bool:
    """Whether one began within the last days, compared with the lowest use in them."""
    terms = batch.terms.of(service.product, service.currency).tranche
    used, lowest = batch.used(service), batch.lowest.get(service.pk)
    if terms is None or used is None or lowest is None or terms.metric.code != DISK:
        return False
    number = _count(used, terms)
    if number <= _count(int(lowest), terms):
        return False
    values = facts.of_service(service) | {
        "tranche": str(number),
        "used": _gb(used),
        "billed": str(number * terms.size_gb),
        "link": facts.link("clientarea:service", service.public_id),
    }
    key = f"usage:{service.pk}:tranche:{number}:{service.next_due}"
    return queue("tranche_begun", key, service.customer, values) is not None


def _count(value: int, terms: TrancheTerms) -> int:
    return count_tranches(hundredths_of_gb(value), terms)


def _gb(value: int) -> str:
    return grouped(Decimal(hundredths_of_gb(value)).scaleb(-2), 2)
