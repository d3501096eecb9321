"""One service on one card: how it stands, what it uses, what it will cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from billing.charges.estimate import Estimate, Tranches, next_invoice
from billing.charges.facts import metering_terms
from billing.charges.price_list import UsedPrice, by_use
from clientarea import condition, dns, tokens
from clientarea.account import AccountCard
from clientarea.mirror import Synced, synced
from clientarea.platform import Platform
from config.language import told
from provisioning.contract import Capability
from provisioning.contract.metering import Unit
from provisioning.metering.usage import history, latest
from provisioning.models import FeatureInterval, Service

MOST_BLOCKS = 40
BLOCK = 100  # width of one tranche in the drawing
CHART_DAYS = 60
CHART_WIDTH, CHART_HEIGHT = 600, 140


@dataclass(frozen=True)
class Tally:
    label: str
    value: int
    section: str


@dataclass(frozen=True)
class Measured:
    label: str
    value: Decimal
    at: datetime


@dataclass(frozen=True)
class Block:
    """One tranche in the drawing; `filled` of its `width` is in use."""

    x: int
    width: int
    filled: int


@dataclass(frozen=True)
class Bar:
    width: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Chart:
    """`line` and `area` are SVG point lists in a box of `width` and `height`."""

    line: str
    area: str
    highest: Decimal
    width: int = CHART_WIDTH
    height: int = CHART_HEIGHT
    days: int = CHART_DAYS


class Overview:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.platform = Platform.of(service)

    @property
    def prices_by_use(self) -> list[UsedPrice]:
        terms = metering_terms(self.service.product, self.service.currency)
        return by_use(terms, self.service.currency)

    @cached_property
    def condition(self) -> condition.Condition:
        return condition.of(self.service)

    @cached_property
    def account(self) -> AccountCard:
        return AccountCard.of(self.platform)

    @property
    def start_token(self) -> str:
        """One for each time the page is shown: a second click starts nothing."""
        return tokens.fresh()

    @cached_property
    def synced(self) -> Synced:
        return synced(self.service)

    @cached_property
    def estimate(self) -> Estimate:
        return next_invoice(self.service)

    @property
    def tranches(self) -> Tranches | None:
        return self.estimate.tranches

    @property
    def bar(self) -> Bar | None:
        """None where tranches are too many to draw one by one."""
        found = self.tranches
        if found is None or not 0 < found.count <= MOST_BLOCKS:
            return None
        return draw(found)

    @property
    def has_disk(self) -> bool:
        """Whether the platform measures it at all."""
        return bool(self._disk_metric)

    @cached_property
    def metrics(self) -> list[Measured]:
        """The last known figures besides disk space and what the mirror counts."""
        module = self.platform.module
        found = (
            (metric, latest(self.service, metric.code))
            for metric in (module.metrics if module else ())
            if metric.unit is Unit.COUNT
        )
        return [
            Measured(told(metric.label), reading.value, reading.at)
            for metric, reading in found
            if reading and reading.value is not None and not self._is_counted(metric.code)
        ]

    def _is_counted(self, code: str) -> bool:
        return code in {count.section for count in self.counts}

    @cached_property
    def disk_bytes(self) -> Decimal | None:
        """The last known use, where the service is not billed by tranches."""
        metric = self._disk_metric
        reading = latest(self.service, metric) if metric else None
        return reading.value if reading else None

    @cached_property
    def chart(self) -> Chart | None:
        metric = self._disk_metric
        readings = history(self.service, metric, CHART_DAYS) if metric else []
        points = [(each.at.timestamp(), each.value) for each in readings if each.value is not None]
        return plot(points) if len(points) > 1 else None

    @property
    def _disk_metric(self) -> str:
        metrics = self.platform.module.metrics if self.platform.module else ()
        return next((metric.code for metric in metrics if metric.unit is Unit.BYTES), "")

    @property
    def pills(self) -> list[dns.Pill] | None:
        return dns.remembered(self.service)

    @property
    def offers(self) -> dict[str, bool]:
        """What the card has buttons for."""
        codes = (Capability.DNS_GUIDE, Capability.CUSTOMER_LOGIN, Capability.MAILBOXES)
        return {code.value: self.platform.has(code) for code in codes}

    @cached_property
    def counts(self) -> list[Tally]:
        return list(self._counts())

    def _counts(self) -> Iterator[Tally]:
        service, has = self.service, self.platform.has
        if has(Capability.MAILBOXES):
            yield Tally(_("Mailboxes"), service.mailboxes.count(), "mailboxes")
        if has(Capability.ALIASES):
            yield Tally(_("Aliases"), service.aliases.count(), "aliases")
        if has(Capability.LISTS):
            yield Tally(self.platform.nouns.list_plural, service.lists.count(), "lists")
        if self.platform.offers_domain_aliases:
            number = service.domain_aliases.count()
            yield Tally(_("Domain aliases"), number, "domain_aliases")
        yield from self._features()

    def _features(self) -> Iterator[Tally]:
        running = FeatureInterval.objects.filter(service=self.service, ended_at=None)
        rows = running.order_by().values_list("feature").annotate(Count("pk"))
        by_code = {str(code): int(number) for code, number in rows}
        for feature in self.platform.features:
            if by_code.get(feature.code):
                yield Tally(str(feature.label), by_code[feature.code], "mailboxes")


def draw(found: Tranches) -> Bar:
    """Each tranche a block, filled from the left as far as it is used."""
    used = int(found.used_gb * BLOCK / found.size_gb)
    gap = max(1, found.count * BLOCK // 200)
    inner = BLOCK - gap
    blocks = tuple(
        Block(x, inner, max(0, min(inner, (used - x) * inner // BLOCK)))
        for x in range(0, found.count * BLOCK, BLOCK)
    )
    return Bar(found.count * BLOCK - gap, blocks)


def plot(points: list[tuple[float, Decimal]]) -> Chart:
    """Against zero, so that a bend looks as large as it is."""
    first, last = points[0][0], points[-1][0]
    highest = max(value for _at, value in points)
    span, top = (last - first) or 1, float(highest) or 1.0
    line = " ".join(
        f"{(at - first) / span * CHART_WIDTH:.1f},"
        f"{CHART_HEIGHT - float(value) / top * (CHART_HEIGHT - 8):.1f}"
        for at, value in points
    )
    return Chart(line, f"0,{CHART_HEIGHT} {line} {CHART_WIDTH},{CHART_HEIGHT}", highest)
