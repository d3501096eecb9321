"""E-mails that follow from rows: what happened is written down by whoever did it, and a row without
its e-mail gets one. So no use case can forget it, a run of thousands is not slowed by it, and a
worker that dies in between only delays it. The key of each e-mail is the row's, so it is sent once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from accounts.models import Customer
from billing.mail import facts
from billing.mail.queue import queue, queue_for_staff
from billing.models import ChargeAttempt, Invoice, Order, Payment, SentMail
from billing.payments import expiry
from config import clock
from config.language import day, speaking
from config.money import format_money
from provisioning.models import Command, Service

# What is older than this when the panel first looks is history, such as imported documents.
RECENT = timedelta(days=3)
BATCH = 500


@dataclass(frozen=True, kw_only=True)
class Cause:
    """`rows(since)` are candidates. The key is "<name>:<pk>", with the field `round` after it."""

    code: str
    name: str
    rows: Callable[[datetime], QuerySet[Any]]
    values: Callable[[Any], dict[str, str]]
    customer: Callable[[Any], Customer]
    attachment: Callable[[Any], str] = lambda _row: ""
    to_staff: bool = False
    round: str = ""

    def key(self, row: Any) -> str:
        return f"{self.name}:{row.pk}" + (f":{getattr(row, self.round)}" if self.round else "")

    def unannounced(self, since: datetime) -> QuerySet[Any]:
        parts: list[Any] = [Value(f"{self.name}:"), Cast(OuterRef("pk"), CharField())]
        if self.round:
            parts += [Value(":"), Cast(OuterRef(self.round), CharField())]
        written = SentMail.objects.filter(key=Concat(*parts, output_field=CharField()))
        return self.rows(since).filter(~Exists(written)).order_by("pk")[:BATCH]


def announce() -> int:
    """Write the e-mails that are missing; how many there were."""
    since = clock.now() - RECENT
    return sum(_announce(cause, since) for cause in CAUSES)


def _announce(cause: Cause, since: datetime) -> int:
    made = [_write(cause, row) for row in cause.unannounced(since)]
    return sum(1 for each in made if each)


def _write(cause: Cause, row: Any) -> SentMail | None:
    key, customer = cause.key(row), cause.customer(row)
    with speaking(settings.LANGUAGE_CODE if cause.to_staff else customer.language):
        values = cause.values(row)
    if cause.to_staff:
        return queue_for_staff(cause.code, key, customer, values)
    return queue(cause.code, key, customer, values, attachment=cause.attachment(row))


def _documents(kind: str) -> Callable[[datetime], QuerySet[Any]]:
    shown = (Invoice.Status.ISSUED, Invoice.Status.PAID)

    def rows(since: datetime) -> QuerySet[Any]:
        day = since.astimezone(clock.business_zone()).date()
        found = Invoice.objects.filter(kind=kind, status__in=shown, issued_on__gte=day)
        return found.select_related("customer")

    return rows


def _orders(since: datetime) -> QuerySet[Any]:
    rows = Order.objects.filter(created_at__gte=since).select_related("customer")
    return rows.exclude(status=Order.Status.FRAUD).prefetch_related("items__product")


def _payments(since: datetime) -> QuerySet[Any]:
    rows = Payment.objects.filter(created_at__gte=since, status=Payment.Status.RECEIVED)
    return rows.select_related("customer")


def _declined(since: datetime) -> QuerySet[Any]:
    failed = (ChargeAttempt.Status.FAILED, ChargeAttempt.Status.NOT_MADE)
    rows = ChargeAttempt.objects.filter(finished_at__gte=since, status__in=failed)
    open_still = rows.filter(invoice__status=Invoice.Status.ISSUED, method__isnull=False)
    return open_still.select_related("invoice__customer")


def _expiring(since: datetime) -> QuerySet[Any]:
    day = since.astimezone(clock.business_zone()).date()
    return expiry.to_announce(day).select_related("customer")


def _ready(since: datetime) -> QuerySet[Any]:
    rows = Service.objects.filter(activated_at__gte=since, desired=Service.Desired.ACTIVE)
    return rows.filter(order_item__isnull=False).select_related("customer", "product")


def _stuck(since: datetime) -> QuerySet[Any]:
    bad = (Command.Status.ATTENTION, Command.Status.FAILED)
    rows = Command.objects.filter(status__in=bad, created_at__gte=since - RECENT * 10)
    return rows.select_related("service__customer", "service__product")


def _items(order: Order) -> str:
    return "\n".join(
        _("- %(product)s for %(domain)s") % {"product": item.product, "domain": item.domain}
        if item.domain
        else f"- {item.product}"
        for item in order.items.all()
    )


def _reason(note: Invoice) -> str:
    return " ".join(note.notices)


CAUSES = (
    Cause(
        code="invoice_issued",
        name="invoice-issued",
        rows=_documents(Invoice.Kind.INVOICE),
        values=facts.of_invoice,
        customer=lambda row: row.customer,
        attachment=lambda row: f"invoice:{row.pk}",
    ),
    Cause(
        code="credit_note_issued",
        name="credit-note-issued",
        rows=_documents(Invoice.Kind.CREDIT_NOTE),
        values=lambda row: facts.of_invoice(row) | {"reason": _reason(row)},
        customer=lambda row: row.customer,
        attachment=lambda row: f"invoice:{row.pk}",
    ),
    Cause(
        code="order_received",
        name="order",
        rows=_orders,
        values=lambda row: {"order": str(row.pk), "items": _items(row)},
        customer=lambda row: row.customer,
    ),
    Cause(
        code="payment_received",
        name="payment",
        rows=_payments,
        values=lambda row: {
            "amount": format_money(row.amount, row.currency),
            "received": day(row.received_on),
        },
        customer=lambda row: row.customer,
    ),
    Cause(
        code="payment_failed",
        name="declined",
        rows=_declined,
        values=lambda row: facts.of_invoice(row.invoice),
        customer=lambda row: row.invoice.customer,
    ),
    Cause(
        code="card_expires",
        name="card-expires",
        round="expires_on",
        rows=_expiring,
        values=lambda row: {
            "card": str(row),
            "expires": day(row.expires_on),
            "link": facts.link("clientarea:cards"),
        },
        customer=lambda row: row.customer,
    ),
    Cause(
        code="service_ready",
        name="ready",
        rows=_ready,
        values=lambda row: (
            facts.of_service(row) | {"link": facts.link("clientarea:service", row.public_id)}
        ),
        customer=lambda row: row.customer,
    ),
    Cause(
        code="command_failed",
        name="command",
        round="attempts",
        rows=_stuck,
        values=lambda row: (
            facts.of_service(row.service)
            | {
                "action": row.get_action_display(),
                "detail": row.detail or row.message,
                "link": facts.link("admin:provisioning_command_change", row.pk),
            }
        ),
        customer=lambda row: row.service.customer,
        to_staff=True,
    ),
)
