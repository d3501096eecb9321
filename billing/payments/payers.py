"""Who a customer is at a gateway."""

from __future__ import annotations

from django.db import transaction

from accounts.models import Customer
from billing.gateways.contract import Gateway, Payer
from billing.models import GatewayCustomer


def payer_of(customer: Customer, gateway: Gateway) -> Payer:
    """Registered there when they are new. GatewayError."""
    known = GatewayCustomer.objects.filter(customer=customer, gateway=gateway.code).first()
    return _payer(customer, known.external_id if known else _register(customer, gateway))


def known_payer(customer: Customer, gateway: Gateway) -> Payer:
    """Without asking the gateway; the external id may be blank."""
    known = GatewayCustomer.objects.filter(customer=customer, gateway=gateway.code).first()
    return _payer(customer, known.external_id if known else "")


def customer_of(gateway_code: str, external_id: str) -> Customer | None:
    found = GatewayCustomer.objects.filter(gateway=gateway_code, external_id=external_id)
    row = found.select_related("customer").first() if external_id else None
    return row.customer if row else None


def _payer(customer: Customer, external_id: str) -> Payer:
    return Payer(
        reference=customer.public_id,
        name=str(customer),
        email=customer.email,
        external_id=external_id,
    )


def _register(customer: Customer, gateway: Gateway) -> str:
    """Two at once are told the same id by the gateway; the first row stays."""
    external_id = gateway.register(_payer(customer, ""))
    with transaction.atomic():
        row, _made = GatewayCustomer.objects.get_or_create(
            customer=customer, gateway=gateway.code, defaults={"external_id": external_id}
        )
    return row.external_id
