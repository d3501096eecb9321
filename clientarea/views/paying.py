"""Paying an invoice: on a gateway's page, from account credit, or with the card on file."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import CustomerRequest, owned_or_404
from accounts.roles import CustomerRight
from billing.gateways.contract import Ability
from billing.gateways.errors import GatewayError
from billing.gateways.registry import offered
from billing.models import ChargeAttempt, Invoice
from billing.payments import checkout, collect, credit, record
from clientarea.forms.base import PanelForm
from clientarea.pages import customer_page
from clientarea.paying import leave, urls
from clientarea.writes import Done, submit
from config.money import format_money

paying = customer_page(CustomerRight.PAY)
DONE = (ChargeAttempt.Status.SUCCEEDED, ChargeAttempt.Status.PENDING)


@never_cache
@require_POST
@paying
def start(request: CustomerRequest, public_id: str, gateway: str) -> HttpResponse:
    invoice = _invoice(request, public_id)
    if gateway not in [account.code for account in offered(Ability.CHECKOUT)]:
        raise Http404
    there_and_back = urls(request, "invoice_paid", "invoice", public_id)
    try:
        page = checkout.start(invoice, gateway, there_and_back, save="keep" in request.POST)
    except ValidationError as error:
        messages.info(request, " ".join(error.messages))
    except GatewayError as error:
        messages.error(request, error.message)
    else:
        return leave(request, page.url)
    return redirect("clientarea:invoice", public_id)


@never_cache
@require_safe
@paying
def back(request: CustomerRequest, public_id: str) -> HttpResponse:
    """The customer returns from a payment page."""
    invoice = _invoice(request, public_id)
    checkout.came_back(invoice)
    invoice.refresh_from_db()
    if invoice.status == Invoice.Status.PAID:
        messages.success(request, _("Thank you. The invoice is paid."))
    elif record.under_way(invoice):
        messages.success(request, _("Thank you. Your bank takes some days to send the money."))
    else:
        messages.info(request, _("No payment has arrived yet. This page shows it when it does."))
    return redirect("clientarea:invoice", public_id)


@require_POST
@paying
def use_credit(request: CustomerRequest, public_id: str) -> HttpResponse:
    invoice = _invoice(request, public_id)

    def act() -> Done:
        used = credit.apply_credit(invoice)
        told = _("%s of your credit was used.") % format_money(used, invoice.currency)
        return Done(url=_page(public_id), message=told)

    return _submitted(request, public_id, act)


@require_POST
@paying
def charge(request: CustomerRequest, public_id: str) -> HttpResponse:
    """With the card on file, while its owner is here."""
    invoice = _invoice(request, public_id)

    def act() -> Done:
        attempt = collect.charge(invoice)
        if attempt is None:
            raise ValidationError(_("This invoice is being paid already."))
        if attempt.status not in DONE:
            raise ValidationError(attempt.error or _("The payment was not made."))
        return Done(url=_page(public_id), message=_("Thank you. %s was charged.") % attempt.method)

    return _submitted(request, public_id, act)


def _submitted(request: HttpRequest, public_id: str, act: Callable[[], Done]) -> HttpResponse:
    form = PanelForm(request.POST)
    response = submit(request, form, act, back=_page(public_id))
    if response is not None:
        return response
    for sentences in form.errors.values():
        for sentence in sentences:
            messages.error(request, str(sentence))
    return redirect("clientarea:invoice", public_id)


def _page(public_id: str) -> str:
    return reverse("clientarea:invoice", args=[public_id])


def _invoice(request: CustomerRequest, public_id: str) -> Invoice:
    rows = Invoice.objects.select_related("customer").exclude(status=Invoice.Status.DRAFT)
    return owned_or_404(request, rows, public_id=public_id, kind=Invoice.Kind.INVOICE)
