"""A customer's account: record payments, adjust credit, look at the statement."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.access import StaffRequest
from accounts.models import Customer
from accounts.roles import StaffRight
from backoffice.buttons import Answer, Button
from backoffice.money.payment_forms import AdjustForm, CustomerReceiptForm, receipt_of
from backoffice.once import once
from billing.documents.statement import owed, statement
from billing.payments import credit, methods
from billing.payments.record import receive
from config.money import format_money


@once
def _record(request: StaffRequest, customer: Customer, data: dict[str, Any]) -> Answer:
    payment = receive(customer, receipt_of(data), invoice=data["invoice"], by=request.user)
    return f"{format_money(payment.amount, payment.currency)} recorded."


@once
def _adjust(request: StaffRequest, customer: Customer, data: dict[str, Any]) -> Answer:
    amount, currency = data["amount"], data["currency"]
    credit.adjust(customer, amount, currency, note=data["note"], by=request.user)
    left = credit.balance(customer, currency)
    return f"The account credit is {format_money(left, currency)} now."


BUTTONS = (
    Button(
        name="payment", label="Record payment", icon="payments", act=_record,
        form=CustomerReceiptForm, right=StaffRight.MANAGE_BILLING,
    ),
    Button(
        name="credit", label="Adjust credit", icon="savings", act=_adjust, form=AdjustForm,
        right=StaffRight.MANAGE_BILLING,
    ),
)  # fmt: skip


def currencies(customer: Customer) -> list[str]:
    """In which anything ever moved, and the customer's own."""
    rows = (customer.invoices, customer.payments, customer.credit)
    found = {code for each in rows for code in each.values_list("currency", flat=True).distinct()}
    return sorted(found | {customer.currency})


def panel(customer: Customer) -> dict[str, Any]:
    balances = ((code, credit.balance(customer, code)) for code in currencies(customer))
    return {
        "credits": [format_money(amount, code) for code, amount in balances if amount],
        "cards": methods.kept(customer),
        "payments": customer.payments.all()[:10],
        "statement_url": reverse("admin:accounts_customer_statement", args=[customer.pk]),
    }


def statement_page(admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=pk)
    statements = [
        {
            "currency": code,
            "rows": statement(customer, code)[::-1],
            "owed": owed(customer, code),
            "credit": credit.balance(customer, code),
        }
        for code in currencies(customer)
    ]
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": f"Statement of {customer}",
        "customer": customer,
        "statements": statements,
    }
    return TemplateResponse(request, "backoffice/statement.html", context)
