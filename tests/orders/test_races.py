"""Two customers at once: threads on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from billing.models import Invoice, NumberSeries, Order, Promotion
from billing.orders import cancellations, decide
from billing.orders.place import place
from provisioning.models import Command, Service
from tests.factories import CustomerFactory
from tests.orders.build import checkout, mail_product, order, product, promotion, service_of, wanted

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("seller"),
]
THREADS = 6


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """What each thread got; a refusal as it was raised."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return act()
        except ValidationError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def placing(sent: Any) -> Callable[[], Any]:
    return lambda: place(sent)


def test_one_domain_is_sold_to_one_customer(server: Any) -> None:
    sold = mail_product(server)
    sent = [
        checkout(CustomerFactory(), wanted(sold, domain="wanted.example")) for _ in range(THREADS)
    ]
    got = at_once([placing(each) for each in sent])
    assert sum(isinstance(each, Order) for each in got) == 1
    refused = [each for each in got if isinstance(each, ValidationError)]
    assert len(refused) == THREADS - 1
    assert all("already in use" in each.message_dict["items"][0] for each in refused)
    assert (Service.objects.count(), Invoice.objects.count()) == (1, 1)
    assert NumberSeries.objects.get().last == 1


def test_the_last_use_of_a_promotion_goes_to_one_order(db: None) -> None:
    sold, code = product(), promotion(max_uses=3, uses=2).code
    sent = [checkout(CustomerFactory(), wanted(sold), code=code) for _ in range(THREADS)]
    got = at_once([placing(each) for each in sent])
    assert sum(isinstance(each, Order) for each in got) == 1
    assert Promotion.objects.get().uses == 3
    assert Order.objects.count() == Service.objects.count() == Invoice.objects.count() == 1


def test_one_customer_uses_a_code_once_though_two_tabs_try(db: None) -> None:
    customer, sold, code = CustomerFactory(), product(), promotion().code
    sent = [checkout(customer, wanted(sold), code=code) for _ in range(THREADS)]
    got = at_once([placing(each) for each in sent])
    assert sum(isinstance(each, Order) for each in got) == 1
    assert Promotion.objects.get().uses == 1


def test_one_form_sent_at_once_from_everywhere_is_one_order(db: None) -> None:
    sent = checkout(CustomerFactory(), wanted(product()))
    got = at_once([placing(sent)] * THREADS)
    assert len({each.pk for each in got}) == 1
    assert Order.objects.count() == Invoice.objects.count() == 1


def test_orders_over_several_server_groups_never_wait_for_each_other_for_ever(
    server: Any,
) -> None:
    first, second = mail_product(server), mail_product(server)
    sent = [
        checkout(
            CustomerFactory(),
            *[wanted(sold) for sold in ((first, second) if number % 2 else (second, first))],
        )
        for number in range(THREADS)
    ]
    got = at_once([placing(each) for each in sent])
    assert all(isinstance(each, Order) for each in got)
    assert NumberSeries.objects.get().last == THREADS


def test_two_members_of_staff_accept_an_order_once(server: Any) -> None:
    made = order(CustomerFactory(), wanted(mail_product(server, setup_type="on_approval")))
    got = at_once([lambda: decide.accept(made)] * 2)
    assert sum(isinstance(each, Order) for each in got) == 1
    assert Command.objects.count() == 1


def test_a_service_cancelled_twice_at_once_is_credited_once(db: None) -> None:
    service = service_of(order(CustomerFactory(), wanted(product())))
    at_once([lambda: cancellations.request(service, when="at_once")] * 2)
    assert Invoice.objects.filter(kind="credit_note").count() == 1
