"""What was left lying: answers that never came, events nobody worked off, pages paid in silence."""

from __future__ import annotations

from datetime import timedelta

from billing.gateways.contract import Ability
from billing.gateways.errors import GatewayError
from billing.gateways.registry import kind_of, open_gateway
from billing.models import ChargeAttempt, Payment
from billing.payments import checkout, collect, events, reconcile, refunds
from config import clock

PAGE_QUIET_FOR = timedelta(minutes=10)


def sweep() -> None:
    """Every minute."""
    for attempt in collect.lost():
        collect.carry_out(attempt, again=True)
    for refund in refunds.lost():
        refunds.carry_out(refund, again=True)
    for event_id in events.waiting():
        events.work_off(event_id)


def look_again() -> None:
    """Every hour: payments under way and open pages, in case a notification was lost."""
    since = clock.now() - PAGE_QUIET_FOR
    pages = ChargeAttempt.objects.filter(
        status=ChargeAttempt.Status.OPEN, created_at__lt=since
    ).exclude(external_id="")
    for attempt in pages.select_related("invoice__customer"):
        _page(attempt)
    for payment in Payment.objects.filter(status=Payment.Status.PENDING):
        _announced(payment)


def _page(attempt: ChargeAttempt) -> None:
    try:
        checkout.look(attempt)
    except (GatewayError, reconcile.Mismatch) as error:
        attempt.error = str(error)
        attempt.save(update_fields=["error"])


def _announced(payment: Payment) -> None:
    kind = kind_of(payment.gateway)
    if kind is None or not kind.can(Ability.CHECKOUT):
        return
    try:
        found = open_gateway(payment.gateway).read_charge(payment.external_id)
        reconcile.take(payment.gateway, found)
    except (GatewayError, reconcile.Mismatch):
        return  # the next hour tries again; until then it stays announced
