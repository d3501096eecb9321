from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Customer
from billing.charges.estimate import next_invoice
from billing.charges.spreading import spread
from billing.documents import issue
from billing.models import Invoice, InvoiceLine, Promotion, ServiceDiscount
from billing.nightly import run
from billing.orders import cart, decide
from billing.rating import explain
from config import clock
from tests.factories import CustomerFactory
from tests.orders.build import nothing_written, order, product, promotion, service_of, wanted

pytestmark = pytest.mark.django_db
ON_ORDER = {"setup_type": "on_order"}
FIRSTS = ("2026-07-01", "2026-08-01", "2026-09-01")


def bill_on(traveller: Any, days: tuple[str, ...]) -> list[Decimal]:
    """Totals of the invoices that the run makes on each day."""
    for day in days:
        traveller.move_to(f"{day}T12:00:00+00:00", tick=False)
        run.run(clock.today())
    made = Invoice.objects.exclude(run=None).order_by("due_on", "pk")
    return [invoice.total for invoice in made]


@pytest.mark.parametrize(
    ("recurrences", "totals"),
    [(1, ["10.00", "10.00", "10.00"]), (3, ["9.00", "9.00", "10.00"]), (0, ["9.00"] * 3)],
)
def test_a_percentage_lowers_as_many_bills_as_it_says_or_all(
    acme: Customer, clock_stands: Any, recurrences: int, totals: list[str]
) -> None:
    code = promotion(recurrences=recurrences).code
    placed = order(acme, wanted(product("10.00", **ON_ORDER)), code=code)
    assert placed.invoice and placed.invoice.total == Decimal("9.00")
    assert bill_on(clock_stands, FIRSTS) == [Decimal(total) for total in totals]


def test_months_caught_up_in_one_run_count_as_many_bills(acme: Customer, clock_stands: Any) -> None:
    code = promotion(recurrences=3).code
    order(acme, wanted(product("10.00", **ON_ORDER)), code=code)
    assert bill_on(clock_stands, ("2026-09-01",)) == [Decimal("28.00")]  # 9 + 9 + 10


def test_a_bill_that_is_free_by_a_discount_counts_too(acme: Customer, clock_stands: Any) -> None:
    code = promotion(value=Decimal(100), recurrences=2).code
    placed = order(acme, wanted(product("10.00")), code=code)
    assert placed.invoice is None
    assert service_of(placed).desired == "active"
    assert bill_on(clock_stands, FIRSTS) == [Decimal("10.00"), Decimal("10.00")]


def test_a_dry_run_uses_up_nothing(acme: Customer, clock_stands: Any) -> None:
    order(acme, wanted(product("10.00", **ON_ORDER)), code=promotion(recurrences=3).code)
    report = run.run(date(2026, 12, 1), dry_run=True)
    assert report.totals["EUR"] == Decimal("58.00")  # 9 + 9 + 4 x 10
    assert ServiceDiscount.objects.get().remaining == 2


def test_the_estimate_shows_the_discount_that_is_still_to_come(acme: Customer) -> None:
    placed = order(acme, wanted(product("10.00", **ON_ORDER)), code=promotion(recurrences=2).code)
    assert next_invoice(service_of(placed)).total == Decimal("9.00")


def test_a_draft_that_is_thrown_away_gives_its_discount_back(acme: Customer) -> None:
    placed = order(acme, wanted(product("10.00", **ON_ORDER)), code=promotion(recurrences=2).code)
    draft = placed.invoice
    assert draft
    Invoice.objects.filter(pk=draft.pk).update(status="draft", number=None)
    placed.invoice = None
    placed.save()
    issue.discard(draft)
    assert ServiceDiscount.objects.get().remaining == 2


def test_a_draft_that_is_rated_again_keeps_its_last_discount(acme: Customer) -> None:
    placed = order(acme, wanted(product("10.00", **ON_ORDER)), code=promotion(recurrences=1).code)
    assert placed.invoice
    Invoice.objects.filter(pk=placed.invoice.pk).update(status="draft", number=None)
    again = issue.release(placed.invoice)
    assert again.total == Decimal("9.00")
    assert ServiceDiscount.objects.get().remaining == 0


def test_a_fixed_amount_is_spread_over_the_services_in_proportion(acme: Customer) -> None:
    promotion(code="TWELVE", type="fixed", value=Decimal(10), currency="EUR")
    items = [wanted(product(price)) for price in ("10.00", "10.00", "10.00")]
    placed = order(acme, *items, code="TWELVE").invoice
    assert placed and placed.total == Decimal("20.00")
    lowered = placed.lines.filter(kind="discount").values_list("amount", flat=True)
    assert sorted(lowered) == [Decimal("-3.34"), Decimal("-3.33"), Decimal("-3.33")]


def test_a_fixed_amount_never_pays_money_out(acme: Customer) -> None:
    code = promotion(type="fixed", value=Decimal(50), currency="EUR").code
    quote = cart.quote([wanted(product("10.00"))], acme, "EUR", code=code)
    assert quote.due_today == 0
    assert quote.items[0].due_today == 0


def test_the_line_of_a_discount_explains_itself(acme: Customer) -> None:
    order(acme, wanted(product("10.00")), code=promotion(recurrences=3).code)
    told = dict(explain(InvoiceLine.objects.get(kind="discount").evidence))
    assert told["Worth"] == "10 %, of 10.00 EUR for base price, options and setup"
    assert told["Applies"] == "to 3 bills, this one counted"


REFUSED = [
    ({"valid_to": date(2026, 5, 31)}, "expired"),
    ({"valid_from": date(2026, 6, 2)}, "valid from 2 Jun 2026"),
    ({"max_uses": 3, "uses": 3}, "as often as it may"),
    ({"active": False}, "do not know"),
    ({"type": "fixed", "currency": "USD"}, "orders in USD"),
    ({"cycles": ["annually"]}, "not for anything in the cart"),
]


@pytest.mark.parametrize(("change", "said"), REFUSED)
def test_a_code_that_cannot_be_used_is_refused_beside_its_field(
    acme: Customer, change: dict[str, Any], said: str
) -> None:
    code = promotion(**change).code
    item = wanted(product("10.00"))
    with nothing_written():
        quote = cart.quote([item], acme, "EUR", code=code)
        assert said in quote.code_errors[0]
        assert quote.due_today == Decimal("10.00")
        with pytest.raises(ValidationError) as refusal:
            order(acme, item, code=code)
    assert said in refusal.value.message_dict["code"][0]


def test_the_last_day_of_a_promotion_is_part_of_it(acme: Customer) -> None:
    code = promotion(valid_from=date(2026, 6, 1), valid_to=date(2026, 6, 1)).code
    assert not cart.quote([wanted(product())], acme, "EUR", code=code).code_errors


def test_a_code_for_one_product_lowers_that_one_alone(acme: Customer) -> None:
    meant, other = product("10.00"), product("10.00")
    code = promotion(value=Decimal(50))
    code.products.add(meant)
    quote = cart.quote([wanted(meant), wanted(other)], acme, "EUR", code=code.code)
    assert [item.due_today for item in quote.items] == [Decimal("5.00"), Decimal("10.00")]


def test_a_code_once_per_customer_is_good_for_another_and_after_a_cancelled_order(
    acme: Customer,
) -> None:
    code, sold = promotion().code, product()
    first = order(acme, wanted(sold), code=code)
    with pytest.raises(ValidationError, match="used this code before"):
        order(acme, wanted(sold), code=code)
    order(CustomerFactory(), wanted(sold), code=code)
    assert Promotion.objects.get().uses == 2
    decide.cancel(first, reason="asked by mistake")
    assert Promotion.objects.get().uses == 1
    order(acme, wanted(sold), code=code)


def test_a_code_may_be_for_every_order(acme: Customer) -> None:
    code, sold = promotion(once_per_customer=False).code, product()
    for _ in range(2):
        order(acme, wanted(sold), code=code)
    assert Promotion.objects.get().uses == 2


@given(
    amount=st.decimals("0.01", "500", places=2),
    weights=st.lists(st.decimals("0", "100", places=2), min_size=1, max_size=8),
)
def test_parts_of_a_fixed_amount_always_add_up(amount: Decimal, weights: list[Decimal]) -> None:
    parts = spread(amount, weights, "EUR")
    assert sum(parts) == min(amount, sum(weights))
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))
