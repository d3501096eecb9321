"""Searching a list: what is found, and that a large PostgreSQL database has indexes for it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, models
from django.test import Client

from accounts.models import Customer, User
from billing.models import Invoice
from provisioning.models import Service
from tests.factories import CustomerFactory, ServiceFactory

SERVICES, CUSTOMERS = "/admin/provisioning/service/", "/admin/accounts/customer/"
pytestmark = pytest.mark.django_db


def found(boss: Client, url: str, term: str) -> list[str]:
    page = boss.get(url, {"q": term})
    return sorted(str(row) for row in page.context["cl"].result_list)


@pytest.fixture
def copper() -> Service:
    customer = CustomerFactory(name="Ann Bell", company="Copper Works", email="ann@cw.example")
    ServiceFactory(domain="other.example")
    return ServiceFactory(customer=customer, domain="copper.example")


@pytest.mark.parametrize(
    ("term", "hit"),
    [
        ("OPPER.ex", True),
        ("copper works", True),  # one in the domain, the other in the company
        ('"copper works"', True),
        ('"works copper"', False),
        ("copper silver", False),
        ("ann@cw", True),
        ("'", False),
        ("%", False),
    ],
)
def test_each_word_is_looked_for_in_the_domain_and_in_its_customer(
    boss: Client, copper: Service, term: str, hit: bool
) -> None:
    assert found(boss, SERVICES, term) == ["copper.example"] * hit


def test_a_customer_is_found_once_however_many_columns_fit_and_shows_its_live_services(
    boss: Client, copper: Service
) -> None:
    ServiceFactory(customer=copper.customer, desired="terminated")
    Customer.objects.filter(pk=copper.customer_id).update(name="copper", email="copper@x.example")
    page = boss.get(CUSTOMERS, {"q": "copper"})
    (row,) = page.context["cl"].result_list
    assert (row, row.live_count) == (copper.customer, 1)


def test_an_empty_search_shows_everything(boss: Client, copper: Service) -> None:
    assert found(boss, SERVICES, " ") == ["copper.example", "other.example"]


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("model", "column"),
    [
        (Service, "domain"), (Customer, "company"), (Customer, "name"), (Customer, "email"),
        (User, "email"), (User, "name"), (Invoice, "number"),
    ],
)  # fmt: skip
def test_there_is_an_index_for_what_search_asks(model: type[models.Model], column: str) -> None:
    rows: Any = model._default_manager.order_by().filter(**{f"{column}__icontains": "copper"})
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert f"{model._meta.db_table}_search" in rows.explain()
