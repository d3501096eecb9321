"""Changes of plans whose base price counts tranches, and of when a plan is paid."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from billing.changes.preview import preview
from billing.changes.request import request
from billing.models import Adjustment, Claim, Invoice, ServiceChange
from billing.nightly import run as billing_run
from billing.payments.credit import balance
from billing.rating import explain
from products.models import Price, Product
from provisioning import services
from provisioning.models import Service
from tests.billing import build
from tests.changes.test_changes import amounts, latest, pay, wish
from tests.rating.naive import recompute

pytestmark = pytest.mark.usefixtures("seller")
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
DISK = {
    "metric": "disk", "aggregation": "last", "model": "per_unit", "timing": "arrears",
    "included": 1000, "price": {"EUR": "0.10"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform is another test's."""
    monkeypatch.setattr(services, "plan_change", lambda *_arguments: [])


def by_tranche(price: str, *, timing: str = "advance", **values: Any) -> Product:
    return build.metered(price=price, timing=timing, **values)


def flat(price: str) -> Product:
    """Disk space has a price of its own, above what nobody here uses."""
    return by_tranche(price, metering=[DISK])


@pytest.fixture
def hosted() -> Service:
    """21 GB, three tranches at 6.00, paid ahead for June: 18.00."""
    owner = build.service(by_tranche("6.00"), anchor=JUNE, next_due=JUNE, server=build.server())
    build.reading(owner, "21", at=build.noon(JUNE))
    return billed(owner)


@pytest.fixture
def in_arrears() -> Service:
    owner = build.service(by_tranche("6.00", timing="arrears"), anchor=JUNE, server=build.server())
    build.reading(owner, "21", at=build.noon(JUNE))
    return owner


def billed(owner: Service) -> Service:
    billing_run.run(JUNE)
    pay(latest())
    owner.refresh_from_db()
    return owner


def carried_out(owner: Service) -> None:
    """By the platform, at last."""
    command = owner.commands.filter(status="queued").get()
    Service.objects.filter(pk=owner.pk).update(product=command.arguments["product"])
    owner.commands.update(status="done")
    owner.refresh_from_db()


def on(clock: Any, day: date) -> None:
    clock.move_to(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def run_on(clock: Any, *days: date) -> None:
    for day in days:
        on(clock, day)
        billing_run.run(day)


def test_paid_ahead_the_unused_part_is_prorated_by_days_on_the_measured_tranches(hosted) -> None:
    dearer = by_tranche("8.00")
    shown = preview(hosted, wish(dearer))
    request(hosted, wish(dearer))
    # 20 of 30 days: of 18.00 back, of 24.00 to pay
    assert amounts(latest()) == ["-12.00", "16.00"]
    assert (shown.total, shown.by_use, latest().net) == (latest().total, False, Decimal("4.00"))
    assert "30 GB billed (20 of 30 days)" in latest().lines.get(position=2).description
    for line in latest().lines.all():
        assert recompute(line.evidence) == line.amount
        assert ("Changed on", "11 Jun 2026") in explain(line.evidence)


def test_other_tranches_are_counted_anew_from_the_same_reading(hosted) -> None:
    larger = by_tranche("15.00", settings={"tranche_gb": 25})
    request(hosted, wish(larger))
    parts = ServiceChange.objects.get().evidence["parts"]
    assert [each["amount"] for each in parts] == ["-12.00", "10.00"]
    assert parts[1]["item"].endswith("25 GB billed")


def test_what_was_used_since_costs_nothing_before_the_next_term(hosted, clock) -> None:
    build.reading(hosted, "95", at=datetime(2026, 6, 10, tzinfo=UTC))
    dearer = by_tranche("8.00")
    request(hosted, wish(dearer))
    assert amounts(latest()) == ["-12.00", "16.00"]
    pay(latest())
    carried_out(hosted)
    build.reading(hosted, "95", at=datetime(2026, 7, 1, tzinfo=UTC))
    run_on(clock, JULY)
    assert latest().lines.get(kind="base").amount == Decimal("80.00")  # ten tranches


def test_a_fixed_price_becomes_the_tranches_that_are_in_use(clock) -> None:
    owner = billed(build.service(flat("10.00"), anchor=JUNE, next_due=JUNE, server=build.server()))
    build.reading(owner, "21", at=datetime(2026, 6, 10, tzinfo=UTC))
    request(owner, wish(by_tranche("6.00")))
    assert amounts(latest()) == ["-6.67", "12.00"]


def test_tranches_become_a_fixed_price_and_the_rest_is_credit(hosted) -> None:
    change = request(hosted, wish(flat("10.00")))
    assert change.status == "applied"
    # 12.00 back, 6.67 to pay
    assert Invoice.objects.get(kind="credit_note").total == Decimal("5.33")
    assert balance(hosted.customer, "EUR") == Decimal("5.33")


def test_a_second_change_gives_back_what_the_first_one_billed(hosted, clock) -> None:
    request(hosted, wish(by_tranche("8.00")))
    pay(latest())
    carried_out(hosted)
    on(clock, date(2026, 6, 21))
    request(hosted, wish(by_tranche("9.00")))
    assert amounts(latest()) == ["-8.00", "9.00"]


def test_another_cycle_restarts_the_term_with_the_tranches_of_now(hosted, clock) -> None:
    Price.objects.create(
        product=hosted.product, cycle="annually", currency="EUR", amount=Decimal("60.00")
    )
    request(hosted, wish(hosted.product, "annually"))
    assert amounts(latest()) == ["-12.00", "180.00"]
    pay(latest())
    hosted.refresh_from_db()
    assert (hosted.anchor, hosted.next_due) == (date(2026, 6, 11), date(2027, 6, 11))


def test_in_arrears_it_is_billed_by_use_and_said_so(in_arrears, clock) -> None:
    dearer = by_tranche("8.00", timing="arrears")
    shown = preview(in_arrears, wish(dearer))
    assert (shown.by_use, shown.total, shown.document.lines) == (True, Decimal(0), [])

    assert request(in_arrears, wish(dearer)).status == "applied"
    assert not Invoice.objects.exists()
    assert not Adjustment.objects.exists()
    carried_out(in_arrears)
    build.reading(in_arrears, "25", at=datetime(2026, 6, 30, tzinfo=UTC))
    run_on(clock, JULY)
    assert amounts(latest()) == ["24.00"]


@pytest.mark.parametrize("cycle", ["monthly", "annually"])
def test_from_the_end_of_the_term_to_ahead_of_it_nothing_is_free_or_paid_twice(
    in_arrears, clock, cycle: str
) -> None:
    ahead = by_tranche("8.00", cycle=cycle)
    change = request(in_arrears, wish(ahead, cycle))
    assert (change.status, change.apply_on) == ("scheduled", JULY)

    build.reading(in_arrears, "21", at=datetime(2026, 7, 1, tzinfo=UTC))
    run_on(clock, JULY)
    carried_out(in_arrears)
    run_on(clock, JULY, date(2026, 7, 2), date(2026, 7, 31))

    lines = [(line.period_start, f"{line.amount:.2f}") for line in base_lines()]
    assert lines == [(JUNE, "18.00"), (JULY, "24.00")]


def test_from_ahead_of_the_term_to_its_end_the_paid_term_is_used_up_first(hosted, clock) -> None:
    build.interval(hosted, "anna", "eas", datetime(2026, 6, 2, tzinfo=UTC), None)
    later = by_tranche("8.00", timing="arrears")
    change = request(hosted, wish(later))
    assert (change.status, change.apply_on) == ("scheduled", JULY)

    run_on(clock, JULY)
    carried_out(hosted)
    run_on(clock, date(2026, 7, 2))
    build.reading(hosted, "21", at=build.noon(date(2026, 8, 1)))
    run_on(clock, date(2026, 8, 1))

    found = [(line.kind, line.period_start, f"{line.amount:.2f}") for line in lines_of(hosted)]
    assert found == [
        ("base", JUNE, "18.00"), ("feature", JUNE, "2.00"),
        ("base", JULY, "24.00"), ("feature", JULY, "2.00"),
    ]  # fmt: skip


def test_what_has_passed_is_billed_at_its_own_price_before_the_plan_changes(
    in_arrears, clock
) -> None:
    """Between midnight and the run of a due date."""
    on(clock, JULY)
    before = (Invoice.objects.count(), ServiceChange.objects.count())
    with pytest.raises(ValidationError, match="1 Jul 2026 is invoiced first"):
        request(in_arrears, wish(by_tranche("8.00", timing="arrears")))
    assert (Invoice.objects.count(), ServiceChange.objects.count()) == before
    assert not in_arrears.commands.exists()

    run_on(clock, JULY)
    in_arrears.refresh_from_db()
    assert request(in_arrears, wish(by_tranche("8.00", timing="arrears"))).status == "applied"
    assert amounts(latest()) == ["18.00"]


def lines_of(owner: Service) -> list[Any]:
    return list(owner.invoice_lines.order_by("period_start", "kind"))


def base_lines() -> list[Any]:
    claims = Claim.objects.filter(kind="base").order_by("period_start")
    return [claim.invoice.lines.get(kind="base") for claim in claims]
