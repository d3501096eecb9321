from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import Customer
from backoffice.customers.field import CustomerField, told
from provisioning.models import Server
from tests.factories import CustomerFactory, ProductFactory

pytestmark = pytest.mark.django_db
ADD = "/admin/provisioning/service/add/"


@pytest.fixture
def fern() -> Customer:
    return CustomerFactory(company="Fern & Co", name="Ann Fern", email="ann@fern.example")


@pytest.mark.parametrize("typed", ["fern co", "ANN", "ann@fern", "Fern & Co · #{}"])
def test_a_customer_is_found_by_name_company_address_or_number(fern: Customer, typed: str):
    CustomerFactory(company="Copper", name="Bo", email="bo@copper.example")
    assert CustomerField().clean(typed.format(fern.pk)) == fern
    assert CustomerField().clean(told(fern)) == fern
    assert CustomerField().clean(str(fern.pk)) == fern


def test_words_that_mean_several_name_them_and_choose_none(fern: Customer):
    other = CustomerFactory(company="Fern Valley", name="Cy", email="cy@valley.example")
    with pytest.raises(ValidationError) as refused:
        CustomerField().clean("fern")
    assert f"Fern & Co #{fern.pk}" in str(refused.value)
    assert f"Fern Valley #{other.pk}" in str(refused.value)


@pytest.mark.parametrize("typed", ["nobody", "#999999"])
def test_words_that_mean_nobody_are_refused(fern: Customer, typed: str):
    with pytest.raises(ValidationError):
        CustomerField().clean(typed)


def test_nothing_typed_is_nobody_where_that_is_allowed():
    assert CustomerField(required=False).clean("") is None


def test_what_was_typed_is_one_customer_from_then_on(boss: Client, fern: Customer):
    product = ProductFactory()
    page = boss.get(ADD, {"customer": "ann", "product": product.pk})
    assert page["Location"] == f"{ADD}?customer={fern.pk}&product={product.pk}"
    named = boss.get(ADD, {"customer": fern.pk}).content.decode()
    assert f'value="Fern &amp; Co · ann@fern.example #{fern.pk}"' in named


def test_a_name_that_is_wrong_is_refused_beside_it_and_stays(boss: Client, fern: Customer):
    page = boss.get(ADD, {"customer": "nobody", "product": ProductFactory().pk})
    assert page.context["form"].errors.keys() == {"customer"}
    assert 'value="nobody"' in page.content.decode()


def test_a_server_that_was_added_is_where_one_goes_on(boss: Client):
    page = boss.post(
        "/admin/provisioning/server/add/?platform=smartermail",
        {"name": "mx", "hostname": "mx.example", "port": "443", "username": "admin",
         "password": "secret", "enabled": "on", "set-identity": "auto"},
    )  # fmt: skip
    assert page["Location"] == f"/admin/provisioning/server/{Server.objects.get().pk}/change/"
