"""The line of one mailbox: its text, its quantity and the facts it can be recomputed from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from billing.rating.features import Seat, Tariff, owed_tariffs
from billing.rating.inputs import Agreement, Observed
from billing.rating.intervals import ActiveTime
from billing.rating.lines import Charge, LineKind
from billing.rating.wording import day_range
from config.periods import Window
from provisioning.contract.metering import FeatureTerms, SeatFeature

NEVER_ON = ActiveTime()


def usage_months(agreement: Agreement) -> int:
    return agreement.usage_months or max(1, agreement.cycle.months)


@dataclass(frozen=True)
class SeatLines:
    agreement: Agreement
    terms: FeatureTerms
    observed: Observed
    window: Window

    def charges(self) -> Iterator[Charge]:
        for tariff, seat in owed_tariffs(self.terms, self.observed, self.window):
            yield self._charge(tariff, seat)

    def _charge(self, tariff: Tariff, seat: Seat) -> Charge:
        codes = [feature.code for feature in tariff.features]
        months = usage_months(self.agreement) if self.terms.months_multiply else 1
        return Charge(
            kind=LineKind.FEATURE,
            key=f"feature:{'+'.join(codes)}:{seat.address}",
            description=f"{_(tariff.label)}: {seat.address}{self._when(tariff, seat)}",
            quantity=months,
            unit_price=tariff.price,
            facts=self._facts(seat) | {"item": tariff.label, "billed": codes},
        )

    def _when(self, tariff: Tariff, seat: Seat) -> str:
        """When it was on, unless all that is billed is still on as the window ends."""
        if not seat.times:
            return ""
        off = [each for each in tariff.features if not self._still_on(seat, each)]
        if not off:
            return ""
        if len(off) == len(tariff.features):
            return _(" (Active %(range)s)") % {"range": self._range(seat, off)}
        parts = [
            _("%(label)s active %(range)s")
            % {"label": each.label, "range": self._range(seat, [each])}
            for each in off
        ]
        return f" ({', '.join(parts)})"

    def _still_on(self, seat: Seat, feature: SeatFeature) -> bool:
        return seat.times[feature.code].spans[-1].end == self.window.end

    def _range(self, seat: Seat, features: Iterable[SeatFeature]) -> str:
        spans = [span for each in features for span in seat.times[each.code].spans]
        extent = Window(min(span.start for span in spans), max(span.end for span in spans))
        return day_range(extent, self.agreement.zone)

    def _facts(self, seat: Seat) -> dict[str, Any]:
        live = self.observed.live if self.terms.threshold_days == 0 else None
        combined = self.terms.combined
        deletions = [each.at for each in self.observed.deletions if each.address == seat.address]
        return {
            "rule": "seat",
            "address": seat.address,
            "features": [self._feature_facts(seat, feature) for feature in self.terms.features],
            "combined_label": combined.label if combined else None,
            "combined_price": str(combined.price) if combined else None,
            "threshold_days": self.terms.threshold_days,
            "months_multiply": self.terms.months_multiply,
            "cycle_months": usage_months(self.agreement),
            "window": [self._local(self.window.start), self._local(self.window.end)],
            "deleted_at": [self._local(at) for at in sorted(deletions)],
            "seen_at": self._local(live.at) if live else None,
        }

    def _feature_facts(self, seat: Seat, feature: SeatFeature) -> dict[str, Any]:
        """Of every feature, billed or not, so that a missing discount is explained as well."""
        time = seat.times.get(feature.code, NEVER_ON)
        return {
            "code": feature.code,
            "label": feature.label,
            "price": str(feature.price),
            "billable": feature.code in seat.billable,
            "seconds": time.seconds,
            "spans": [[self._local(span.start), self._local(span.end)] for span in time.spans],
        }

    def _local(self, instant: datetime) -> str:
        return instant.astimezone(self.agreement.zone).isoformat()
