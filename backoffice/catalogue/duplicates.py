"""A copy of a product with its prices, options and place, not offered until somebody says so."""

from __future__ import annotations

from itertools import count

from django.db import transaction

from accounts import audit
from products.models import Price, Product
from provisioning.models import Placement

LONGEST = Product._meta.get_field("name").max_length or 120


@transaction.atomic
def duplicate_product(product: Product) -> Product:
    copy = Product.objects.get(pk=product.pk)
    copy.pk, copy.name, copy.active = None, _free_name(product), False
    copy._state.adding = True
    copy.save()
    copy.option_groups.set(product.option_groups.all())
    Price.objects.bulk_create(
        Price(
            product=copy,
            cycle=row.cycle,
            currency=row.currency,
            amount=row.amount,
            setup_fee=row.setup_fee,
        )
        for row in product.prices.all()
    )
    for place in Placement.objects.filter(product=product):
        Placement.objects.create(product=copy, group=place.group)
    audit.record("product.duplicated", copy, after=audit.facts(copy) | {"from": str(product)})
    return copy


def _free_name(product: Product) -> str:
    taken = set(Product.objects.filter(group=product.group).values_list("name", flat=True))
    for number in count(1):
        ending = " (copy)" if number == 1 else f" (copy {number})"
        name = product.name[: LONGEST - len(ending)] + ending
        if name not in taken:
            return name
    raise AssertionError("unreachable")
