"""When a feature was really on: intervals merged, ended by deletions, clipped to a window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from billing.rating.inputs import FeatureInterval
from config.periods import Window

FOR_EVER = datetime.max.replace(tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class ActiveTime:
    """Disjoint spans in order, within one window."""

    spans: tuple[Window, ...] = ()

    @property
    def seconds(self) -> int:
        """Whole seconds, rounded down once over the sum: never early by a fraction."""
        return sum((span.length for span in self.spans), timedelta()) // SECOND


def active_time(
    intervals: Iterable[FeatureInterval], *, deletions: Iterable[datetime], window: Window
) -> ActiveTime:
    """The intervals are of one mailbox and feature; nothing is on after its mailbox is deleted,
    until an interval that starts later.
    """
    # Merged before they are cut, so that cutting one interval in pieces changes nothing.
    moments = sorted(deletions)
    spans = (_ended(span, moments).overlap(window) for span in _merged(intervals))
    return ActiveTime(tuple(span for span in spans if span))


def _merged(intervals: Iterable[FeatureInterval]) -> list[Window]:
    result: list[Window] = []
    for span in sorted(_spans(intervals)):
        if result and span.start <= result[-1].end:
            result[-1] = Window(result[-1].start, max(result[-1].end, span.end))
        else:
            result.append(span)
    return result


def _spans(intervals: Iterable[FeatureInterval]) -> Iterable[Window]:
    for interval in intervals:
        end = interval.end or FOR_EVER
        if interval.start < end:
            yield Window(interval.start, end)


def _ended(span: Window, moments: list[datetime]) -> Window:
    inside = (moment for moment in moments if span.start < moment < span.end)
    return Window(span.start, next(inside, span.end))
