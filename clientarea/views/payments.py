"""What was paid, what is owed, and the cards that are kept."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import CustomerRequest, owned_or_404
from accounts.roles import CustomerRight
from billing.documents.statement import owed, statement
from billing.gateways.contract import Ability
from billing.gateways.errors import GatewayError
from billing.gateways.registry import label_of, labels_of, offered
from billing.models import Payment, SavedMethod
from billing.payments import credit, expiry, methods
from clientarea import tokens
from clientarea.forms.base import ConfirmForm
from clientarea.pages import customer_page, show
from clientarea.paying import leave, urls
from clientarea.tables import Column, table
from clientarea.writes import Done, Sheet, handle, posted

seeing = customer_page(CustomerRight.VIEW_INVOICES)
paying = customer_page(CustomerRight.PAY)
CARDS = "clientarea:cards"
COLUMNS = (
    Column("date", gettext_lazy("Date"), "received_on"),
    Column("way", gettext_lazy("Paid by")),
    Column("for", gettext_lazy("For")),
    Column("status", gettext_lazy("Status")),
    Column("amount", gettext_lazy("Amount"), "amount"),
)


@require_safe
@seeing
def index(request: CustomerRequest) -> HttpResponse:
    mine = Payment.objects.filter(customer=request.customer)
    rows = mine.prefetch_related("refunds", "charge_backs", "allocations__invoice")
    page = table(request, rows, COLUMNS, search_field="", newest_first=True)
    names = labels_of()
    context = {
        "table": page,
        "rows": [(each, names.get(each.gateway, label_of(each.gateway))) for each in page.page],
    }
    return show(request, "payments/index.html", context)


@require_safe
@seeing
def account(request: CustomerRequest) -> HttpResponse:
    """The statement in the customer's currency, and in any other that something moved in."""
    customer = request.customer
    others = customer.invoices.exclude(status="draft").values_list("currency", flat=True)
    paid = customer.payments.values_list("currency", flat=True)
    statements = [
        {
            "currency": currency,
            "rows": statement(customer, currency)[::-1],
            "owed": owed(customer, currency),
            "credit": credit.balance(customer, currency),
        }
        for currency in sorted({customer.currency, *others, *paid})
    ]
    return show(request, "payments/statement.html", {"statements": statements})


@require_safe
@seeing
def cards(request: CustomerRequest) -> HttpResponse:
    context = {
        "cards": [_ending(each) for each in methods.kept(request.customer)],
        "offers": offered(Ability.SAVED_METHODS),
        "token": tokens.fresh(),
    }
    return show(request, "payments/cards.html", context)


@never_cache
@require_POST
@paying
def card_add(request: CustomerRequest, gateway: str) -> HttpResponse:
    """On the gateway's own page; the card's number never comes near us."""
    account = next((each for each in offered(Ability.SAVED_METHODS) if each.code == gateway), None)
    if account is None:
        messages.error(request, _("Cards cannot be kept at the moment."))
        return redirect(CARDS)
    token = request.POST.get("form_token", "")[:40] or tokens.fresh()
    there_and_back = urls(request, "card_added", "cards")
    try:
        page = methods.start_saving(request.customer, gateway, there_and_back, token=token)
    except GatewayError as error:
        messages.error(request, error.message)
        return redirect(CARDS)
    request.session["card_page"] = [gateway, page.external_id]
    return leave(request, page.url)


@never_cache
@require_safe
@paying
def card_added(request: CustomerRequest) -> HttpResponse:
    """Back from that page: what was left there is read instead of waiting to be told."""
    gateway, page_id = request.session.pop("card_page", ["", ""])
    try:
        kept = methods.saved(request.customer, gateway, page_id) if page_id else None
    except GatewayError:
        kept = None
    if kept:
        messages.success(request, _("%s is kept.") % kept)
    else:
        messages.info(request, _("No card was kept."))
    return redirect(CARDS)


@require_POST
@paying
def card_default(request: CustomerRequest, card: str) -> HttpResponse:
    method = _card(request, card)
    try:
        methods.make_default(method)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("%s is charged from now on.") % method)
    return redirect(CARDS)


@require_http_methods(["GET", "HEAD", "POST"])
@paying
def card_remove(request: CustomerRequest, card: str) -> HttpResponse:
    method = _card(request, card)
    back = reverse(CARDS)

    def act() -> Done:
        try:
            methods.forget(method)
        except GatewayError as error:
            raise ValidationError(error.message) from error
        return Done(url=back, message=_("%s was removed.") % method)

    sheet = Sheet(template="payments/card_remove.html", back=back, context={"card": method})
    return handle(request, ConfirmForm(posted(request)), act, sheet)


def _ending(card: SavedMethod) -> tuple[SavedMethod, str, str]:
    """With a tone and the words of how it stands, none where it goes on for long."""
    if expiry.is_over(card):
        return card, "bad", _("expired")
    return (card, "warn", _("expires soon")) if expiry.is_soon(card) else (card, "", "")


def _card(request: CustomerRequest, card: str) -> SavedMethod:
    return owned_or_404(request, SavedMethod, external_id=card, removed_at__isnull=True)
