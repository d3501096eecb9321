"""A reseller's own metering, from readings in the database to the lines of later documents."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.charges import facts
from billing.charges.charging import plan_of
from billing.charges.schedule import bill_at
from billing.models import Adjustment, Claim, Invoice
from billing.nightly import late
from billing.nightly.run import run
from provisioning.models import Service
from tests.billing import build
from tests.billing.build import noon
from tests.rating.naive import recompute

APRIL = date(2026, 4, 1)
pytestmark = pytest.mark.usefixtures("seller")


def rule(**values: Any) -> dict[str, Any]:
    usual = {
        "metric": "disk", "aggregation": "average", "model": "tranche", "timing": "arrears",
        "size": 10, "price": {"EUR": "6.00"},
    }  # fmt: skip
    return usual | values


def sold(*rules: dict[str, Any], **values: Any) -> Any:
    return build.metered(price="0", metering=list(rules), **values)


def measured(owner: Service, *gigabytes: str, first: date = date(2026, 3, 1)) -> None:
    for number, value in enumerate(gigabytes):
        build.reading(owner, value, at=noon(first + timedelta(days=number)))


def usage(invoice: Invoice) -> list[str]:
    lines = invoice.lines.filter(kind__in=("usage", "adjustment"))
    assert all(recompute(line.evidence) == line.amount for line in lines.filter(kind="usage"))
    return [f"{line.amount:.2f}" for line in lines]


def latest() -> Invoice:
    return Invoice.objects.order_by("-pk")[0]


def at(day: date) -> Any:
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return time_machine.travel(moment, tick=False)


def test_what_the_reseller_sets_replaces_what_the_platform_says() -> None:
    owner = build.service(sold(rule()))
    measured(owner, *["9.5"] * 30, "31")
    run(APRIL)
    assert usage(latest()) == ["12.00"]
    assert latest().total == Decimal(12)


def test_the_95th_percentile_forgives_one_day() -> None:
    owner = build.service(sold(rule(aggregation="p95")))
    measured(owner, *["9.5"] * 30, "31")
    run(APRIL)
    assert usage(latest()) == ["6.00"]


def test_seats_in_advance_are_charged_for_the_month_that_begins() -> None:
    seats = rule(
        metric="mailboxes", aggregation="last", model="per_unit", timing="advance",
        price={"EUR": "2.00"},
    )  # fmt: skip
    owner = build.service(sold(seats, timing="advance"), anchor=APRIL, next_due=APRIL)
    build.reading(owner, "0", at=noon(date(2026, 3, 31)), metric="mailboxes", value=3)
    run(APRIL)
    (line,) = latest().lines.filter(kind="usage")
    assert (line.amount, line.period_start) == (Decimal(6), APRIL)


def test_usage_is_billed_every_month_under_a_base_price_for_a_year() -> None:
    product = build.metered(
        price="100.00", cycle="annually", metering=[rule()], usage_monthly=True, timing="advance"
    )
    anchor = date(2026, 2, 1)
    owner = build.service(product, anchor=anchor, next_due=anchor, cycle="annually")
    for day in (anchor, date(2026, 3, 1), APRIL):
        with at(day):
            measured(owner, "21", first=day - timedelta(days=1))
            run(day)
    kinds = [
        list(each.lines.values_list("kind", flat=True)) for each in Invoice.objects.order_by("pk")
    ]
    assert kinds == [["base"], ["usage"], ["usage"]]
    owner.refresh_from_db()
    assert owner.next_due == date(2026, 5, 1)
    assert Claim.objects.filter(kind="base").count() == 1


def test_in_arrears_the_base_price_of_a_year_comes_when_the_year_is_over() -> None:
    product = build.metered(price="100.00", cycle="annually", metering=[rule()], usage_monthly=True)
    anchor = date(2025, 4, 1)
    owner = build.service(product, anchor=anchor, next_due=APRIL, cycle="annually")
    measured(owner, "5", first=date(2026, 3, 31))
    run(APRIL)
    base, used = latest().lines.order_by("position")
    assert (base.period_start, base.period_end) == (anchor, APRIL)
    assert (used.period_start, used.amount) == (date(2026, 3, 1), Decimal(6))


def test_the_end_of_a_service_brings_its_last_usage_at_once() -> None:
    gone = datetime(2026, 3, 30, 15, tzinfo=UTC)
    owner = build.service(
        sold(rule(), timing="advance"), next_due=date(2026, 7, 1), desired="terminated",
        terminated_at=gone,
    )  # fmt: skip
    measured(owner, "12", first=date(2026, 3, 30))
    run(APRIL)
    run(APRIL)
    assert usage(latest()) == ["12.00"]
    owner.refresh_from_db()
    assert (Invoice.objects.count(), owner.next_due) == (1, None)


def billed_march() -> Service:
    owner = build.service(sold(rule(aggregation="highest")))
    measured(owner, "5", first=date(2026, 3, 31))
    run(APRIL)
    assert usage(latest()) == ["6.00"]
    return owner


def test_a_late_reading_is_put_right_once_on_the_next_document() -> None:
    owner = billed_march()
    build.reading(owner, "25", at=noon(date(2026, 3, 20)))
    assert late.adjust(APRIL) == 1
    assert late.adjust(APRIL) == 0
    measured(owner, "5", first=date(2026, 4, 30))
    with at(date(2026, 5, 1)):
        late.adjust(date(2026, 5, 1))
        run(date(2026, 5, 1))
        run(date(2026, 5, 1))
    assert usage(latest()) == ["6.00", "12.00"]
    assert Adjustment.objects.get().invoice == latest()


def test_a_second_late_reading_counts_what_was_put_right_before() -> None:
    owner = billed_march()
    for value in ("15", "35"):
        build.reading(owner, value, at=noon(date(2026, 3, 20)))
        late.adjust(APRIL)
    assert [each.amount for each in Adjustment.objects.all()] == [Decimal(6), Decimal(12)]


def test_new_prices_are_not_for_what_has_passed() -> None:
    owner = billed_march()
    owner.product.metering = [rule(aggregation="highest", price={"EUR": "60.00"})]
    owner.product.save()
    assert late.adjust(APRIL) == 0


def test_a_draft_that_is_thrown_away_gives_its_adjustments_back() -> None:
    from billing.documents.issue import discard

    owner = billed_march()
    build.reading(owner, "25", at=noon(date(2026, 3, 20)))
    late.adjust(APRIL)
    build.reading(owner, "9", at=noon(date(2026, 4, 30)), state="parked", reason="a jump")
    with at(date(2026, 5, 1)):
        run(date(2026, 5, 1))
        assert Adjustment.objects.get().invoice == latest()
        discard(latest())
    assert Adjustment.objects.get().invoice is None


def test_thirty_services_cost_no_more_queries_than_one() -> None:
    product = sold(rule(), rule(metric="mailboxes", aggregation="p95", model="per_unit"))

    def queries(number: int) -> int:
        owners = [build.service(product) for _ in range(number)]
        for owner in owners:
            measured(owner, "5", "6", first=date(2026, 3, 30))
        bills = {each.pk: bill_at(plan_of(each), APRIL) for each in owners}
        with CaptureQueriesContext(connection) as seen:
            found = facts.gather(owners, bills, terms=facts.Terms())
        assert all(len(found[each.pk].months[0].days) == 2 for each in owners)
        return len(seen)

    assert queries(30) == queries(1)
