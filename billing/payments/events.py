"""Notifications of gateways: stored first, then worked off once, in whatever order they came.

What a notification says is never believed: the object it is about is read from the gateway again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from django.db import transaction

from billing.gateways.contract import Charge, Gateway, Method, Topic
from billing.gateways.errors import GatewayMisconfigured, GatewayRefused, GatewayUnavailable
from billing.gateways.registry import open_gateway
from billing.models import GatewayEvent, Payment
from billing.payments import chargebacks, checkout, methods, reconcile, refunds
from billing.payments.reconcile import Mismatch
from config import clock
from provisioning.engine.dispatch import send_on_commit

TASK = "billing.tasks.work_off_event"
LATER = timedelta(minutes=1)
OUTCOME = 250


def handle(code: str, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
    """Keep an event that is really the gateway's; a worker does the rest. GatewayError."""
    event = open_gateway(code).parse_webhook(headers, body)
    with transaction.atomic():
        row, _made = GatewayEvent.objects.get_or_create(
            gateway=code,
            event_id=event.event_id,
            defaults={
                "kind": event.kind,
                "body": {"topic": event.topic, "subject": event.subject},
            },
        )
        if row.handled_at is None:
            send_on_commit(TASK, row.pk)
    return row


def work_off(event_id: int) -> None:
    """Does nothing for one that is done. No answer of the gateway leaves it for the sweeper."""
    row = GatewayEvent.objects.filter(pk=event_id, handled_at__isnull=True).first()
    if row is None:
        return
    try:
        outcome, refused = _carry_out(row), False
    except (Mismatch, GatewayRefused) as error:
        outcome, refused = str(error), True
    except (GatewayUnavailable, GatewayMisconfigured) as error:
        GatewayEvent.objects.filter(pk=row.pk).update(outcome=str(error)[:OUTCOME])
        return
    GatewayEvent.objects.filter(pk=row.pk, handled_at__isnull=True).update(
        handled_at=clock.now(), outcome=outcome[:OUTCOME], refused=refused
    )


def _carry_out(row: GatewayEvent) -> str:
    topic, subject = Topic(row.body["topic"]), row.body["subject"]
    if topic is Topic.OTHER or not subject:
        return "Nothing to do."
    return HANDLERS[topic](open_gateway(row.gateway), subject)


def _payment(gateway: Gateway, subject: str) -> str:
    return reconcile.take(gateway.code, gateway.read_charge(subject))


def _page(gateway: Gateway, subject: str) -> str:
    found = gateway.read_page(subject)
    if isinstance(found, Charge):
        return reconcile.take(gateway.code, found)
    return _kept(gateway, found) if found else checkout.page_closed(gateway, subject)


def _method(gateway: Gateway, subject: str) -> str:
    return _kept(gateway, gateway.read_method(subject))


def _kept(gateway: Gateway, method: Method) -> str:
    row = methods.keep(gateway.code, method)
    return f"{row} is kept." if row else "Not a card of anybody we know."


def _refund(gateway: Gateway, subject: str) -> str:
    found = gateway.read_refund(subject)
    _payment_first(gateway, found.payment_id)
    return refunds.take(gateway.code, found)


def _dispute(gateway: Gateway, subject: str) -> str:
    found = gateway.read_dispute(subject)
    _payment_first(gateway, found.payment_id)
    return chargebacks.take(gateway.code, found)


def _payment_first(gateway: Gateway, charge_id: str) -> None:
    """The notification of the payment itself may still be on its way."""
    known = Payment.objects.filter(gateway=gateway.code, external_id=charge_id).exists()
    if charge_id and not known:
        _payment(gateway, charge_id)


HANDLERS: dict[Topic, Callable[[Gateway, str], str]] = {
    Topic.PAYMENT: _payment,
    Topic.PAGE: _page,
    Topic.METHOD: _method,
    Topic.REFUND: _refund,
    Topic.DISPUTE: _dispute,
}


def waiting() -> list[int]:
    """Events that no worker has finished in the last minute."""
    rows = GatewayEvent.objects.filter(handled_at__isnull=True, received_at__lt=clock.now() - LATER)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def seen(row: GatewayEvent) -> None:
    """A person has looked at an event that was refused."""
    GatewayEvent.objects.filter(pk=row.pk).update(refused=False)
