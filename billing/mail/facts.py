"""What texts say about documents and services, as plain words."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from billing.models import Invoice
from config.language import day, speaking
from config.money import format_money
from provisioning.models import Service


def of_invoice(invoice: Invoice) -> dict[str, str]:
    with speaking(invoice.customer.language):
        return _told(invoice)


def _told(invoice: Invoice) -> dict[str, str]:
    return {
        "number": str(invoice),
        "total": format_money(invoice.total, invoice.currency),
        "open": format_money(invoice.open_amount, invoice.currency),
        "issued": day(invoice.issued_on) if invoice.issued_on else "",
        "due": day(invoice.due_on) if invoice.due_on else "",
        "link": link("clientarea:invoice", invoice.public_id),
    }


def of_service(service: Service) -> dict[str, str]:
    return {"service": service.domain, "product": str(service.product)}


def link(view: str, *args: object) -> str:
    return settings.SITE_URL + reverse(view, args=args)
