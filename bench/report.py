"""The table on the screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bench.steps import Measurement

HEADINGS = ("", "time", "SQL statements", "peak MiB", "")


def print_report(rows: Iterable[tuple[Measurement, dict[str, Any]]]) -> None:
    cells = [
        (each.title, found["time"], found["queries"], str(found["peak"]), found["note"])
        for each, found in rows
    ]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *cells, strict=True)]
    for line in (HEADINGS, tuple("─" * width for width in widths), *cells):
        padded = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        print("  ".join(padded).rstrip())
