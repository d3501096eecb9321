"""The reports of billing as pages with a chart and a CSV file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from backoffice.look import PlainForm
from billing.reports import REPORTS, Column, Kind, Months, Report, Table
from config import clock
from config.exports import csv_response
from config.money import format_money

LONGEST = 36  # months on one page
WIDTH, HEIGHT, FLOOR, GAP = 720, 200, 170, 8


class PeriodForm(PlainForm):
    """Months as the browser's own month field sends them."""

    months = forms.IntegerField(label="Months", min_value=1, max_value=LONGEST, initial=12)
    until = forms.DateField(
        label="Up to the month of",
        initial=clock.today,
        widget=forms.DateInput(attrs={"type": "date"}),
    )


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    label: str
    title: str


def urls(site: Any) -> list[URLPattern]:
    gate = site.admin_view
    return [
        path("reports/", gate(_index(site)), name="reports"),
        path("reports/<slug:code>/", gate(_page(site)), name="report"),
    ]


def _index(site: Any) -> Any:
    def view(request: HttpRequest) -> HttpResponse:
        context = {**site.each_context(request), "title": "Reports", "reports": REPORTS.values()}
        return TemplateResponse(request, "backoffice/reports.html", context)

    return view


def _page(site: Any) -> Any:
    def view(request: HttpRequest, code: str) -> HttpResponseBase:
        report = REPORTS.get(code)
        if report is None:
            raise Http404
        form = PeriodForm(request.GET or None)
        table = report.make(_months(form))
        if request.GET.get("format") == "csv":
            return _csv(report, table)
        context = {
            **site.each_context(request),
            "title": report.title,
            "report": report,
            "form": form,
            "table": table,
            "rows": [list(_cells(table, row)) for row in table.rows],
            "bars": bars(table),
            "query": request.GET.urlencode(),
        }
        return TemplateResponse(request, "backoffice/report.html", context)

    return view


def _months(form: PeriodForm) -> Months:
    """What was asked for, or the last twelve months when nothing or nonsense was."""
    if form.is_bound and form.is_valid():
        return Months.ending(form.cleaned_data["until"], count=form.cleaned_data["months"])
    return Months.ending(clock.today())


def _csv(report: Report, table: Table) -> HttpResponseBase:
    headings = [column.label for column in table.columns]
    rows = ([_plain(row[column.code]) for column in table.columns] for row in table.rows)
    return csv_response(report.code, headings, rows)


def _plain(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else value


def _cells(table: Table, row: dict[str, Any]) -> Iterator[tuple[bool, str]]:
    """(whether it is a figure, its text) of each cell."""
    for column in table.columns:
        yield column.kind is not Kind.TEXT, _worded(column, row)


def _worded(column: Column, row: dict[str, Any]) -> str:
    value = row[column.code]
    if column.kind is Kind.MONEY:
        return format_money(value, row["currency"])
    if column.kind is Kind.PERCENT:
        return f"{value} %"
    return f"{value.normalize():,f}" if isinstance(value, Decimal) else str(value)


def bars(table: Table) -> list[Bar]:
    """Upright bars; a month below zero has none, its figure stands in the table."""
    top = max((value for _label, value in table.bars), default=Decimal(0))
    if top <= 0:
        return []
    step = WIDTH / len(table.bars)
    return [
        Bar(
            x=round(number * step + GAP / 2, 1),
            y=round(FLOOR - _share(value, top) * FLOOR, 1),
            width=round(step - GAP, 1),
            height=round(_share(value, top) * FLOOR, 1),
            label=label,
            title=f"{label}: {value:,.2f}",
        )
        for number, (label, value) in enumerate(table.bars)
    ]


def _share(value: Decimal, top: Decimal) -> float:
    return float(max(value, Decimal(0)) / top)
