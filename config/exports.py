"""Lists as CSV for spreadsheets, with nothing in them that a spreadsheet would run."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.http import StreamingHttpResponse

from config import clock

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
Cell = str | int | bool | datetime | None


class _Line:
    """A file that hands each written row on instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def safe_cell(value: Cell) -> str:
    """The text of a cell; what a spreadsheet would take for a formula gets a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    text = str(value)
    starts_badly = text.startswith(DANGEROUS) or text.lstrip().startswith(DANGEROUS)
    return f"'{text}" if starts_badly and not isinstance(value, int) else text


def csv_response(
    name: str, headings: Iterable[str], rows: Iterable[Iterable[Cell]]
) -> StreamingHttpResponse:
    """`name` is a plain file name without its ending."""
    response = StreamingHttpResponse(_lines(headings, rows), content_type="text/csv; charset=utf-8")
    filename = f"{name}-{clock.today():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _lines(headings: Iterable[str], rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff"  # or spreadsheets take the text for their old local encoding
    yield writer.writerow([safe_cell(heading) for heading in headings])
    for row in rows:
        yield writer.writerow([safe_cell(cell) for cell in row])
