"""What waits in the shop: an order that staff must approve, and two promotion codes."""

from __future__ import annotations

from decimal import Decimal

from accounts.models import Customer
from billing.models import Promotion
from billing.orders.items import Wanted
from billing.orders.place import Checkout, place
from products.models import Product

APPROVED = "Business Mail"  # migrations are planned with the customer first
BUYER, DOMAIN = "Meadow Lane Clinic", "meadowlane-research.example"


def plant() -> None:
    Promotion.objects.create(
        code="WELCOME10", name="Welcome: 10 % for three months", type=Promotion.Type.PERCENT,
        value=Decimal(10), recurrences=3,
    )  # fmt: skip
    Promotion.objects.create(
        code="MOVE20", name="20 EUR towards your move", type=Promotion.Type.FIXED,
        value=Decimal(20), currency="EUR", max_uses=50,
    )  # fmt: skip
    customer = Customer.objects.get(company=BUYER)
    product = Product.objects.get(name=APPROVED)
    wanted = Wanted(
        product=product.pk, cycle="monthly", currency=customer.currency, domain=DOMAIN,
        options={"max_domain_aliases": 2, "support": "priority", "migration": "yes"},
    )  # fmt: skip
    place(
        Checkout(
            customer=customer, items=[wanted], code="WELCOME10", accepted=True, token="example",  # noqa: S106
            by=customer.users.order_by("pk").first(),
        )
    )  # fmt: skip
