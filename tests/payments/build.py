"""Customers who owe something, written straight to the database."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from accounts.models import Customer
from billing.documents.statement import owed, statement
from billing.gateways.registry import open_gateway
from billing.gateways.stripe.simulator import KEY, SECRET, StripeSimulator
from billing.models import (
    ChargeAttempt,
    GatewayAccount,
    Invoice,
    InvoiceLine,
    InvoiceTax,
    Payment,
    SavedMethod,
)
from billing.payments import collect, methods
from billing.payments.payers import payer_of
from billing.payments.record import Receipt, receive
from config import clock
from config.money import quantize
from tests.factories import CustomerFactory

_serial = count(1)
VISA, MASTERCARD = "4242424242424242", "5555555555554444"
DECLINES_LATER, ASKS_ALWAYS, ASKS_ONCE = (
    "4000000000000341", "4000002760003184", "4000002500003155",
)  # fmt: skip
EMPTY, DEBIT, DEBIT_COMES_BACK = (
    "4000000000009995", "AT611904300234573201", "AT861904300235473202",
)  # fmt: skip


def customer(**values: Any) -> Customer:
    made: Customer = CustomerFactory(**values)
    return made


def invoice(owner: Customer | None = None, net: str = "18.00", **values: Any) -> Invoice:
    """Issued, with 19 % VAT: 18.00 is 21.42."""
    owner = owner or customer()
    currency = values.get("currency", owner.currency)
    amount = Decimal(net)
    tax = quantize(amount * 19 / 100, currency)
    made = Invoice.objects.create(
        customer=owner,
        **{
            "number": f"INV-2026-{next(_serial):05}",
            "status": Invoice.Status.ISSUED,
            "currency": currency,
            "issued_on": clock.today(),
            "due_on": clock.today() + timedelta(days=14),
            "net": amount,
            "tax": tax,
            "total": amount + tax,
        }
        | values,
    )
    InvoiceLine.objects.create(
        invoice=made, position=1, kind="base", description="Email hosting", quantity=1,
        unit_price=amount, amount=amount, tax_name="VAT", tax_rate=19,
    )  # fmt: skip
    InvoiceTax.objects.create(invoice=made, name="VAT", rate=19, net=amount, tax=tax)
    return made


def receipt(amount: str, reference: str = "TX-1", **values: Any) -> Receipt:
    facts: dict[str, Any] = {
        "gateway": "bank",
        "external_id": reference,
        "amount": Decimal(amount),
        "currency": "EUR",
        "received_on": clock.today(),
    }
    return Receipt(**facts | values)


def paid(owner: Customer, amount: str, **values: Any) -> Payment:
    named = values.pop("invoice", None)
    return receive(owner, receipt(amount, **values), invoice=named)


def stripe_account(**values: Any) -> GatewayAccount:
    return GatewayAccount.objects.create(
        **{
            "code": "stripe",
            "label": "Card",
            "settings": {"secret_key": KEY, "webhook_secret": SECRET},
        }
        | values
    )


def card(owner: Customer, stripe: StripeSimulator, number: str = VISA) -> SavedMethod:
    """Kept at the gateway, and known here."""
    gateway = open_gateway("stripe")
    made = stripe.add_card(payer_of(owner, gateway).external_id, number)
    kept = methods.keep("stripe", gateway.read_method(made["id"]))
    assert kept is not None
    return kept


def collected(bill: Invoice) -> ChargeAttempt:
    """The try that was made to collect it."""
    attempt = collect.charge(bill)
    assert attempt is not None
    return attempt


def books_balance(owner: Customer, currency: str = "EUR") -> bool:
    rows = statement(owner, currency)
    last = rows[-1].balance if rows else Decimal(0)
    return last == owed(owner, currency)
