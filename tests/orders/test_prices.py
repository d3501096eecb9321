"""What a cart says it costs, and what the invoice of the order then says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Customer
from billing.models import Claim, Invoice
from billing.nightly import run
from billing.orders import cart
from config import clock
from products.models import Product
from provisioning.models import Service
from tests.billing import build as billing_build
from tests.factories import CustomerFactory, PriceFactory
from tests.orders.build import (
    nothing_written,
    option,
    order,
    product,
    promotion,
    service_of,
    wanted,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def business(db: None) -> Product:
    """The worked example: 5.00 a month, 10.00 to set up, three options."""
    sold = product("5.00", "10.00")
    option(sold, "mailboxes", "2.00")
    option(sold, "forwards", "0.50")
    option(sold, "archive", "3.00", type="yes_no", setup="1.00")
    return sold


CHOSEN = {"mailboxes": "12", "forwards": "5", "archive": "yes"}


def test_the_recurring_price_is_the_base_and_every_option(acme: Customer, business: Any) -> None:
    quote = cart.quote([wanted(business, options=CHOSEN)], acme, "EUR")
    (item,) = quote.items
    assert item.recurring == Decimal("34.50")  # 5.00 + 24.00 + 2.50 + 3.00
    assert item.setup == Decimal("11.00")
    assert quote.due_today == Decimal("45.50")


def test_the_invoice_says_what_the_cart_said_and_later_ones_leave_the_setup_out(
    acme: Customer, business: Product, clock_stands: Any
) -> None:
    invoice = order(acme, wanted(business, options=CHOSEN)).invoice
    assert invoice and invoice.total == Decimal("45.50")
    service = Service.objects.get()
    service.activated_at, service.desired = clock.now(), "active"
    service.save()

    clock_stands.move_to("2026-07-01T12:00:00+00:00", tick=False)
    run.run(clock.today())

    later = Invoice.objects.exclude(pk=invoice.pk).get()
    assert later.total == Decimal("34.50")


def test_tax_is_of_the_discounted_sum_and_shown_before_the_order(
    acme: Customer, business: Product
) -> None:
    billing_build.vat("19")
    promotion(code="TEN", value=Decimal(10))
    quote = cart.quote([wanted(business, options=CHOSEN)], acme, "EUR", code="ten")
    assert quote.document
    invoice = quote.document.invoice
    assert (invoice.net, invoice.tax, invoice.total) == (
        Decimal("40.95"), Decimal("7.78"), Decimal("48.73"),
    )  # fmt: skip
    placed = order(acme, wanted(business, options=CHOSEN), code="TEN").invoice
    assert placed and (placed.net, placed.tax) == (invoice.net, invoice.tax)
    assert [line.amount for line in placed.lines.all()][-1] == Decimal("-4.55")


def test_a_visitor_is_shown_the_tax_of_a_country(seller: None, business: Product) -> None:
    billing_build.vat("19")
    visitor = Customer(country="DE", currency="EUR")
    quote = cart.quote([wanted(business)], visitor, "EUR")
    assert quote.due_today == Decimal("17.85")
    assert Customer.objects.count() == 0


def test_in_advance_the_period_is_claimed_so_that_the_run_bills_it_no_second_time(
    acme: Customer,
) -> None:
    placed = order(acme, wanted(product("5.00", "10.00", setup_type="on_order")))
    service = service_of(placed)
    kinds = set(Claim.objects.filter(service=service).values_list("kind", flat=True))
    assert kinds == {"base", "setup"}
    assert str(service.next_due) == "2026-07-01"
    service.next_due = service.anchor  # as if a person had put it back
    service.save()
    run.run(clock.today())
    assert Invoice.objects.count() == 1


def test_in_arrears_only_the_setup_fee_is_due_on_the_order(
    acme: Customer, clock_stands: Any
) -> None:
    sold = product("5.00", "10.00", timing="arrears", setup_type="on_order")
    placed = order(acme, wanted(sold))
    assert placed.invoice and placed.invoice.total == Decimal("10.00")
    assert list(Claim.objects.values_list("kind", flat=True)) == ["setup"]

    clock_stands.move_to("2026-07-01T12:00:00+00:00", tick=False)
    run.run(clock.today())

    later = Invoice.objects.exclude(pk=placed.invoice.pk).get()
    assert later.total == Decimal("5.00")


def test_in_arrears_without_a_setup_fee_nothing_is_invoiced_yet(acme: Customer) -> None:
    placed = order(acme, wanted(product("5.00", timing="arrears", setup_type="on_payment")))
    assert placed.invoice is None
    assert service_of(placed).desired == "active"


def test_a_product_sold_once_is_billed_on_the_order_and_never_again(
    acme: Customer, clock_stands: Any
) -> None:
    sold = product("40.00", cycle="onetime", timing="arrears", setup_type="on_order")
    placed = order(acme, wanted(sold, cycle="onetime"))
    assert placed.invoice and placed.invoice.total == Decimal("40.00")
    clock_stands.move_to("2027-07-01T12:00:00+00:00", tick=False)
    assert run.run(clock.today()).issued == 0


WRONG = [
    ({"domain": "not a domain"}, "domain"),
    ({"domain": ""}, "domain"),
    ({"cycle": "annually"}, "cycle"),
    ({"cycle": "no such cycle"}, "cycle"),
    ({"currency": "USD"}, "currency"),
    ({"product": 999_999}, "product"),
    ({"options": {"mailboxes": "-1"}}, "option_mailboxes"),
    ({"options": {"mailboxes": "12.5"}}, "option_mailboxes"),
    ({"options": {"mailboxes": "99999999999999999999"}}, "option_mailboxes"),
    ({"options": {"mailboxes": "9" * 5000}}, "option_mailboxes"),
    ({"options": {"mailboxes": "NaN"}}, "option_mailboxes"),
    ({"options": {"price": "0.01"}}, "option_price"),
]


@pytest.mark.parametrize(("change", "field"), WRONG)
def test_what_is_wrong_with_an_item_stands_beside_its_field(
    acme: Customer, business: Product, change: dict[str, Any], field: str
) -> None:
    item = wanted(business, **change)
    with nothing_written():
        quote = cart.quote([item], acme, "EUR")
        assert list(quote.items[0].errors) == [field]
        with pytest.raises(Exception, match=r"items"):
            order(acme, item)


def test_a_price_in_another_currency_is_not_an_offer(seller: None) -> None:
    sold = product("5.00")
    PriceFactory(product=sold, currency="USD", amount=Decimal("7.00"))
    american = CustomerFactory(currency="USD")
    good = cart.quote([wanted(sold, currency="USD")], american, "USD")
    assert good.due_today == Decimal("7.00")
    mixed = cart.quote([wanted(sold, currency="USD"), wanted(sold)], american, "USD")
    assert [list(item.errors) for item in mixed.items] == [[], ["currency"]]


def test_what_was_taken_off_the_shelf_cannot_be_ordered(acme: Customer) -> None:
    hidden, inactive = product("5.00"), product("5.00", active=False)
    hidden.group.hidden = True
    hidden.group.save()
    quote = cart.quote([wanted(hidden), wanted(inactive)], acme, "EUR")
    assert [list(item.errors) for item in quote.items] == [["product"], ["product"]]


def test_yen_have_no_cents(seller: None) -> None:
    sold = product("5.00")
    PriceFactory(product=sold, currency="JPY", amount=Decimal("501"))
    promotion(code="TEN")
    buyer = CustomerFactory(currency="JPY")
    quote = cart.quote([wanted(sold, currency="JPY")], buyer, "JPY", code="TEN")
    assert quote.due_today == Decimal("451")  # 501 less 50
