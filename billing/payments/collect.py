"""Charging a saved card while the customer is away."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError

from billing.gateways.contract import Gateway
from billing.gateways.errors import GatewayError, GatewayUnavailable
from billing.gateways.registry import open_gateway
from billing.models import ChargeAttempt, Invoice, SavedMethod
from billing.payments import attempts, checkout, expiry, methods, reconcile
from billing.payments.payers import known_payer
from config import clock

Status = ChargeAttempt.Status
# An answer that is not there after this long was lost, or its worker died.
LOST_AFTER = timedelta(minutes=2)


def charge(invoice: Invoice) -> ChargeAttempt | None:
    """Collect all that is open with the customer's default method.

    None when there is none, or nothing to collect, or something is under way already. Otherwise the
    attempt says what came of it: the row stands before the gateway is asked. A card that has
    expired is not tried, and the attempt says so.
    """
    method = methods.default_of(invoice.customer)
    if method is None:
        return None
    if expiry.is_over(method):
        return _not_made(invoice, method)
    try:
        checkout.close_pages(invoice)
        attempt = attempts.begin(invoice, method.gateway, method)
    except (ValidationError, GatewayError):
        return None
    return carry_out(attempt)


def _not_made(invoice: Invoice, method: SavedMethod) -> ChargeAttempt | None:
    try:
        return attempts.not_made(invoice, method, expiry.words(method))
    except ValidationError:
        return None


def carry_out(attempt: ChargeAttempt, *, again: bool = False) -> ChargeAttempt:
    """Ask the gateway; `again`: look first what an earlier call came to."""
    try:
        _ask(attempt, open_gateway(attempt.gateway), again=again)
    except (GatewayUnavailable, reconcile.Mismatch) as error:
        # Money may have moved: it stays open, so that nobody charges again before that is known.
        attempts.note(attempt, error=str(error))
    except GatewayError as error:
        attempts.close(attempt, Status.FAILED, str(error))
    attempt.refresh_from_db()
    return attempt


def _ask(attempt: ChargeAttempt, gateway: Gateway, *, again: bool) -> None:
    assert attempt.method is not None
    demand = attempts.demand_of(attempt, known_payer(attempt.invoice.customer, gateway))
    found = gateway.find_charge(demand) if again else None
    found = found or gateway.charge_saved(demand, attempt.method.external_id)
    attempts.note(attempt, external_id=found.external_id)
    reconcile.take(attempt.gateway, found)


def lost() -> list[ChargeAttempt]:
    """Those whose answer never came."""
    rows = ChargeAttempt.objects.filter(
        status=Status.STARTED, method__isnull=False, created_at__lt=clock.now() - LOST_AFTER
    )
    return list(rows.select_related("invoice__customer", "method").order_by("pk"))
