from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import CustomerRequest, owned_or_404
from accounts.roles import CustomerRight
from billing import pdf as documents
from billing.models import Invoice
from billing.rating import explain
from clientarea.pages import customer_page, show
from clientarea.tables import Column, table
from config import clock

COLUMNS = (
    Column("number", _("Number")),
    Column("issued", _("Date"), "issued_on"),
    Column("due", _("Due"), "due_on"),
    Column("status", _("Status")),
    Column("total", _("Total")),
)
page_of = customer_page(CustomerRight.VIEW_INVOICES)


@require_safe
@page_of
def index(request: CustomerRequest) -> HttpResponse:
    mine = documents_of(request).filter(customer=request.customer).order_by("-issued_on", "-pk")
    context = {"table": table(request, mine, COLUMNS, search_field=""), "today": clock.today()}
    return show(request, "invoices/index.html", context)


@require_safe
@page_of
def page(request: CustomerRequest, public_id: str) -> HttpResponse:
    invoice = owned_or_404(request, documents_of(request), public_id=public_id)
    lines = [
        (line, explain(line.evidence) if line.evidence else []) for line in invoice.lines.all()
    ]
    context = {
        "invoice": invoice,
        "lines": lines,
        "taxes": invoice.taxes.all(),
        "today": clock.today(),
    }
    return show(request, "invoices/page.html", context)


@require_safe
@page_of
def pdf(request: CustomerRequest, public_id: str) -> HttpResponse:
    invoice = owned_or_404(request, documents_of(request), public_id=public_id)
    response = HttpResponse(documents.render(invoice), content_type="application/pdf")
    name = slugify(invoice.number or "invoice") or "invoice"
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def documents_of(request: CustomerRequest) -> QuerySet[Invoice]:
    """A draft is the seller's own business."""
    return Invoice.objects.exclude(status=Invoice.Status.DRAFT)
