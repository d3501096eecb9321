"""Forms about money: recording a payment, sending it back, adjusting credit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings

from accounts.models import Customer
from backoffice.buttons import ObjectForm
from billing.models import Invoice, Payment
from billing.payments.record import Receipt
from billing.payments.refunds import is_by_hand, refundable
from config import clock
from config.money import format_money

CURRENCIES = [(code, code) for code in settings.CURRENCIES]
WAYS = (("bank", "Bank transfer"), ("cash", "Cash"), ("cheque", "Cheque"), ("other", "Other"))
OLDEST = "The oldest open ones"


def money_field(label: str, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=14, decimal_places=4, **options)


class ReceiptForm(ObjectForm):
    """`obj` is the customer or the invoice that was paid."""

    amount = money_field("Amount", min_value=Decimal("0.001"))
    currency = forms.ChoiceField(choices=CURRENCIES)
    received_on = forms.DateField(
        label="Received on",
        initial=clock.today,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    way = forms.ChoiceField(label="By", choices=WAYS)
    reference = forms.CharField(
        max_length=100,
        help_text="The bank's own or yours. The same reference again is the same money.",
    )
    note = forms.CharField(max_length=250, required=False)

    def __init__(self, *args: Any, obj: Any, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        invoice = obj if isinstance(obj, Invoice) else None
        self.fields["currency"].initial = obj.currency
        if invoice:
            self.fields["amount"].initial = invoice.open_amount


class CustomerReceiptForm(ReceiptForm):
    invoice = forms.ModelChoiceField(
        Invoice.objects.none(), required=False, empty_label=OLDEST, label="For"
    )
    field_order = ("invoice",)

    def __init__(self, *args: Any, obj: Customer, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        rows = obj.invoices.filter(status=Invoice.Status.ISSUED, kind=Invoice.Kind.INVOICE)
        self.fields["invoice"].queryset = rows  # type: ignore[attr-defined]


def receipt_of(data: dict[str, Any]) -> Receipt:
    return Receipt(
        gateway=data["way"],
        external_id=data["reference"].strip(),
        amount=data["amount"],
        currency=data["currency"],
        received_on=data["received_on"],
        note=data["note"],
    )


class RefundForm(ObjectForm):
    """The amount is typed twice: money that is sent does not come back."""

    amount = money_field("Amount", min_value=Decimal("0.001"))
    again = money_field("The amount again", help_text="So that no figure is mistyped")
    reason = forms.CharField(max_length=250)

    def __init__(self, *args: Any, obj: Payment, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        most = format_money(refundable(obj), obj.currency)
        hand = " You send the money yourself." if is_by_hand(obj) else ""
        self.fields["amount"].help_text = f"At most {most}.{hand}"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if {"amount", "again"} <= data.keys() and data["amount"] != data["again"]:
            self.add_error("again", "The two amounts differ.")
        return data


class ChargeBackForm(ObjectForm):
    amount = money_field("Amount", min_value=Decimal("0.001"))
    reason = forms.CharField(max_length=250, required=False)

    def __init__(self, *args: Any, obj: Payment, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        self.fields["amount"].initial = obj.amount


class AdjustForm(ObjectForm):
    amount = money_field("Amount", help_text="With a minus to take credit away")
    currency = forms.ChoiceField(choices=CURRENCIES)
    note = forms.CharField(label="Why", max_length=250, help_text="The customer reads it")

    def __init__(self, *args: Any, obj: Customer, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, **kwargs)
        self.fields["currency"].initial = obj.currency
