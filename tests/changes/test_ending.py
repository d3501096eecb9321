"""What becomes of a change that waits when its service ends."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.changes import apply, ending
from billing.changes.request import request
from billing.models import CreditEntry, Invoice, ServiceChange
from billing.orders import cancellations
from billing.payments.credit import balance
from billing.payments.record import Receipt, receive
from provisioning.models import Service
from tests.changes.test_changes import latest, pay, plan, service, wish

pytestmark = pytest.mark.usefixtures("seller")


@pytest.fixture
def waiting(seller: None) -> ServiceChange:
    return request(service(plan("10.00")), wish(plan("20.00")))


@pytest.mark.parametrize("when", ["at_once", "end_of_term"])
def test_a_cancelled_service_gives_its_change_up_and_owes_nothing_for_it(
    waiting: ServiceChange, when: str
) -> None:
    cancellations.request(waiting.service, when=when)
    waiting.refresh_from_db()
    assert (waiting.status, latest().status) == ("cancelled", "void")
    assert apply.carry_out(date(2026, 7, 1)) == 0


def test_a_terminated_service_gives_its_change_up(waiting: ServiceChange) -> None:
    ending.terminate(waiting.service, cause="staff:1")
    waiting.refresh_from_db()
    assert (waiting.status, latest().status) == ("cancelled", "void")
    assert Service.objects.get().desired == "terminated"


def test_a_change_at_the_end_of_the_term_does_not_outlive_the_service(seller: None) -> None:
    owner = service(plan("20.00"))
    change = request(owner, wish(plan("10.00")))
    ServiceChange.objects.update(status="scheduled", apply_on=date(2026, 7, 1))
    cancellations.request(owner, when="end_of_term")
    change.refresh_from_db()
    assert change.status == "cancelled"


def test_what_was_paid_of_it_becomes_account_credit(waiting: ServiceChange) -> None:
    assert waiting.invoice is not None
    part = Receipt(
        gateway="bank", external_id="part", amount=Decimal(1), currency="EUR",
        received_on=date(2026, 6, 11),
    )  # fmt: skip
    receive(waiting.service.customer, part, invoice=waiting.invoice)
    ending.terminate(waiting.service, cause="staff:1")
    assert balance(waiting.service.customer, "EUR") == 1
    assert CreditEntry.objects.count() == 1


def test_a_paid_change_that_could_not_be_carried_out_is_credited(
    waiting: ServiceChange, monkeypatch: Any
) -> None:
    waiting.product.active = False
    waiting.product.save()
    pay(latest())
    waiting.refresh_from_db()
    assert waiting.status == "waiting"
    ending.terminate(waiting.service, cause="staff:1")
    assert balance(waiting.service.customer, "EUR") == latest().total
    assert Invoice.objects.filter(kind="credit_note").count() == 1
