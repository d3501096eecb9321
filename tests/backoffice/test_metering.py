"""The metering of a product, as a reseller sets it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent
from billing.charges.facts import metering_terms
from products.models import Product
from provisioning.contract.meters import PriceModel
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


def url(product: Product) -> str:
    return f"/admin/products/product/{product.pk}/metering/"


def typed(metric: str, **values: Any) -> dict[str, Any]:
    usual = {
        "model": "", "aggregation": "last", "timing": "arrears", "included": "0", "size": "1",
        "minimum_tranches": "0", "fixed_rule": "plus",
    }  # fmt: skip
    return {f"{metric}-{name}": value for name, value in (usual | values).items()}


def save(boss: Client, product: Product, **values: Any) -> Any:
    answer = boss.post(url(product), typed("disk", **values) | typed("mailboxes"))
    product.refresh_from_db()
    return answer


def test_tranches_by_the_95th_percentile_are_set_and_written_down(boss: Client) -> None:
    product = ProductFactory()
    answer = save(boss, product, model="tranche", aggregation="p95", size="10", price_EUR="6.00")
    assert answer.status_code == 302
    (meter,) = metering_terms(product, "EUR").meters
    assert (meter.model, meter.size, str(meter.price)) == (PriceModel.TRANCHE, 10, "6.00")
    assert metering_terms(product, "EUR").tranche is None
    assert AuditEvent.objects.filter(action="product.metering_changed").count() == 1
    assert 'value="6.00"' in boss.get(url(product)).content.decode()


def test_bands_are_typed_one_a_line(boss: Client) -> None:
    product = ProductFactory()
    save(boss, product, model="graduated", bands_EUR="10 = 0\n50 = 0.10\n* = 0.20")
    (meter,) = metering_terms(product, "EUR").meters
    assert [str(band.price) for band in meter.bands] == ["0", "0.10", "0.20"]
    assert "50 = 0.10" in boss.get(url(product)).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": "per_unit"},
        {"model": "per_unit", "price_EUR": "-1"},
        {"model": "tranche", "price_EUR": "1", "size": "0"},
        {"model": "volume", "bands_EUR": "ten = 1"},
        {"model": "volume", "bands_EUR": "10 = 1"},
        {"model": "volume", "bands_EUR": "10 = 1\n5 = 1\n* = 1"},
        {"model": "volume", "bands_EUR": "* = NaN"},
        {"model": "guess", "price_EUR": "1"},
    ],
)
def test_what_could_not_be_billed_is_refused_and_nothing_is_kept(
    boss: Client, wrong: dict[str, str]
) -> None:
    product = ProductFactory()
    answer = save(boss, product, **wrong)
    assert answer.status_code == 200
    assert any(form.errors for form in answer.context["rules"])
    assert product.metering == []


def test_without_the_right_nothing_is_set(signed_in: Any) -> None:
    product = ProductFactory()
    answer = save(signed_in("support"), product, model="per_unit", price_EUR="1")
    assert answer.status_code == 403
    assert product.metering == []
