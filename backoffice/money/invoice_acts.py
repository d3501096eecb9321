"""What staff do with issued invoices: settle them, and correct them by other documents."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import redirect

from accounts.access import StaffRequest
from accounts.roles import StaffRight
from backoffice.buttons import Answer, Button, ObjectForm
from backoffice.look import dressed
from backoffice.money.payment_forms import ReceiptForm, money_field, receipt_of
from backoffice.once import once
from billing.documents import credit_notes
from billing.models import ChargeAttempt, Invoice
from billing.payments import collect, methods
from billing.payments import credit as account_credit
from billing.payments.record import receive
from config.money import exponent, format_money

LINE = "line_"
NO_CHARGE = "It is being paid already, or nothing is open on it."


class ReasonForm(ObjectForm):
    reason = forms.CharField(max_length=250, help_text="It is printed on the credit note")


class LinesForm(ReasonForm):
    """A net amount for each line, up to what is left of it."""

    field_order = ("reason",)

    def __init__(self, *args: Any, obj: Invoice, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        left = credit_notes.remaining(obj)
        for line in obj.lines.all():
            if left[line.pk]:
                self.fields[f"{LINE}{line.pk}"] = _line_field(line.description, left[line.pk], obj)
        dressed(self)


def _line_field(text: str, left: Decimal, invoice: Invoice) -> forms.DecimalField:
    return money_field(
        text.partition("\n")[0][:120],
        required=False,
        help_text=f"Net, at most {format_money(left, invoice.currency)}",
        widget=forms.NumberInput(
            attrs={"step": str(Decimal(1).scaleb(-exponent(invoice.currency)))}
        ),
    )


class UseCreditForm(ObjectForm):
    amount = money_field("Amount", min_value=Decimal(0))

    def __init__(self, *args: Any, obj: Invoice, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        most = min(account_credit.balance(obj.customer_id, obj.currency), obj.open_amount)
        self.fields["amount"].initial = most
        self.fields["amount"].help_text = f"At most {format_money(most, obj.currency)}"


@once
def _record(request: StaffRequest, invoice: Invoice, data: dict[str, Any]) -> Answer:
    payment = receive(invoice.customer, receipt_of(data), invoice=invoice, by=request.user)
    return f"{format_money(payment.amount, payment.currency)} recorded."


@once
def _use_credit(_request: StaffRequest, invoice: Invoice, data: dict[str, Any]) -> Answer:
    used = account_credit.apply_credit(invoice, data["amount"])
    return f"{format_money(used, invoice.currency)} of account credit used."


@once
def _charge(_request: StaffRequest, invoice: Invoice, _data: dict[str, Any]) -> Answer:
    attempt = collect.charge(invoice)
    if attempt is None:
        raise ValidationError(NO_CHARGE)
    if attempt.status == ChargeAttempt.Status.FAILED:
        raise ValidationError(f"Declined: {attempt.error}")
    if attempt.status == ChargeAttempt.Status.NOT_MADE:
        raise ValidationError(attempt.error)
    return f"{attempt.method}: {attempt.get_status_display()}. {attempt.error}".strip()


@once
def _credit(request: StaffRequest, invoice: Invoice, data: dict[str, Any]) -> Answer:
    amounts = {
        int(name.removeprefix(LINE)): amount
        for name, amount in data.items()
        if name.startswith(LINE) and amount
    }
    note = credit_notes.credit(invoice, amounts, reason=data["reason"], by=request.user)
    return redirect("admin:billing_invoice_change", note.pk)


@once
def _void(request: StaffRequest, invoice: Invoice, data: dict[str, Any]) -> Answer:
    note = credit_notes.void(invoice, reason=data["reason"], by=request.user)
    return f"{invoice} is void by {note}. Its number stays used."


@once
def _correct(request: StaffRequest, invoice: Invoice, data: dict[str, Any]) -> Answer:
    draft = credit_notes.correct(invoice, reason=data["reason"], by=request.user)
    return redirect("admin:billing_invoice_change", draft.pk)


@once
def _write_off(request: StaffRequest, invoice: Invoice, data: dict[str, Any]) -> Answer:
    credit_notes.write_off(invoice, reason=data["reason"], by=request.user)
    return f"{invoice} is written off."


def _is_open(invoice: Invoice) -> bool:
    return invoice.kind == Invoice.Kind.INVOICE and invoice.open_amount > 0


def _has_credit(invoice: Invoice) -> bool:
    return _is_open(invoice) and account_credit.balance(invoice.customer_id, invoice.currency) > 0


def _has_card(invoice: Invoice) -> bool:
    return _is_open(invoice) and methods.default_of(invoice.customer) is not None


def _is_creditable(invoice: Invoice) -> bool:
    issued = invoice.kind == Invoice.Kind.INVOICE and invoice.status in credit_notes.CREDITABLE
    return issued and any(credit_notes.remaining(invoice).values())


def _is_untouched(invoice: Invoice) -> bool:
    return _is_open(invoice) and not invoice.settled


MONEY = StaffRight.MANAGE_BILLING
BUTTONS = (
    Button(
        name="payment", label="Record payment", icon="payments", tone="primary", act=_record,
        form=ReceiptForm, right=MONEY, shown=_is_open,
    ),
    Button(
        name="use-credit", label="Use account credit", icon="savings", act=_use_credit,
        form=UseCreditForm, right=MONEY, shown=_has_credit,
    ),
    Button(
        name="charge", label="Charge the card", icon="credit_card", act=_charge, right=MONEY,
        warning="What is open is taken from the customer's card now.", shown=_has_card,
    ),
    Button(
        name="credit-note", label="Credit note", icon="receipt", act=_credit, form=LinesForm,
        right=MONEY, shown=_is_creditable,
        warning="A document of its own gives back what you enter, with its tax. It settles what is"
        " open; the rest becomes account credit.",
    ),
    Button(
        name="correct", label="Correct", icon="edit_document", act=_correct, form=ReasonForm,
        right=MONEY, shown=_is_creditable,
        warning="A credit note takes this invoice back, and a draft with the same lines is opened"
        " for you to put right.",
    ),
    Button(
        name="void", label="Void", icon="block", tone="danger", act=_void, form=ReasonForm,
        right=MONEY, shown=_is_untouched,
        warning="A credit note over everything. The number stays used.",
    ),
    Button(
        name="write-off", label="Write off", icon="money_off", tone="danger", act=_write_off,
        form=ReasonForm, right=MONEY, shown=_is_open,
        warning="A bad debt: nobody is reminded any more, and it stays on the account.",
    ),
)  # fmt: skip
