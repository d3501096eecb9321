"""What the invoice page offers to pay with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from billing.gateways.contract import Ability, Urls
from billing.gateways.registry import kind_of, offered
from billing.models import Allocation, ChargeAttempt, GatewayAccount, Invoice, SavedMethod
from billing.payments import credit, expiry, instructions, methods, record
from billing.payments.instructions import Way
from clientarea.pages import show

Status = ChargeAttempt.Status


@dataclass(frozen=True)
class Offer:
    """A payment page; `keeps` cards for later invoices."""

    account: GatewayAccount
    keeps: bool


@dataclass(frozen=True)
class Paying:
    invoice: Invoice

    @property
    def open(self) -> Decimal:
        return self.invoice.open_amount if self.invoice.kind == Invoice.Kind.INVOICE else Decimal(0)

    @property
    def usable_credit(self) -> Decimal:
        return min(credit.balance(self.invoice.customer_id, self.invoice.currency), self.open)

    @property
    def pending(self) -> bool:
        return record.under_way(self.invoice)

    @property
    def trouble(self) -> str:
        """Why the last try did not work, as long as nothing came of a later one."""
        last = self.invoice.charge_attempts.first()
        told = (Status.FAILED, Status.NOT_MADE, Status.ACTION, Status.OPEN)
        return last.error if last and last.method_id and last.status in told else ""

    @property
    def card(self) -> SavedMethod | None:
        method = methods.default_of(self.invoice.customer)
        return None if method and expiry.is_over(method) else method

    @property
    def offers(self) -> list[Offer]:
        return [Offer(each, _keeps(each)) for each in offered(Ability.CHECKOUT)]

    @property
    def ways(self) -> list[Way]:
        return instructions.for_invoice(self.invoice)

    @property
    def settled_by(self) -> list[tuple[str, Decimal]]:
        """What was paid so far, in words, as it lowers the total."""
        rows = self.invoice.allocations.select_related("payment", "credit", "credit_note")
        return [(_source(each), -each.amount) for each in rows]


def _keeps(account: GatewayAccount) -> bool:
    kind = kind_of(account.code)
    return kind is not None and kind.can(Ability.SAVED_METHODS)


def _source(allocation: Allocation) -> str:
    payment, note = allocation.payment, allocation.credit_note
    if payment:
        day = date_format(payment.received_on, "DATE_FORMAT")
        return _("Payment of %s") % day
    return _("Credit note %s") % note if note else _("Account credit")


def urls(request: HttpRequest, done: str, back: str, *args: str) -> Urls:
    """As the gateway needs them: with the host by which the customer came."""

    def whole(name: str) -> str:
        return request.build_absolute_uri(reverse(f"clientarea:{name}", args=args))

    return Urls(done=whole(done), back=whole(back))


def leave(request: HttpRequest, url: str) -> HttpResponse:
    """A page that goes on by itself: browsers hold a redirect after a form to our own addresses."""
    response = show(request, "payments/leaving.html", {"url": url})
    response["Referrer-Policy"] = "no-referrer"
    return response
