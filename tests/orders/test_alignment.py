"""Products whose periods begin on a day of the month: the first bill is for a part of one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Customer
from billing.changes.plan import Wish
from billing.changes.request import request
from billing.charges.charging import plan_of
from billing.charges.schedule import bill_at
from billing.documents import credit_notes, issue
from billing.models import Claim, Invoice, Order, ServiceDiscount
from billing.nightly import run
from billing.orders import cart, decide
from billing.rating import explain
from config import clock
from config.periods import Period
from products.models import Product
from provisioning.models import Service
from tests.orders.build import option, order, product, promotion, service_of, wanted
from tests.orders.test_placing import pay
from tests.rating.naive import recompute

pytestmark = pytest.mark.django_db


def aligned(price: str = "30.00", setup: str = "0", **values: Any) -> Product:
    return product(
        price, setup, **{"align_day": 1, "align_from": 20, "setup_type": "on_order"} | values
    )


def on(traveller: Any, day: str) -> None:
    traveller.move_to(f"{day}T12:00:00+00:00", tick=False)


def billed() -> list[str]:
    """Amounts of the newest invoice, which its evidence bears out and explains."""
    found = Invoice.objects.filter(kind="invoice").latest("pk").lines.order_by("position")
    for line in found:
        assert explain(line.evidence)
        assert line.kind == "discount" or recompute(line.evidence) == line.amount
    return [f"{line.amount:.2f}" for line in found]


def ordered(acme: Customer, sold: Product, **values: Any) -> tuple[Order, Service]:
    made = order(acme, wanted(sold, cycle=values.pop("cycle", "monthly")), **values)
    return made, service_of(made)


@pytest.mark.parametrize(
    ("day", "amounts", "next_due"),
    [
        ("2026-06-10", ["21.00"], date(2026, 7, 1)),
        ("2026-06-19", ["12.00"], date(2026, 7, 1)),
        ("2026-06-22", ["9.00", "30.00"], date(2026, 8, 1)),
        ("2026-06-01", ["30.00"], date(2026, 7, 1)),
        ("2026-06-30", ["1.00", "30.00"], date(2026, 8, 1)),
    ],
)
def test_the_first_invoice_covers_the_days_up_to_the_first(
    acme: Customer, clock_stands: Any, day: str, amounts: list[str], next_due: date
) -> None:
    on(clock_stands, day)
    _made, service = ordered(acme, aligned())
    assert (billed(), service.next_due) == (amounts, next_due)
    claims = Claim.objects.filter(kind="base").order_by("period_start")
    assert (claims[0].period_start, claims.last().period_end) == (clock.today(), next_due)


@pytest.mark.parametrize("day", ["2026-06-10", "2026-06-22"])
def test_only_the_first_invoice_is_for_a_part(acme: Customer, clock_stands: Any, day: str) -> None:
    on(clock_stands, day)
    _made, service = ordered(acme, aligned(setup="5.00"))
    first = Invoice.objects.get().total
    for later in ("2026-07-01", "2026-08-01", "2026-09-01"):
        on(clock_stands, later)
        run.run(clock.today())
    whole = sum(each.total for each in Invoice.objects.all())
    months = {"2026-06-10": 3, "2026-06-22": 2}[day]
    assert (billed(), whole) == (["30.00"], first + 30 * months)
    service.refresh_from_db()
    assert service.next_due == date(2026, 10, 1)


@pytest.mark.parametrize(("day", "total"), [("2026-06-10", "26.00"), ("2026-06-22", "44.00")])
def test_the_setup_fee_is_charged_once_and_whole(
    acme: Customer, clock_stands: Any, day: str, total: str
) -> None:
    on(clock_stands, day)
    ordered(acme, aligned(setup="5.00"))
    assert Invoice.objects.get().net == Decimal(total)


def test_options_are_prorated_and_the_cart_says_what_the_invoice_says(
    acme: Customer, clock_stands: Any
) -> None:
    on(clock_stands, "2026-06-22")
    sold = aligned()
    option(sold, "seats", "2.00", setup="1.00", type="quantity", maximum=10)
    item = wanted(sold, options={"seats": 5})
    shown = cart.quote([item], acme, "EUR")
    assert (shown.items[0].recurring, shown.items[0].setup) == (Decimal(40), Decimal(5))
    order(acme, item, seen=shown.due_today)
    assert sorted(billed()) == ["10.00", "3.00", "30.00", "5.00", "9.00"]


@pytest.mark.parametrize(
    ("kind", "value", "lowered"),
    [("percent", "10", ["-0.90", "-3.00"]), ("fixed", "12", ["-9.00", "-3.00"])],
)
def test_a_promotion_lowers_both_periods_and_counts_once(
    acme: Customer, clock_stands: Any, kind: str, value: str, lowered: list[str]
) -> None:
    on(clock_stands, "2026-06-22")
    code = promotion(type=kind, value=Decimal(value), currency="EUR", recurrences=2)
    ordered(acme, aligned(), code=code.code)
    assert [each for each in billed() if each.startswith("-")] == lowered
    assert ServiceDiscount.objects.get().remaining == 1


def test_a_year_has_its_short_part_up_to_the_next_first(acme: Customer, clock_stands: Any) -> None:
    on(clock_stands, "2026-06-10")
    _made, service = ordered(acme, aligned("365.00", cycle="annually"), cycle="annually")
    assert (billed(), service.next_due) == (["21.00"], date(2026, 7, 1))
    on(clock_stands, "2026-07-01")
    run.run(clock.today())
    service.refresh_from_db()
    assert (billed(), service.next_due) == (["365.00"], date(2027, 7, 1))


def test_in_arrears_the_part_is_billed_when_it_is_over(acme: Customer, clock_stands: Any) -> None:
    on(clock_stands, "2026-06-22")
    _made, service = ordered(acme, aligned(timing="arrears"))
    assert not Invoice.objects.exists()
    for day, amount in (("2026-07-01", "9.00"), ("2026-08-01", "30.00")):
        on(clock_stands, day)
        run.run(clock.today())
        assert billed() == [amount]
    service.refresh_from_db()
    assert service.next_due == date(2026, 9, 1)


def test_in_arrears_the_part_begins_with_the_delivery(acme: Customer, clock_stands: Any) -> None:
    sold = aligned(timing="arrears", setup_type="on_approval")
    made, _service = ordered(acme, sold)
    on(clock_stands, "2026-06-16")
    decide.accept(made)
    on(clock_stands, "2026-07-01")
    run.run(clock.today())
    assert billed() == ["15.00"]


def test_what_is_used_in_the_part_is_billed_with_the_period_after_it(
    acme: Customer, clock_stands: Any
) -> None:
    """Nothing is due in between, so the metered time goes back to the first day."""
    on(clock_stands, "2026-06-22")
    _made, service = ordered(acme, aligned())
    used = bill_at(plan_of(service), date(2026, 8, 1)).used
    assert used == Period(date(2026, 6, 22), date(2026, 8, 1))
    after = bill_at(plan_of(service), date(2026, 9, 1)).used
    assert after == Period(date(2026, 8, 1), date(2026, 9, 1))


def test_a_change_within_the_part_counts_days_of_the_whole_month(
    acme: Customer, clock_stands: Any
) -> None:
    on(clock_stands, "2026-06-10")
    made, service = ordered(acme, aligned())
    assert made.invoice
    pay(made.invoice)
    on(clock_stands, "2026-06-21")
    request(service, Wish(product=product("60.00"), cycle="monthly"))
    assert billed() == ["-10.00", "20.00"]


def test_a_correction_that_is_rated_again_bills_the_same(acme: Customer, clock_stands: Any) -> None:
    on(clock_stands, "2026-06-22")
    made, _service = ordered(acme, aligned())
    assert made.invoice
    again = issue.release(credit_notes.correct(made.invoice, reason="wrong address"))
    assert (billed(), again.total) == (["9.00", "30.00"], made.invoice.total)
