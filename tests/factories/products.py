"""What is sold. A product comes with a monthly price in euros and belongs to the fake platform."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from products.models import Option, OptionChoice, OptionGroup, Price, Product, ProductGroup


class ProductGroupFactory(DjangoModelFactory[ProductGroup]):
    class Meta:
        model = ProductGroup

    name = factory.Sequence(lambda n: f"Group {n}")


class ProductFactory(DjangoModelFactory[Product]):
    """`price=False` makes a product that is not offered at all."""

    class Meta:
        model = Product
        skip_postgeneration_save = True

    group = factory.SubFactory(ProductGroupFactory)
    name = factory.Sequence(lambda n: f"Mail {n}")
    module = "fake"

    @factory.post_generation
    def price(product: Product, create: bool, given: Any, **extra: Any) -> None:  # noqa: N805
        amount = extra.pop("amount", Decimal("6.00"))
        if create and given is not False:
            PriceFactory(product=product, amount=amount, **extra)


class PriceFactory(DjangoModelFactory[Price]):
    class Meta:
        model = Price

    product = factory.SubFactory(ProductFactory, price=False)
    cycle = "monthly"
    currency = "EUR"
    amount = Decimal("6.00")


class OptionGroupFactory(DjangoModelFactory[OptionGroup]):
    class Meta:
        model = OptionGroup

    name = factory.Sequence(lambda n: f"Options {n}")


class OptionFactory(DjangoModelFactory[Option]):
    """`values=["eu", "us"]` adds the values of a dropdown."""

    class Meta:
        model = Option
        skip_postgeneration_save = True

    group = factory.SubFactory(OptionGroupFactory)
    code = factory.Sequence(lambda n: f"option_{n}")
    name = factory.Sequence(lambda n: f"Option {n}")
    type = Option.Type.QUANTITY

    @factory.post_generation
    def values(option: Option, create: bool, given: Any, **_extra: Any) -> None:  # noqa: N805
        for position, value in enumerate(given or ()):
            OptionChoice.objects.create(
                option=option, value=value, label=value.upper(), position=position
            )
