"""Cards and mandates that a gateway keeps for a customer."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Customer
from billing.gateways.contract import Method, Page, Urls
from billing.gateways.registry import open_gateway
from billing.locks import lock_customer
from billing.models import GatewayAccount, SavedMethod
from billing.payments.payers import customer_of, payer_of
from config import clock


def kept(customer: Customer) -> QuerySet[SavedMethod]:
    rows = SavedMethod.objects.filter(customer=customer, removed_at__isnull=True)
    return rows.order_by("-is_default", "pk")


def default_of(customer: Customer) -> SavedMethod | None:
    """What is charged without asking; nothing at a gateway that is switched off."""
    on = GatewayAccount.objects.filter(enabled=True).values("code")
    return kept(customer).filter(is_default=True, gateway__in=on).first()


def start_saving(customer: Customer, code: str, urls: Urls, *, token: str) -> Page:
    """A page of the gateway on which the customer leaves a card. GatewayError."""
    gateway = open_gateway(code)
    payer = payer_of(customer, gateway)
    reference = f"save-{customer.public_id}-{token}"
    return gateway.start_saving(payer, urls, currency=customer.currency, reference=reference)


def saved(customer: Customer, code: str, page_id: str) -> SavedMethod | None:
    """What came of that page, for the customer who comes back from it. GatewayError."""
    found = open_gateway(code).read_page(page_id)
    row = keep(code, found) if isinstance(found, Method) else None
    return row if row and row.customer_id == customer.pk else None


def keep(code: str, method: Method) -> SavedMethod | None:
    """As the gateway has it now; None when it belongs to nobody we know."""
    if not method.usable:
        _forgotten(code, method.external_id)
        return None
    customer = customer_of(code, method.payer_id)
    if customer is None:
        return None
    with transaction.atomic():
        lock_customer(customer.pk)
        row, made = SavedMethod.objects.get_or_create(
            gateway=code,
            external_id=method.external_id,
            defaults={
                "customer": customer,
                "external_customer": method.payer_id,
                "label": method.label[:120],
                "expires_on": method.expires_on,
                "is_default": not kept(customer).filter(is_default=True).exists(),
            },
        )
        if made:
            audit.record("payment_method.added", row, after=audit.facts(row))
        elif row.customer_id == customer.pk:
            row.label, row.expires_on, row.removed_at = method.label[:120], method.expires_on, None
            row.save(update_fields=["label", "expires_on", "removed_at"])
    return row


def make_default(method: SavedMethod) -> None:
    with transaction.atomic():
        lock_customer(method.customer_id)
        if not kept(method.customer).filter(pk=method.pk).exists():
            raise ValidationError(_("This card was removed."))
        SavedMethod.objects.filter(customer=method.customer_id).update(is_default=False)
        SavedMethod.objects.filter(pk=method.pk).update(is_default=True)
        audit.record("payment_method.made_default", method)


def forget(method: SavedMethod) -> None:
    """At the gateway first: what we no longer show must not be charged. GatewayError."""
    open_gateway(method.gateway).forget_method(method.external_id)
    _forgotten(method.gateway, method.external_id)


def _forgotten(code: str, external_id: str) -> None:
    found = SavedMethod.objects.filter(gateway=code, external_id=external_id).first()
    if found is None or found.removed_at:
        return
    with transaction.atomic():
        lock_customer(found.customer_id)
        found.removed_at, found.is_default = clock.now(), False
        found.save(update_fields=["removed_at", "is_default"])
        _next_default(found)
        audit.record("payment_method.removed", found)


def _next_default(gone: SavedMethod) -> None:
    left = kept(gone.customer)
    following = left.first()
    if following and not left.filter(is_default=True).exists():
        SavedMethod.objects.filter(pk=following.pk).update(is_default=True)
