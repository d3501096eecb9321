"""An invoice whose money went back says so, wherever it stands."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from billing.documents import credit_notes
from billing.gateways.contract import RefundState, State
from billing.models import Invoice, Payment, Refund
from billing.payments import chargebacks, refunds
from billing.payments.chargebacks import Loss
from billing.payments.record import receive
from billing.payments.refunded import Refunded, refunded
from billing.payments.refunds import Wish, refund
from tests.backoffice.world import list_url, url_of
from tests.factories import MembershipFactory, StaffFactory
from tests.payments import build

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seller")]


@pytest.fixture
def payment(owner, invoice) -> Payment:
    return receive(owner, build.receipt("21.42"), invoice=invoice)


def send_back(payment: Payment, amount: str, **values: Any) -> Refund:
    return refund(payment, Wish(amount=Decimal(amount), reason="Asked for", key="1", **values))


def told_by_the_gateway(payment: Payment) -> None:
    told = RefundState(
        reference="", external_id="re_1", payment_id=payment.external_id,
        amount=payment.amount, currency="EUR", state=State.SUCCEEDED,
    )  # fmt: skip
    refunds.take("bank", told)


def of(*invoices: Invoice) -> dict[int, Refunded]:
    return refunded(invoices)


def test_nothing_went_back_of_a_paid_invoice(invoice, payment, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert of(invoice) == {}


def test_what_is_credited_and_sent_back_was_refunded(invoice, payment):
    credit_notes.credit_rest(invoice, reason="Given back")
    assert of(invoice) == {}
    send_back(payment, "21.42")
    assert of(invoice) == {invoice.pk: Refunded(Decimal("21.42"), whole=True)}


def test_a_part_is_called_a_part(invoice, payment):
    credit_notes.credit(invoice, {invoice.lines.get().pk: Decimal(6)}, reason="One too many")
    send_back(payment, "7.14")
    assert of(invoice) == {invoice.pk: Refunded(Decimal("7.14"), whole=False)}


def test_a_refund_that_failed_is_none(invoice, payment):
    credit_notes.credit_rest(invoice, reason="Given back")
    send_back(payment, "21.42")
    Refund.objects.update(status="failed")
    assert of(invoice) == {}


def test_an_overpayment_that_goes_back_is_no_refund_of_the_invoice(owner, invoice):
    payment = receive(owner, build.receipt("30.00"), invoice=invoice)
    send_back(payment, "8.58")
    assert of(invoice) == {}


def test_a_charge_back_is_no_refund(invoice, payment):
    chargebacks.reverse(payment, Loss(amount=Decimal("21.42"), reason="Lost", external_id="D-1"))
    assert of(invoice) == {}


def test_money_sent_back_on_the_gateway_s_own_pages_opens_the_invoice_and_is_told(invoice, payment):
    told_by_the_gateway(payment)
    invoice.refresh_from_db()
    assert invoice.status == "issued"
    assert of(invoice) == {invoice.pk: Refunded(Decimal("21.42"), whole=True)}


def test_of_two_invoices_that_a_payment_paid_only_the_credited_one_was_refunded(owner, invoice):
    other = build.invoice(owner)
    payment = receive(owner, build.receipt("42.84"), invoice=invoice)
    credit_notes.credit_rest(other, reason="Given back")
    send_back(payment, "21.42")
    assert of(invoice, other) == {other.pk: Refunded(Decimal("21.42"), whole=True)}


def test_one_refund_is_not_told_of_two_invoices(owner, invoice):
    other = build.invoice(owner)
    payment = receive(owner, build.receipt("42.84"), invoice=invoice)
    note = credit_notes.credit_rest(invoice, reason="Given back")
    credit_notes.credit_rest(other, reason="Given back")
    send_back(payment, "21.42", credit_note=note)
    assert of(invoice, other) == {invoice.pk: Refunded(Decimal("21.42"), whole=True)}


def test_a_page_of_invoices_takes_three_queries(owner, invoice, django_assert_num_queries):
    invoices = [invoice, *(build.invoice(owner) for _each in range(10))]
    payment = receive(owner, build.receipt("235.62"), invoice=invoice)
    for each in invoices:
        credit_notes.credit_rest(each, reason="Given back")
    send_back(payment, "235.62")
    with django_assert_num_queries(3):
        assert len(refunded(invoices)) == 11


def test_customers_and_staff_read_it_on_the_invoice_and_in_lists(client: Client, invoice, payment):
    credit_notes.credit(invoice, {invoice.lines.get().pk: Decimal(6)}, reason="One too many")
    send_back(payment, "7.14")
    member = MembershipFactory(customer=invoice.customer).user
    for user, urls in (
        (member, ("/invoices/", f"/invoices/{invoice.public_id}/")),
        (StaffFactory(), (list_url(Invoice), url_of(invoice), url_of(invoice.customer))),
    ):
        client.force_login(user)
        for url in urls:
            assert client.get(url).content.decode().count("Partly refunded") == 1, url


def test_an_open_invoice_on_the_home_page_says_it_too(client: Client, invoice, payment):
    told_by_the_gateway(payment)
    client.force_login(MembershipFactory(customer=invoice.customer).user)
    assert ">Refunded<" in client.get("/").content.decode()
