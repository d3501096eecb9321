"""How the example's customers pay: most by bank, one by card, one too little, one too much."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.conf import settings

from accounts.models import Customer
from billing.gateways.registry import open_gateway
from billing.gateways.stripe.simulator import KEY, SECRET
from billing.models import GatewayAccount, Invoice
from billing.payments import collect, methods
from billing.payments.payers import payer_of
from billing.payments.record import Receipt, receive
from demo.seed.cast import COMPANIES, HARBOUR, Company, Fate
from demo.seed.remote import Remote

NEVER_PAY = (Fate.PAYS_LATE, Fate.SUSPENDED)
USUAL = tuple(each for each in COMPANIES if each.fate not in NEVER_PAY and each is not HARBOUR)
BY_CARD, TOO_MUCH = USUAL[0], USUAL[1]
EXTRA = Decimal("5.00")
LEFT_OPEN_DAYS = 31  # the newest invoice of the customer one can sign in as, to be paid by hand
VISA, MASTERCARD = "4242424242424242", "5555555555554444"
BANK = {
    "holder": "Northlight Mail B.V.",
    "iban": "NL91ABNA0417164300",
    "bic": "ABNANL2A",
    "bank": "",
    "account": "",
    "note": "Transfers arrive within one working day.",
}


def gateways() -> None:
    GatewayAccount.objects.create(
        code="stripe",
        label="Card",
        settings={"secret_key": KEY, "webhook_secret": SECRET},
    )
    GatewayAccount.objects.create(code="bank", label="Bank transfer", settings=BANK, position=1)


def moved_in(company: Company, customer: Customer) -> None:
    """Two of them keep a card."""
    cards = {BY_CARD.name: VISA, HARBOUR.name: MASTERCARD}
    if company.name in cards:
        _keep_card(customer, cards[company.name])


def _keep_card(customer: Customer, number: str) -> None:
    gateway = open_gateway("stripe")
    stripe = Remote(settings.STRIPE_API_BASE)
    try:
        payer = payer_of(customer, gateway)
        made = stripe.do("add_card", customer=payer.external_id, number=number)
    finally:
        stripe.close()
    methods.keep("stripe", gateway.read_method(made["id"]))


def pay(day: date, *, sent: date, last: date) -> None:
    """What was issued on `sent` is paid on `day`; `last` is the last day of the story."""
    unpaid = [company.name for company in COMPANIES if company.fate in NEVER_PAY]
    found = Invoice.objects.filter(
        status=Invoice.Status.ISSUED, kind=Invoice.Kind.INVOICE, issued_on=sent
    )
    if (last - sent).days < LEFT_OPEN_DAYS:
        unpaid.append(HARBOUR.name)
    for invoice in found.exclude(customer__company__in=unpaid).select_related("customer"):
        if invoice.customer.company == BY_CARD.name:
            collect.charge(invoice)
        else:
            _transfer(invoice, day, invoice.open_amount + _extra(invoice))


def _extra(invoice: Invoice) -> Decimal:
    once = not invoice.customer.payments.exists()
    return EXTRA if once and invoice.customer.company == TOO_MUCH.name else Decimal(0)


def _transfer(invoice: Invoice, day: date, amount: Decimal) -> None:
    if amount <= 0:
        return
    receipt = Receipt(
        gateway="bank",
        external_id=f"transfer {invoice.number}",
        amount=amount,
        currency=invoice.currency,
        received_on=day,
    )
    receive(invoice.customer, receipt, invoice=invoice)


def part_payment() -> None:
    """Who pays late has at least begun."""
    late = next(each for each in COMPANIES if each.fate is Fate.PAYS_LATE)
    invoice = (
        Invoice.objects.filter(customer__company=late.name, status=Invoice.Status.ISSUED)
        .select_related("customer")
        .order_by("due_on")
        .first()
    )
    if invoice and invoice.issued_on:
        _transfer(invoice, invoice.issued_on, (invoice.total / 2).quantize(Decimal("1.00")))
