"""What rating needs to know of many services, read in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Q, Subquery

from billing.charges import discounts
from billing.charges.metered import FRESH, Counted, Metered, months_of_use, reading_of
from billing.charges.schedule import Bill
from billing.models import ServiceDiscount
from billing.rating import FeatureInterval, MailboxDeleted, MonthOfUse, OptionLine, Reading
from billing.rating.inputs import ZERO
from config import clock
from products.models import OptionPrice, Price, Product
from provisioning.contract import meters
from provisioning.contract.metering import MeteringTerms
from provisioning.models import FeatureInterval as IntervalRow
from provisioning.models import Service, ServiceOption, UsageReading
from provisioning.registry import module_class

PriceKey = tuple[int, str, str]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """`age` is that of the oldest among the last readings; `parked`: why a newer one waits for a
    person, empty when none does.
    """

    terms: MeteringTerms
    price: Price | None
    options: tuple[OptionLine, ...] = ()
    reading: Reading | None = None
    age: timedelta | None = None
    parked: str = ""
    months: tuple[MonthOfUse, ...] = ()
    intervals: tuple[FeatureInterval, ...] = ()
    deletions: tuple[MailboxDeleted, ...] = ()
    discounts: tuple[ServiceDiscount, ...] = ()


@dataclass
class Terms:
    """Metering terms by product and currency, worked out once each."""

    known: dict[tuple[int, str], MeteringTerms] = field(default_factory=dict)

    def of(self, product: Product, currency: str) -> MeteringTerms:
        key = (product.pk, currency)
        if key not in self.known:
            self.known[key] = metering_terms(product, currency)
        return self.known[key]


def metering_terms(product: Product, currency: str) -> MeteringTerms:
    if not product.module:
        return MeteringTerms()
    module = module_class(product.module)
    typed = module.product_fields.load(
        product.module_settings, version=product.module_settings_version
    )
    declared = module.metering(typed, currency)
    if not product.metering:
        return declared
    return declared.with_meters(meters.read(product.metering, module.metrics, currency))


def as_of(due: date) -> datetime:
    """The instant up to which readings count for a due date: the end of that day, or now."""
    return min(clock.start_of_day(due + timedelta(days=1)), clock.now())


def gather(
    services: Sequence[Service], bills: Mapping[int, Bill], *, terms: Terms
) -> dict[int, Facts]:
    """By service id; `services` come with product loaded, `bills` are keyed by service id."""
    prices = _prices(services)
    options = _options(services)
    readings = _readings(services, bills, terms)
    used = months_of_use(services, bills, _unit_metrics(services, terms))
    intervals = _intervals(services, bills)
    lowered = discounts.of_services(services)
    found: dict[int, Facts] = {}
    for service in services:
        reading, age, parked = readings.get(service.pk, (None, None, ""))
        months = used.get(service.pk, Metered())
        rows = intervals[service.pk]
        found[service.pk] = Facts(
            terms=terms.of(service.product, service.currency),
            price=prices.get((service.product_id, service.cycle, service.currency)),
            options=options[service.pk],
            reading=reading,
            age=max((each for each in (age, months.age) if each is not None), default=None),
            parked=parked or months.parked,
            months=months.months,
            intervals=tuple(_interval(row) for row in rows),
            deletions=tuple(_deletions(rows)),
            discounts=lowered.get(service.pk, ()),
        )
    return found


def _prices(services: Iterable[Service]) -> dict[PriceKey, Price]:
    products = {service.product_id for service in services}
    rows = Price.objects.filter(product_id__in=products)
    return {(row.product_id, row.cycle, row.currency): row for row in rows}


def _options(services: Sequence[Service]) -> dict[int, tuple[OptionLine, ...]]:
    chosen = ServiceOption.objects.filter(service__in=services).select_related("option", "choice")
    rows = list(chosen)
    prices = {
        (price.option_id, price.choice_id, price.cycle, price.currency): price
        for price in OptionPrice.objects.filter(option_id__in={row.option_id for row in rows})
    }
    by_id = {service.pk: service for service in services}
    lines: dict[int, list[OptionLine]] = defaultdict(list)
    for row in rows:
        service = by_id[row.service_id]
        price = prices.get((row.option_id, row.choice_id, service.cycle, service.currency))
        lines[service.pk].append(option_line(row, price, charge_setup=service.charge_setup))
    return defaultdict(tuple, {pk: tuple(found) for pk, found in lines.items()})


def option_line(row: ServiceOption, price: OptionPrice | None, *, charge_setup: bool) -> OptionLine:
    label = f"{row.option.name}: {row.choice.label}" if row.choice else row.option.name
    return OptionLine(
        code=row.option.code,
        label=label,
        quantity=1 if row.choice else row.quantity,
        unit_price=price.amount if price else ZERO,
        setup=price.setup_fee if price and charge_setup else ZERO,
        position=row.option.position,
    )


def _readings(
    services: Sequence[Service], bills: Mapping[int, Bill], terms: Terms
) -> dict[int, tuple[Reading | None, timedelta | None, str]]:
    """The last good reading up to each service's due date, and a newer one that is parked."""
    groups: dict[tuple[date, str], list[int]] = defaultdict(list)
    for service in services:
        tranche = terms.of(service.product, service.currency).tranche
        if tranche:
            groups[bills[service.pk].due, tranche.metric.code].append(service.pk)
    found: dict[int, tuple[Reading | None, timedelta | None, str]] = {}
    for (due, metric), ids in groups.items():
        found |= _readings_at(ids, metric, as_of(due))
    return found


def _unit_metrics(services: Iterable[Service], terms: Terms) -> dict[int, list[Counted]]:
    return {each.pk: _counted(terms.of(each.product, each.currency)) for each in services}


def _counted(terms: MeteringTerms) -> list[Counted]:
    ahead = {each.metric: each.timing is meters.Timing.ADVANCE for each in terms.meters}
    return [Counted(each.metric) for each in terms.units] + [
        Counted(metric, in_advance) for metric, in_advance in ahead.items()
    ]


def _readings_at(
    ids: Sequence[int], metric: str, moment: datetime
) -> dict[int, tuple[Reading | None, timedelta | None, str]]:
    newest = UsageReading.objects.filter(
        service=OuterRef("pk"), metric=metric, at__lte=moment
    ).order_by("-at", "-id")
    rows = Service.objects.filter(pk__in=ids).values_list(
        "pk",
        Subquery(newest.filter(state=UsageReading.State.GOOD).values("pk")[:1]),
        Subquery(newest.filter(state=UsageReading.State.PARKED).values("pk")[:1]),
    )
    pairs = {service: (good, parked) for service, good, parked in rows}
    wanted = {pk for pair in pairs.values() for pk in pair if pk is not None}
    readings = UsageReading.objects.in_bulk(wanted)
    return {
        service: _judged(readings.get(good), readings.get(parked), moment)
        for service, (good, parked) in pairs.items()
    }


def _judged(
    good: UsageReading | None, parked: UsageReading | None, moment: datetime
) -> tuple[Reading | None, timedelta | None, str]:
    waiting = parked.reason if parked and (good is None or parked.at > good.at) else ""
    if good is None or good.value is None:
        return None, None, waiting
    age = moment - good.at
    return reading_of(good, stale=age > FRESH), age, waiting


def _intervals(
    services: Sequence[Service], bills: Mapping[int, Bill]
) -> dict[int, list[IntervalRow]]:
    """Spans that touch the time each service is billed for; those on the same second as its end
    too, because a feature may be switched off at the very moment a live count is taken."""
    used = [bill.used for bill in bills.values() if bill.used]
    rows: dict[int, list[IntervalRow]] = defaultdict(list)
    if not used:
        return rows
    start = clock.start_of_day(min(period.start for period in used))
    end = clock.start_of_day(max(period.end for period in used) + timedelta(days=1))
    touching = IntervalRow.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=start), service__in=services, started_at__lt=end
    )
    for row in touching:
        rows[row.service_id].append(row)
    return rows


def _interval(row: IntervalRow) -> FeatureInterval:
    return FeatureInterval(
        address=row.address, feature=row.feature, start=row.started_at, end=row.ended_at
    )


def _deletions(rows: Iterable[IntervalRow]) -> Iterable[MailboxDeleted]:
    for row in rows:
        if row.mailbox_deleted and row.ended_at:
            yield MailboxDeleted(address=row.address, at=row.ended_at)
