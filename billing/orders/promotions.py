"""Promotion codes: whether one may be used, what it is worth, and taking a use of it.

A percentage lowers each service it fits. A fixed amount is spread over the services of the order
in proportion to what they cost, so that one invoice is lowered by it once. Both apply to as many
bills of a service as the promotion says.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from billing.charges.spreading import spread
from billing.models import Order, Promotion, ServiceDiscount
from config import clock
from config.language import day
from products.models import Product
from provisioning.models import Service

FIELD = "code"
GONE = (Order.Status.CANCELLED, Order.Status.FRAUD)
EXHAUSTED = _("This code has been used as often as it may be.")
ZERO = Decimal(0)


def find(code: str, *, currency: str, customer: Customer | None) -> Promotion:
    """ValidationError keyed "code". `customer` is None for a visitor."""
    promotion = Promotion.objects.filter(code__iexact=code.strip(), active=True).first()
    if promotion is None:
        raise ValidationError({FIELD: gettext("We do not know this code.")})
    problem = _problem(promotion, currency, customer)
    if problem:
        raise ValidationError({FIELD: problem})
    return promotion


def fits(promotion: Promotion, product: Product, cycle: str) -> bool:
    if promotion.cycles and cycle not in promotion.cycles:
        return False
    chosen = set(promotion.products.values_list("pk", flat=True))
    return not chosen or product.pk in chosen


def values(promotion: Promotion, amounts: Sequence[Decimal], currency: str) -> list[Decimal]:
    """What it is worth to each service it fits; `amounts` are what they cost."""
    if promotion.type == Promotion.Type.PERCENT:
        return [promotion.value for _amount in amounts]
    return spread(promotion.value, amounts, currency)


def discount(promotion: Promotion, service: Service, value: Decimal) -> ServiceDiscount:
    """Unsaved."""
    return ServiceDiscount(
        service=service,
        promotion=promotion,
        name=promotion.name,
        type=promotion.type,
        value=value,
        remaining=promotion.recurrences or None,
    )


def take(promotion: Promotion) -> None:
    """One use, by a conditional update: of two orders at once the last use goes to one."""
    left = Q(max_uses__isnull=True) | Q(uses__lt=F("max_uses"))
    rows = Promotion.objects.filter(left, pk=promotion.pk, active=True)
    if not rows.update(uses=F("uses") + 1):
        raise ValidationError({FIELD: EXHAUSTED})


def give_back(promotion: Promotion) -> None:
    """The use of an order that came to nothing."""
    Promotion.objects.filter(pk=promotion.pk, uses__gt=0).update(uses=F("uses") - 1)


def _problem(promotion: Promotion, currency: str, customer: Customer | None) -> str:
    today = clock.today()
    if promotion.valid_from and today < promotion.valid_from:
        return gettext("This code is valid from %(day)s.") % {"day": day(promotion.valid_from)}
    if promotion.valid_to and today > promotion.valid_to:
        return gettext("This code has expired.")
    if promotion.max_uses is not None and promotion.uses >= promotion.max_uses:
        return str(EXHAUSTED)
    if promotion.type == Promotion.Type.FIXED and promotion.currency != currency:
        return gettext("This code is for orders in %(currency)s.") % {
            "currency": promotion.currency
        }
    if promotion.once_per_customer and customer and _used(promotion, customer):
        return gettext("You have used this code before.")
    return ""


def _used(promotion: Promotion, customer: Customer) -> bool:
    earlier = Order.objects.filter(customer=customer.pk, promotion=promotion)
    return bool(customer.pk) and earlier.exclude(status__in=GONE).exists()
