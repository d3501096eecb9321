"""What is offered to whoever looks, in one currency."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from billing.charges.facts import metering_terms
from billing.charges.price_list import Use, use_of
from billing.models import Seller
from config.periods import CYCLES
from products.models import Price, Product, ProductGroup

LENGTH = {code: position for position, code in enumerate(CYCLES)}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """`prices` in the order of their cycles; there is at least one."""

    product: Product
    prices: tuple[Price, ...]

    @cached_property
    def use(self) -> Use:
        currency = self.prices[0].currency
        return use_of(metering_terms(self.product, currency), currency)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    group: ProductGroup
    offers: tuple[Offer, ...]


def is_open() -> bool:
    """Nothing can be sold before the seller's details are known."""
    return Seller.objects.exists()


def currencies() -> list[str]:
    """In which something is offered."""
    rows = Price.objects.filter(product__in=_offered())
    return sorted(rows.values_list("currency", flat=True).distinct().order_by())


def shelves(currency: str) -> list[Shelf]:
    """Groups with what is offered of each, in their order; empty ones are left out."""
    products = list(_offered().select_related("group").order_by("position", "name"))
    prices = _prices(products, currency)
    found: dict[ProductGroup, list[Offer]] = defaultdict(list)
    for product in products:
        if prices[product.pk]:
            offer = Offer(product=product, prices=tuple(prices[product.pk]))
            found[product.group].append(offer)
    groups = sorted(found, key=lambda group: (group.position, group.name))
    return [Shelf(group=group, offers=tuple(found[group])) for group in groups]


def offer(product_id: int, currency: str) -> Offer | None:
    """None when it is not offered, or not in this currency."""
    product = _offered().select_related("group").filter(pk=product_id).first()
    prices = _prices([product], currency)[product.pk] if product else []
    return Offer(product=product, prices=tuple(prices)) if product and prices else None


def _offered() -> QuerySet[Product]:
    return Product.objects.filter(active=True, group__hidden=False)


def _prices(products: list[Product], currency: str) -> dict[int, list[Price]]:
    rows = Price.objects.filter(product__in=products, currency=currency)
    found: dict[int, list[Price]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: LENGTH[row.cycle]):
        found[row.product_id].append(row)
    return found
