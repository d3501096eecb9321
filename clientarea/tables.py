"""Search, sort and paging of one list, all from the query string, all from a white list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import F, Model, QuerySet
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise

M = TypeVar("M", bound=Model)

PER_PAGE = 50
Text = str | Promise


@dataclass(frozen=True)
class Column:
    """A heading; `field` blank means it cannot be sorted by."""

    code: str
    label: Text
    field: str = ""


@dataclass(frozen=True)
class Heading:
    label: Text
    query: str = ""
    direction: str = ""  # "ascending", "descending", or blank

    @property
    def sortable(self) -> bool:
        return bool(self.query)


@dataclass(frozen=True)
class Table(Generic[M]):
    """`query` is the query string without the page number, for links to other pages."""

    page: Page[M]
    headings: tuple[Heading, ...]
    query: str
    search: str = ""

    @property
    def total(self) -> int:
        return self.page.paginator.count


def table(
    request: HttpRequest,
    rows: QuerySet[M],
    columns: tuple[Column, ...],
    *,
    search_field: str = "search",
    newest_first: bool = False,
) -> Table[M]:
    """The first column decides until somebody asks for another order. Ties go by key."""
    wanted = request.GET.get("q", "").replace("\0", "").strip()[:100]
    if wanted and search_field:
        rows = rows.filter(**{f"{search_field}__contains": wanted.lower()})
    sort, descending = _order(request.GET, columns, newest_first=newest_first)
    tie = "-pk" if descending else "pk"
    rows = rows.order_by(_expression(sort.field, descending=descending), tie)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    headings = tuple(_heading(column, sort, descending, request.GET) for column in columns)
    return Table(page, headings, _query(request.GET, page=None), wanted)


def _order(
    query: QueryDict, columns: tuple[Column, ...], *, newest_first: bool
) -> tuple[Column, bool]:
    asked = query.get("sort", "")
    sortable = {column.code: column for column in columns if column.field}
    column = sortable.get(asked.removeprefix("-"))
    if column is None:
        return columns[0], newest_first
    return column, asked.startswith("-")


def _expression(field: str, *, descending: bool) -> OrderBy:
    """What is unknown comes last either way, on every database."""
    order = F(field)
    return order.desc(nulls_last=True) if descending else order.asc(nulls_last=True)


def _heading(column: Column, sort: Column, descending: bool, query: QueryDict) -> Heading:
    if not column.field:
        return Heading(column.label)
    is_current = column.code == sort.code
    turned = f"-{column.code}" if is_current and not descending else column.code
    direction = ("descending" if descending else "ascending") if is_current else ""
    return Heading(column.label, _query(query, sort=turned, page=None), direction)


def _query(query: QueryDict, **changes: str | None) -> str:
    changed = query.copy()
    for name, value in changes.items():
        changed.pop(name, None)
        if value is not None:
            changed[name] = value
    return changed.urlencode()
