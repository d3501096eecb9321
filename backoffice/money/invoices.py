from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.access import StaffRequest
from accounts.models import AuditEvent
from accounts.roles import StaffRight
from backoffice.base import ReadOnly
from backoffice.buttons import Answer, Button
from backoffice.look import badge, state_badge
from backoffice.money import invoice_acts
from billing.documents import issue, pdf
from billing.documents.sellers import buyer_copy
from billing.models import Invoice, InvoiceLine
from billing.payments.refunded import Refunded, refunded
from billing.rating import explain
from config.money import format_money

EVENTS = 10


def _issue(_request: StaffRequest, invoice: Invoice, _data: dict[str, Any]) -> Answer:
    issued = issue.issue(invoice)
    return f"{issued} is issued and can no longer be changed."


def _release(_request: StaffRequest, invoice: Invoice, _data: dict[str, Any]) -> Answer:
    row = issue.release(invoice)
    if row.hold_reason:
        return f"Rated again; still held: {row.hold_reason}"
    return f"Rated again and issued as {row}."


def _discard(_request: StaffRequest, invoice: Invoice, _data: dict[str, Any]) -> Answer:
    issue.discard(invoice)
    return redirect("admin:billing_invoice_changelist")


def _is_draft(invoice: Invoice) -> bool:
    return invoice.status == Invoice.Status.DRAFT


class InvoiceAdmin(ReadOnly):
    """Issued documents never change; drafts change by being issued, rated again or discarded."""

    list_display = ("document", "customer", "stands", "issued_on", "due_on", "amount", "hold")
    list_filter = ("status", "currency", "issued_on")
    list_select_related = ("customer",)
    search_fields = (
        "number__startswith", "customer__company__icontains", "customer__name__icontains",
    )  # fmt: skip
    search_help_text = "Number or customer"
    buttons = (
        Button(
            name="release", label="Rate again", icon="calculate", tone="primary", act=_release,
            warning="The draft is calculated anew from what is known now, and issued unless"
            " something still holds it.",
            right=StaffRight.MANAGE_BILLING, shown=_is_draft,
        ),
        Button(
            name="issue", label="Issue as it is", icon="verified", act=_issue,
            warning="It takes the next number and can no longer be changed.",
            right=StaffRight.MANAGE_BILLING, shown=_is_draft,
        ),
        Button(
            name="discard", label="Discard", icon="delete", tone="danger", act=_discard,
            warning="What it bills falls due again with the next billing run.",
            right=StaffRight.MANAGE_BILLING, shown=_is_draft,
        ),
        *invoice_acts.BUTTONS,
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invoice]:
        rows: QuerySet[Invoice] = super().get_queryset(request)
        return rows.select_related("customer")

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        page: ChangeList = super().get_changelist_instance(request)
        refunds = refunded(page.result_list)
        for row in page.result_list:
            row.refund = refunds.get(row.pk)
        return page

    def get_urls(self) -> list[URLPattern]:
        gate = self.admin_site.admin_view
        return [
            path("<int:pk>/pdf/", gate(self.pdf_view), name="billing_invoice_pdf"),
            path("<int:pk>/print/", gate(self.print_view), name="billing_invoice_print"),
            *super().get_urls(),
        ]

    def pdf_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        invoice = self._invoice(pk)
        response = HttpResponse(pdf.render(invoice), content_type="application/pdf")
        response.headers["Content-Disposition"] = f'inline; filename="{invoice}.pdf"'
        return response

    def print_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        context = document(self._invoice(pk))
        return TemplateResponse(request, "backoffice/invoice_print.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        invoice = self.get_object(request, unquote(object_id))
        if invoice is None:
            raise Http404
        if request.method == "POST":
            return HttpResponseNotAllowed(["GET"])
        events = AuditEvent.objects.filter(
            object_type=invoice._meta.label_lower, object_id=str(invoice.pk)
        )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": invoice,
            "title": f"{invoice.get_kind_display()} {invoice}",
            "page_buttons": list(self.buttons_for(request, invoice)),
            "pdf_url": reverse("admin:billing_invoice_pdf", args=[invoice.pk]),
            "print_url": reverse("admin:billing_invoice_print", args=[invoice.pk]),
            "events": events[:EVENTS],
            "allocations": invoice.allocations.select_related("payment", "credit_note"),
            "attempts": invoice.charge_attempts.select_related("method")[:EVENTS],
            "pending": invoice.payments.filter(status="pending"),
            "corrections": invoice.corrections.all(),
            "refund": refunded([invoice]).get(invoice.pk),
            **document(invoice),
        }
        return TemplateResponse(request, "backoffice/invoice.html", context)

    def _invoice(self, pk: int) -> Invoice:
        return get_object_or_404(Invoice.objects.select_related("customer"), pk=pk)

    @admin.display(description="invoice", ordering="number")
    def document(self, invoice: Invoice) -> str:
        return str(invoice)

    @admin.display(description="status", ordering="status")
    def stands(self, invoice: Any) -> SafeString:
        refund: Refunded | None = invoice.refund
        state = state_badge(invoice, "status")
        return format_html("{} {}", state, badge(refund.word, "info")) if refund else state

    @admin.display(description="total", ordering="total")
    def amount(self, invoice: Invoice) -> str:
        return format_money(invoice.total, invoice.currency)

    @admin.display(description="held because")
    def hold(self, invoice: Invoice) -> str:
        return invoice.hold_reason


def listed(rows: QuerySet[Invoice]) -> dict[str, Any]:
    """For backoffice/parts/invoices.html."""
    invoices = list(rows)
    return {"invoices": invoices, "refunds": refunded(invoices)}


def document(invoice: Invoice) -> dict[str, Any]:
    """What stands on it. An issued one says what it said when it was issued."""
    lines = invoice.lines.select_related("service").order_by("position")
    return {
        "invoice": invoice,
        "buyer": invoice.buyer or buyer_copy(invoice.customer),
        "seller": invoice.seller,
        "lines": [(line, why(line)) for line in lines],
        "taxes": invoice.taxes.all(),
    }


def why(line: InvoiceLine) -> list[tuple[str, str]]:
    """Why the line is what it is; nothing for a line that a person wrote."""
    return explain(line.evidence) if line.evidence.get("rule") else []
