"""A usage chart as plain numbers for an SVG template: no script, no inline style, prints well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from config.sizes import size
from provisioning.contract.metering import Metric, Unit
from provisioning.models import UsageReading

WIDTH, HEIGHT = 720, 200
LEFT, RIGHT, TOP, BOTTOM = 70, 10, 12, 26
STEPS = 4


@dataclass(frozen=True)
class Chart:
    """Points in the SVG's own units; `grid` are (y, label), `days` (x, anchor, label)."""

    label: str
    line: str = ""
    area: str = ""
    dots: list[tuple[float, float, str]] = field(default_factory=list)
    grid: list[tuple[float, str]] = field(default_factory=list)
    days: list[tuple[float, str, str]] = field(default_factory=list)
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    summary: str = ""


def usage_chart(metric: Metric, readings: Sequence[UsageReading]) -> Chart:
    points = [(row.at, row.value) for row in readings if row.value is not None]
    if not points:
        return Chart(metric.label)
    top = _ceiling(max(value for _at, value in points))
    first, last = points[0][0], points[-1][0]
    placed = [(_x(at, first, last), _y(value, top)) for at, value in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
    floor = HEIGHT - BOTTOM
    return Chart(
        metric.label,
        line=line,
        area=f"{placed[0][0]:.1f},{floor} {line} {placed[-1][0]:.1f},{floor}",
        dots=[
            (round(x, 1), round(y, 1), f"{at:%d %b %H:%M} UTC: {_worded(metric, value)}")
            for (x, y), (at, value) in zip(placed, points, strict=True)
        ],
        grid=[_rule(metric, top, step) for step in range(STEPS + 1)],
        days=[(LEFT, "start", f"{first:%d %b}"), (WIDTH - RIGHT, "end", f"{last:%d %b}")],
        summary=f"{metric.label}: {_worded(metric, points[-1][1])} on {last:%d %b %Y}",
    )


def _x(at: datetime, first: datetime, last: datetime) -> float:
    span = (last - first).total_seconds()
    share = (at - first).total_seconds() / span if span else 1.0
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(value: Decimal, top: Decimal) -> float:
    room = HEIGHT - TOP - BOTTOM
    return HEIGHT - BOTTOM - float(value / top) * room


def _ceiling(value: Decimal) -> Decimal:
    """A little air above the highest point; never zero."""
    return max(value * Decimal("1.1"), Decimal(1))


def _rule(metric: Metric, top: Decimal, step: int) -> tuple[float, str]:
    value = top * step / STEPS
    return round(_y(value, top), 1), _worded(metric, value)


def _worded(metric: Metric, value: Decimal) -> str:
    return size(value) if metric.unit is Unit.BYTES else f"{value:,.0f}"
