from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Customer
from billing.documents import credit_notes, issue
from billing.models import BillingProfile, CreditEntry, Invoice, Order
from billing.orders import place as placing
from billing.orders.place import place
from billing.payments import credit
from billing.payments.record import Receipt, receive
from config import clock
from provisioning.models import Service
from tests.factories import CustomerFactory
from tests.orders.build import (
    checkout,
    counts,
    mail_product,
    nothing_written,
    order,
    product,
    promotion,
    service_of,
    wanted,
)

pytestmark = pytest.mark.django_db


def pay(invoice: Invoice, amount: str | None = None) -> None:
    receipt = Receipt(
        gateway="bank", external_id=f"pay-{invoice.pk}-{amount}", currency=invoice.currency,
        amount=Decimal(amount or invoice.total), received_on=clock.today(),
    )  # fmt: skip
    receive(invoice.customer, receipt, invoice=invoice)


def test_an_order_makes_its_services_and_one_invoice(acme: Customer) -> None:
    placed = order(acme, wanted(product("5.00")), wanted(product("7.00", "3.00")))
    assert Service.objects.count() == 2
    invoice = Invoice.objects.get()
    assert placed.invoice == invoice
    assert (invoice.status, invoice.total) == ("issued", Decimal("15.00"))
    assert (invoice.due_on, invoice.number) == (clock.today(), "INV-2026-00001")
    assert [item.due_today for item in placed.items.all()] == [Decimal("5.00"), Decimal("10.00")]
    assert placed.terms_accepted_at == clock.now()


def test_the_same_form_sent_twice_is_one_order(acme: Customer) -> None:
    sent = checkout(acme, wanted(product()), code=promotion().code)
    first = place(sent)
    with nothing_written():
        assert place(sent) == first


def test_a_form_of_somebody_else_is_not_answered_with_their_order(acme: Customer) -> None:
    order(acme, wanted(product()), token="taken")
    with nothing_written(), pytest.raises(ValidationError, match="sent already"):
        order(CustomerFactory(), wanted(product()), token="taken")


@pytest.mark.parametrize(
    ("change", "field"),
    [({"accepted": False}, "terms"), ({"items": ()}, "items"), ({"seen": Decimal(1)}, "seen")],
)
def test_an_order_that_is_not_agreed_to_leaves_no_trace(
    acme: Customer, change: dict[str, Any], field: str
) -> None:
    given = {"items": (wanted(product()),)} | change
    with nothing_written(), pytest.raises(ValidationError) as refusal:
        order(acme, *given.pop("items"), **given)
    assert field in refusal.value.message_dict


def test_more_items_than_anybody_orders_are_refused(acme: Customer) -> None:
    sold = product()
    with nothing_written(), pytest.raises(ValidationError, match="at most 20 items"):
        order(acme, *[wanted(sold) for _ in range(21)])


def test_a_failure_after_the_services_were_made_takes_them_back(
    acme: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any) -> None:
        raise OSError("the disk is full")

    code = promotion(max_uses=1).code
    monkeypatch.setattr(placing, "store", fail)
    with nothing_written(), pytest.raises(OSError, match="full"):
        order(acme, wanted(product()), code=code)


def test_a_free_order_goes_straight_through_without_an_invoice(acme: Customer) -> None:
    placed = order(acme, wanted(product("0.00", setup_type="on_payment")))
    assert placed.invoice is None
    assert service_of(placed).desired == "active"
    assert Invoice.objects.count() == 0


def test_a_free_cycle_never_falls_due(acme: Customer) -> None:
    placed = order(acme, wanted(product("0.00", cycle="free"), cycle="free"))
    service = service_of(placed)
    assert (service.next_due, service.desired) == (None, "active")


def test_a_free_item_beside_a_paid_one_waits_for_the_invoice_of_both(acme: Customer) -> None:
    placed = order(acme, wanted(product("0.00")), wanted(product("5.00")))
    assert placed.invoice and placed.invoice.lines.count() == 2
    assert set(Service.objects.values_list("desired", flat=True)) == {"pending"}
    pay(placed.invoice)
    assert set(Service.objects.values_list("desired", flat=True)) == {"active"}


def test_half_a_payment_delivers_nothing(acme: Customer) -> None:
    placed = order(acme, wanted(product("5.00")))
    assert placed.invoice
    pay(placed.invoice, "4.99")
    assert Service.objects.get().desired == "pending"
    pay(placed.invoice, "0.01")
    assert Service.objects.get().desired == "active"


def test_account_credit_pays_an_order_unless_the_customer_keeps_it(acme: Customer) -> None:
    credit.adjust(acme, Decimal(20), "EUR", note="goodwill")
    paid = order(acme, wanted(product("5.00"))).invoice
    assert paid
    paid.refresh_from_db()
    assert paid.status == "paid"
    assert Service.objects.get().desired == "active"
    BillingProfile.objects.create(customer=acme, auto_credit=False)
    open_one = order(acme, wanted(product("5.00"))).invoice
    assert open_one and Invoice.objects.get(pk=open_one.pk).status == "issued"
    assert CreditEntry.objects.filter(kind="applied").count() == 1


def test_a_domain_that_is_sold_already_is_refused(acme: Customer, server: Any) -> None:
    sold = mail_product(server)
    order(acme, wanted(sold, domain="client.example"))
    before = counts()
    for name in ("client.example", " CLIENT.example. "):
        with pytest.raises(ValidationError, match=r"client\.example is already in use"):
            order(CustomerFactory(), wanted(sold, domain=name))
    with pytest.raises(ValidationError, match="in the cart twice"):
        order(acme, wanted(sold, domain="two.example"), wanted(sold, domain="two.example"))
    assert counts() == before
    assert Order.objects.count() == 1


def test_an_order_whose_invoice_was_corrected_is_delivered_when_the_new_one_is_paid(
    acme: Customer,
) -> None:
    placed = order(acme, wanted(product("5.00")))
    assert placed.invoice
    corrected = issue.issue(credit_notes.correct(placed.invoice, reason="wrong address"))
    assert Service.objects.get().desired == "pending"
    pay(corrected)
    assert Service.objects.get().desired == "active"


def test_a_full_platform_is_told_in_words_for_customers(acme: Customer, server: Any) -> None:
    sold = mail_product(server)
    server.enabled = False
    server.save()
    with nothing_written(), pytest.raises(ValidationError) as refusal:
        order(acme, wanted(sold))
    assert refusal.value.message_dict["items"] == [
        f"{sold} cannot be delivered at the moment. Please write to us."
    ]
