"""Paying an invoice on a page of the gateway. One page at a time, so nobody pays twice."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.gateways.contract import Charge, Gateway, Page, Urls
from billing.gateways.errors import GatewayError
from billing.gateways.registry import open_gateway
from billing.models import ChargeAttempt, Invoice
from billing.payments import attempts, reconcile
from billing.payments.payers import payer_of
from config import clock

Status = ChargeAttempt.Status
CLOSED = "Closed before anybody paid on it."
MOMENT = _("A payment page for this invoice is being opened. Try again in a minute.")
BEING_MADE = timedelta(minutes=1)


def start(invoice: Invoice, code: str, urls: Urls, *, save: bool) -> Page:
    """Earlier pages are closed first. ValidationError, GatewayError."""
    close_pages(invoice)
    gateway = open_gateway(code)
    payer = payer_of(invoice.customer, gateway)
    attempt = attempts.begin(invoice, code, None)
    try:
        page = gateway.start_checkout(attempts.demand_of(attempt, payer), urls, save=save)
    except GatewayError as error:
        # Without its address nobody can pay on it, even if it was made.
        attempts.close(attempt, Status.FAILED, str(error))
        raise
    attempts.note(attempt, external_id=page.external_id)
    return page


def close_pages(invoice: Invoice) -> None:
    """ValidationError when one of them was just paid on, or is being made. GatewayError."""
    for attempt in invoice.charge_attempts.filter(status=Status.OPEN):
        if not attempt.external_id and attempt.created_at > clock.now() - BEING_MADE:
            raise ValidationError(MOMENT)
        if attempt.external_id and not open_gateway(attempt.gateway).close_checkout(
            attempt.external_id
        ):
            look(attempt)
            raise ValidationError(gettext("A payment for this invoice was just made."))
        attempts.close(attempt, Status.FAILED, CLOSED)


def look(attempt: ChargeAttempt) -> str:
    """Read what came of a page, and book it. GatewayError, Mismatch."""
    found = open_gateway(attempt.gateway).read_page(attempt.external_id)
    if isinstance(found, Charge):
        return reconcile.take(attempt.gateway, found)
    return "Nobody has paid yet."


def came_back(invoice: Invoice) -> None:
    """The customer returns from a page: see what came of it now instead of waiting to be told."""
    attempt = invoice.charge_attempts.filter(status=Status.OPEN).exclude(external_id="").first()
    if attempt is None:
        return
    try:
        look(attempt)
    except (GatewayError, reconcile.Mismatch) as error:
        attempts.note(attempt, error=str(error))


def page_closed(gateway: Gateway, page_id: str) -> str:
    """A page that nobody can pay on any more."""
    attempt = ChargeAttempt.objects.filter(
        gateway=gateway.code, external_id=page_id, status=Status.OPEN
    ).first()
    if attempt is None:
        return "Nothing to do."
    if gateway.close_checkout(page_id):
        attempts.close(attempt, Status.FAILED, CLOSED)
    return CLOSED
