from __future__ import annotations

from datetime import date, timedelta

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import CustomerRequest, owned_or_404
from accounts.roles import CustomerRight
from billing.documents import pdf as documents
from billing.models import Invoice, InvoiceLine
from billing.payments.refunded import refunded
from billing.rating import explain
from clientarea import tokens
from clientarea.pages import customer_page, show
from clientarea.paying import Paying
from clientarea.tables import Column, table
from config import clock

COLUMNS = (
    Column("issued", _("Date"), "issued_on"),
    Column("number", _("Number")),
    Column("due", _("Due"), "due_on"),
    Column("status", _("Status")),
    Column("total", _("Total")),
)
page_of = customer_page(CustomerRight.VIEW_INVOICES)


@require_safe
@page_of
def index(request: CustomerRequest) -> HttpResponse:
    mine = issued().filter(customer=request.customer)
    page = table(request, mine, COLUMNS, search_field="", newest_first=True)
    refunds = refunded(page.page.object_list)
    context = {"table": page, "today": clock.today(), "refunds": refunds}
    return show(request, "invoices/index.html", context)


@require_safe
@page_of
def page(request: CustomerRequest, public_id: str) -> HttpResponse:
    invoice = owned_or_404(request, issued(), public_id=public_id)
    lines = [_line(line) for line in invoice.lines.all()]
    context = {
        "invoice": invoice,
        "lines": lines,
        "taxes": invoice.taxes.all(),
        "today": clock.today(),
        "refunds": refunded([invoice]),
        "paying": Paying(invoice),
        "form_token": tokens.fresh(),
    }
    return show(request, "invoices/page.html", context)


@require_safe
@page_of
def pdf(request: CustomerRequest, public_id: str) -> HttpResponse:
    invoice = owned_or_404(request, issued(), public_id=public_id)
    response = HttpResponse(documents.render(invoice), content_type="application/pdf")
    name = slugify(invoice.number or "invoice") or "invoice"
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def _line(line: InvoiceLine) -> tuple[InvoiceLine, date | None, list[tuple[str, str]]]:
    """With the last day of its period and the sentences that explain it."""
    last_day = line.period_end - timedelta(days=1) if line.period_end else None
    return line, last_day, explain(line.evidence) if line.evidence else []


def issued() -> QuerySet[Invoice]:
    """A draft is the seller's own business."""
    rows = Invoice.objects.select_related("customer", "corrects")
    return rows.exclude(status=Invoice.Status.DRAFT)
