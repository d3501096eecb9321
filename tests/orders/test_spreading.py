"""From a line's quantity to what is left to pay, in the one order in which it is worked out:
quantity times price, rounded; the promotion spread over what it lowers; tax of each rate; total;
credit.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Customer
from billing.charges import discounts
from billing.charges.charging import Charged
from billing.charges.schedule import Bill
from billing.charges.spreading import together
from billing.documents import issue
from billing.models import BillingProfile, Invoice, ServiceDiscount
from billing.nightly import run
from billing.orders import cart
from billing.payments import credit
from billing.rating import Observed, explain, rate
from config import clock
from products.models import Product
from provisioning.contract.metering import MeteringTerms
from provisioning.models import Service
from tests.billing import build
from tests.orders.build import option, order, product, promotion, wanted
from tests.rating import build as rated
from tests.rating.naive import recompute

pytestmark = pytest.mark.django_db
D = Decimal
TEN_PERCENT = {"value": D(10), "recurrences": 2}
TEN_EUROS = {"type": "fixed", "value": D(10), "currency": "EUR", "recurrences": 2}


def sold(price: str, setup: str = "0") -> Product:
    return product(price, setup, setup_type="on_order")


def lowered(invoice: Invoice) -> list[str]:
    lines = invoice.lines.filter(kind="discount").order_by("position")
    assert all(recompute(line.evidence) == line.amount for line in lines)
    for line in lines:
        assert ("Shared" in dict(explain(line.evidence))) == (len(lines) > 1)
    return [f"{line.amount:.2f}" for line in lines]


def ordered(acme: Customer, *products: Product, **code: Any) -> Invoice:
    """All of them on one invoice, with a promotion."""
    made = order(acme, *(wanted(each) for each in products), code=promotion(**code).code).invoice
    assert made
    return made


def billed_on(traveller: Any, day: str) -> Invoice:
    traveller.move_to(f"{day}T12:00:00+00:00", tick=False)
    run.run(clock.today())
    return Invoice.objects.latest("pk")


def test_from_quantity_to_open_amount(acme: Customer) -> None:
    """Two rates of tax, a promotion of 5.00 on both, and 10.00 of credit."""
    build.vat("19")
    build.vat("7", tax_class="books", name="Reduced")
    first = product("10.0050")
    option(first, "mailboxes", "2.665", name="Mailboxes")
    second = product("12.50", tax_class="books")
    credit.adjust(acme, D("10.00"), "EUR", note="Welcome")
    code = promotion(type="fixed", value=D(5), currency="EUR").code
    items = [wanted(first, options={"mailboxes": 3}), wanted(second)]

    invoice = order(acme, *items, code=code).invoice

    assert invoice
    invoice.refresh_from_db()
    amounts = invoice.lines.order_by("position").values_list("kind", "amount")
    # 10.005 is 10.01 and 3 x 2.665 is 8.00: 18.01 of 30.51 is 2.95 of the promotion
    assert [(kind, f"{amount:.2f}") for kind, amount in amounts] == [
        ("base", "10.01"), ("option", "8.00"), ("discount", "-2.95"),
        ("base", "12.50"), ("discount", "-2.05"),
    ]  # fmt: skip
    taxes = invoice.taxes.order_by("-rate").values_list("net", "tax")
    assert list(taxes) == [(D("15.06"), D("2.86")), (D("10.45"), D("0.73"))]
    assert (invoice.net, invoice.tax, invoice.total) == (D("25.51"), D("3.59"), D("29.10"))
    assert (invoice.settled, invoice.open_amount) == (D("10.00"), D("19.10"))


def test_a_percentage_is_worth_as_much_as_it_is_of_the_whole(acme: Customer) -> None:
    """10 % of 3.15 is 0.32; line by line it would be 0.33."""
    invoice = ordered(acme, *(sold("1.05") for _each in range(3)), **TEN_PERCENT)
    assert lowered(invoice) == ["-0.11", "-0.11", "-0.10"]
    assert invoice.total == D("2.83")


def test_a_fixed_amount_goes_by_proportion_to_the_cent(acme: Customer) -> None:
    invoice = ordered(acme, *(sold("10.00") for _each in range(3)), **TEN_EUROS)
    assert lowered(invoice) == ["-3.34", "-3.33", "-3.33"]


@pytest.mark.parametrize(
    ("code", "amounts"),
    [(TEN_PERCENT, ["-0.11", "-0.11", "-0.10"]), (TEN_EUROS, ["-1.05", "-1.05", "-1.05"])],
)
def test_the_cart_and_the_order_say_the_same(acme: Customer, code, amounts) -> None:
    made = promotion(**code)
    items = [wanted(sold("1.05")) for _each in range(3)]
    quote = cart.quote(items, acme, "EUR", code=made.code)
    assert [f"{item.due_today - D('1.05'):.2f}" for item in quote.items] == amounts
    placed = order(acme, *items, code=made.code).invoice
    assert (placed.total if placed else 0) == quote.due_today


def test_a_renewal_is_lowered_as_a_whole_again_and_as_often_as_it_says(
    acme: Customer, clock_stands: Any
) -> None:
    ordered(acme, *(sold("1.05") for _each in range(3)), **TEN_PERCENT)
    assert lowered(billed_on(clock_stands, "2026-07-01")) == ["-0.11", "-0.11", "-0.10"]
    last = billed_on(clock_stands, "2026-08-01")
    assert (lowered(last), last.total) == ([], D("3.15"))


def test_what_was_for_a_setup_fee_lowers_the_others_when_it_is_gone(
    acme: Customer, clock_stands: Any
) -> None:
    """7.50 of the 10.00 went to the first; its renewals cost 1.00 alone."""
    first = ordered(acme, sold("1.00", "29.00"), sold("10.00"), **TEN_EUROS)
    assert lowered(first) == ["-7.50", "-2.50"]
    renewal = billed_on(clock_stands, "2026-07-01")
    assert lowered(renewal) == ["-0.91", "-9.09"]
    assert renewal.total == D("1.00")
    assert set(ServiceDiscount.objects.values_list("remaining", flat=True)) == {0}


def test_what_is_free_without_the_others_still_gives_them_the_rest(
    acme: Customer, clock_stands: Any
) -> None:
    first = sold("1.00", "29.00")
    ordered(acme, first, sold("40.00"), **{**TEN_EUROS, "value": D(30)})
    renewal = billed_on(clock_stands, "2026-07-01")
    assert renewal.total == D("11.00")


def test_for_life_it_lowers_every_document(acme: Customer, clock_stands: Any) -> None:
    ordered(acme, sold("1.05"), sold("1.05"), value=D(10), recurrences=0)
    for month in ("07", "08", "09"):
        renewal = billed_on(clock_stands, f"2026-{month}-01")
        assert sum(D(each) for each in lowered(renewal)) == D("-0.21")


def test_documents_of_their_own_are_lowered_each_for_itself(
    acme: Customer, clock_stands: Any
) -> None:
    BillingProfile.objects.create(customer=acme, grouping="service")
    ordered(acme, *(sold("1.05") for _each in range(3)), **TEN_PERCENT)
    clock_stands.move_to("2026-07-01T12:00:00+00:00", tick=False)
    run.run(date(2026, 7, 1))
    assert [invoice.total for invoice in Invoice.objects.exclude(run=None)] == [D("0.94")] * 3


def test_a_draft_that_is_rated_again_is_spread_again(acme: Customer) -> None:
    invoice = ordered(acme, *(sold("1.05") for _each in range(3)), **TEN_PERCENT)
    Invoice.objects.filter(pk=invoice.pk).update(status="draft", number=None)
    again = issue.release(invoice)
    assert again.total == D("2.83")
    assert set(ServiceDiscount.objects.values_list("remaining", flat=True)) == {1}


def discounted(price: Decimal, percent: Decimal, number: int) -> Charged:
    agreed = rated.agreement(price=price, terms=MeteringTerms())
    lines = rate(agreed, Observed()).lines
    lowers = ServiceDiscount(
        pk=number + 1, promotion_id=1, name="Spring", type="percent", value=percent
    )
    return Charged(
        service=Service(pk=number + 1),
        bill=Bill(due=agreed.period.start, base=agreed.period, used=None, next_due=None),
        lines=(*lines, *discounts.lines([lowers], lines, agreed)),
        notices=(),
    )


@given(
    prices=st.lists(st.decimals("0.01", "99", places=2), min_size=1, max_size=6),
    percent=st.decimals("0.5", "100", places=1),
)
def test_whatever_it_lowers_the_sum_is_exact(prices: list[Decimal], percent: Decimal) -> None:
    parts = [discounted(price, percent, number) for number, price in enumerate(prices)]
    found = [line for each in together(parts) for line in each.lines if line.kind == "discount"]
    assert all(recompute(line.evidence) == line.amount for line in found)
    assert all(-Decimal(line.evidence["of"]) <= line.amount <= 0 for line in found)
    if len(found) > 1:
        whole = sum(Decimal(line.evidence["of"]) for line in found)
        exact = (whole * percent / 100).quantize(D("0.01"), rounding="ROUND_HALF_UP")
        assert -sum(line.amount for line in found) == exact
