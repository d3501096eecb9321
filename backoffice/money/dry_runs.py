"""What a run would do, as a worker found out: numbers, dunning, e-mails and every document."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

from backoffice.money.watched import Watched
from billing.models import DryRun, DryRunDocument, Invoice

PER_PAGE = 50


class DryRunAdmin(Watched):
    list_display = (
        "business_date", "stands", "started", "billed_services", "issued_invoices", "held_invoices",
        "money", "failed",
    )  # fmt: skip
    fields = (
        "business_date", "stands", "started_at", "finished_at", "billed_services",
        "issued_invoices", "held_invoices", "money",
    )  # fmt: skip
    panels_template = "backoffice/dry_run_panels.html"

    def panels(self, request: HttpRequest, obj: DryRun) -> dict[str, Any]:
        rows = obj.documents.select_related("customer").order_by("pk")
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        return super().panels(request, obj) | {
            "differences": [_difference(*each) for each in obj.differences],
            "steps": _steps(obj),
            "page": page,
            "documents": _documents(page),
        }


def _difference(currency: str, now: str, before: str) -> tuple[str, Decimal, Decimal, Decimal]:
    tonight, last = Decimal(now), Decimal(before)
    return currency, tonight, last, tonight - last


def _steps(row: DryRun) -> list[tuple[Invoice, str]]:
    keys = [pk for pk, _step in row.steps]
    found = Invoice.objects.select_related("customer").in_bulk(keys)
    return [(found[pk], step) for pk, step in row.steps if pk in found]


def _documents(page: Page[DryRunDocument]) -> list[tuple[DryRunDocument, list[Any]]]:
    return [(each, [_line(*line) for line in each.lines]) for each in page]


def _line(text: str, *numbers: str) -> tuple[Any, ...]:
    return text, *(Decimal(number) for number in numbers)
