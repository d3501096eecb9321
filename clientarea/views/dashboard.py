from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.access import CustomerRequest
from accounts.roles import CustomerRight
from billing.models import CancellationRequest, Invoice
from billing.payments import expiry
from billing.payments.refunded import refunded
from clientarea import condition
from clientarea.overview import Overview
from clientarea.pages import ServiceRequest, customer_page, service_page, services, show
from config import clock
from provisioning.models import Service

MOST_CARDS = 3
PER_PAGE = 50
MOST_INVOICES = 5
ENDED = ("terminated", "cancelled")


@require_safe
@customer_page(CustomerRight.VIEW_SERVICES)
def home(request: CustomerRequest) -> HttpResponse:
    """A card for each of a few services, one line for each of many."""
    live = services(request).exclude(desired__in=ENDED).order_by("domain")
    page = Paginator(live, PER_PAGE).get_page(request.GET.get("page"))
    open_invoices = _open_invoices(request)
    context = {
        "page": page,
        "ended": services(request).filter(desired__in=ENDED).count(),
        "open_invoices": open_invoices,
        "refunds": refunded(open_invoices),
        "card_note": _card_note(request),
        "today": clock.today(),
    }
    if page.paginator.count <= MOST_CARDS:
        context["cards"] = [Overview(service) for service in page.object_list]
    else:
        context["rows"] = _rows([service.pk for service in page.object_list])
    return show(request, "home.html", context)


@require_safe
@service_page()
def service(request: ServiceRequest) -> HttpResponse:
    cancelled = CancellationRequest.objects.filter(service=request.service).first()
    context = {"card": Overview(request.service), "cancellation": cancelled}
    return show(request, "services/page.html", context)


def _rows(keys: list[int]) -> list[tuple[Service, condition.Condition]]:
    listed = Service.objects.filter(pk__in=keys).select_related("product", "server")
    counted = listed.annotate(mailbox_count=Count("mailboxes")).order_by("domain")
    return [(service, condition.of(service)) for service in counted]


def _card_note(request: CustomerRequest) -> str:
    """Of the card that is charged, when it does not go on for long."""
    if not request.access.has_right(CustomerRight.VIEW_INVOICES):
        return ""
    card = expiry.near(request.customer)
    return expiry.words(card) if card else ""


def _open_invoices(request: CustomerRequest) -> list[Invoice]:
    if not request.access.has_right(CustomerRight.VIEW_INVOICES):
        return []
    owed = Invoice.objects.filter(customer=request.customer, status=Invoice.Status.ISSUED)
    return list(owed.order_by("due_on", "pk")[:MOST_INVOICES])
