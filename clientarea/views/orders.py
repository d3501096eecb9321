from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import CustomerRequest, owned_or_404
from accounts.roles import CustomerRight
from billing.models import Order
from clientarea.pages import customer_page, show
from clientarea.tables import Column, table

COLUMNS = (
    Column("date", _("Date"), "created_at"),
    Column("items", _("What was ordered")),
    Column("status", _("Status"), "status"),
    Column("invoice", _("Invoice")),
)
page_of = customer_page(CustomerRight.ORDER)


@require_safe
@page_of
def index(request: CustomerRequest) -> HttpResponse:
    mine = Order.objects.filter(customer=request.customer).select_related("invoice")
    rows = mine.prefetch_related("items__product")
    page = table(request, rows, COLUMNS, search_field="", newest_first=True)
    return show(request, "orders/index.html", {"table": page})


@require_safe
@page_of
def page(request: CustomerRequest, public_id: str) -> HttpResponse:
    order = owned_or_404(request, Order.objects.select_related("invoice"), public_id=public_id)
    items = order.items.select_related("product", "service")
    return show(request, "orders/page.html", {"order": order, "items": items})
