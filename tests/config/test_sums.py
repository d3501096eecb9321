from __future__ import annotations

from decimal import Decimal

import pytest

from billing.models import Invoice
from config.sums import ExactSum
from tests.billing import build

pytestmark = pytest.mark.django_db


def test_ten_thousand_dimes_are_a_thousand_to_the_last_place():
    buyer = build.customer()
    Invoice.objects.bulk_create(
        Invoice(customer=buyer, currency="EUR", net=Decimal("0.1001"), total=Decimal("0.1001"))
        for _ in range(10_000)
    )
    total = Invoice.objects.aggregate(total=ExactSum("total"))["total"]
    assert total == Decimal("1001.0000")


def test_a_sum_over_nothing_is_zero():
    assert Invoice.objects.aggregate(total=ExactSum("total"))["total"] == Decimal(0)


def test_a_sum_may_be_filtered():
    from django.db.models import Q

    buyer = build.customer()
    for amount in ("1.10", "2.20"):
        Invoice.objects.create(customer=buyer, currency="EUR", total=Decimal(amount))
    found = Invoice.objects.aggregate(total=ExactSum("total", filter=Q(total__gt=2)))
    assert found["total"] == Decimal("2.20")
