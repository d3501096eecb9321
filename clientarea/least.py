"""What a product costs at least for a term, beside its price."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy

from billing.charges.minimums import minimum_of
from config.money import format_money
from products.models import Product

WORDS = {
    "monthly": gettext_lazy("at least %s a month"),
    "quarterly": gettext_lazy("at least %s a quarter"),
    "semiannually": gettext_lazy("at least %s for half a year"),
    "annually": gettext_lazy("at least %s a year"),
    "biennially": gettext_lazy("at least %s for two years"),
    "triennially": gettext_lazy("at least %s for three years"),
}


def words(product: Product | None, cycle: str, currency: str, price: Decimal) -> str:
    """Empty where the price alone is as much, or where the term has no minimum."""
    if product is None or cycle not in WORDS:
        return ""
    least = minimum_of(product, cycle, currency)
    return str(WORDS[cycle]) % format_money(least, currency) if least > price else ""
