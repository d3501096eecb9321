"""Changes of plan from the request to the documents and the next billing run."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from billing.changes import apply
from billing.changes.plan import Wish
from billing.changes.preview import preview
from billing.changes.request import cancel, request
from billing.models import Claim, CreditEntry, Invoice, Seller, ServiceChange
from billing.nightly import run as billing_run
from billing.payments.credit import balance
from billing.payments.record import Receipt, receive
from billing.rating import explain
from products.models import Option, OptionGroup, OptionPrice, Price, Product
from provisioning import registry
from provisioning.contract import TemporaryError
from provisioning.models import Service
from tests.billing import build
from tests.factories import ServerFactory
from tests.rating.naive import recompute
from tests.support.fake_module import FakeModule

pytestmark = pytest.mark.usefixtures("seller")
JUNE = date(2026, 6, 1)


def plan(price: str, **values: Any) -> Product:
    return build.product(price=price, **{"timing": "advance"} | values)


def service(sold: Product, *, paid: bool = True, on: date = JUNE, **values: Any) -> Service:
    """Billed for June by a real run, and paid."""
    owner = build.service(sold, anchor=JUNE, next_due=JUNE, **values)
    billing_run.run(on)
    if paid:
        pay(Invoice.objects.get())
    owner.refresh_from_db()
    return owner


def pay(invoice: Invoice) -> None:
    receipt = Receipt(
        gateway="bank",
        external_id=f"r{invoice.pk}",
        amount=invoice.total,
        currency=invoice.currency,
        received_on=invoice.issued_on or JUNE,
    )
    receive(invoice.customer, receipt, invoice=invoice)


def wish(product: Product, cycle: str = "monthly", **options: Any) -> Wish:
    return Wish(product=product, cycle=cycle, options=options)


def amounts(invoice: Invoice) -> list[str]:
    return [f"{line.amount:.2f}" for line in invoice.lines.all()]


def latest() -> Invoice:
    return Invoice.objects.filter(kind="invoice").order_by("-pk")[0]


def test_p1_and_p10_the_preview_is_the_invoice_with_its_tax() -> None:
    build.vat()
    owner, dearer = service(plan("10.00")), plan("20.00")
    shown = preview(owner, wish(dearer))
    change = request(owner, wish(dearer))
    invoice = change.invoice
    assert invoice is not None
    assert amounts(invoice) == ["-6.67", "13.33"]
    assert (invoice.net, invoice.tax, invoice.total) == (
        Decimal("6.66"), Decimal("1.27"), Decimal("7.93"),
    )  # fmt: skip
    assert shown.total == invoice.total
    assert [line.description for line in shown.document.lines] == [
        line.description for line in invoice.lines.all()
    ]


def test_every_line_is_explained_and_recomputed_from_its_evidence() -> None:
    owner, dearer = service(plan("10.00")), plan("20.00")
    request(owner, wish(dearer))
    for line in latest().lines.all():
        assert recompute(line.evidence) == line.amount
        assert ("Changed on", "11 Jun 2026") in explain(line.evidence)


def test_an_increase_waits_for_its_payment_and_then_happens_once() -> None:
    owner, dearer = service(plan("10.00")), plan("20.00")
    change = request(owner, wish(dearer))
    assert change.status == "waiting"
    assert change.expires_on == date(2026, 6, 18)
    owner.refresh_from_db()
    assert owner.product != dearer
    pay(latest())
    owner.refresh_from_db()
    change.refresh_from_db()
    assert (owner.product, change.status) == (dearer, "applied")


def test_p7_the_second_change_credits_the_first(clock: Any) -> None:
    owner, dearer, dearest = service(plan("10.00")), plan("20.00"), plan("30.00")
    request(owner, wish(dearer))
    pay(latest())
    clock.move_to(datetime(2026, 6, 21, 12, tzinfo=UTC))
    owner.refresh_from_db()
    request(owner, wish(dearest))
    assert amounts(latest()) == ["-6.67", "10.00"]
    assert latest().total == Decimal("3.33")


def test_p3_a_decrease_becomes_credit_at_once_by_a_credit_note(clock: Any) -> None:
    owner, cheaper = service(plan("30.00")), plan("20.00")
    clock.move_to(datetime(2026, 6, 21, 12, tzinfo=UTC))
    change = request(owner, wish(cheaper))
    owner.refresh_from_db()
    assert (change.status, owner.product) == ("applied", cheaper)
    note = Invoice.objects.get(kind="credit_note")
    assert note.total == Decimal("3.33")
    assert balance(owner.customer, "EUR") == Decimal("3.33")


def test_a_decrease_of_an_unpaid_term_lowers_what_is_open() -> None:
    owner, cheaper = service(plan("30.00"), paid=False), plan("20.00")
    request(owner, wish(cheaper))
    invoice = Invoice.objects.get(kind="invoice")
    assert invoice.open_amount == Decimal("23.33")
    assert not CreditEntry.objects.exists()


def test_by_setting_a_decrease_waits_for_the_end_of_the_term(clock: Any) -> None:
    Seller.objects.update(decreases="end_of_term")
    owner, cheaper = service(plan("30.00")), plan("20.00")
    change = request(owner, wish(cheaper))
    assert (change.status, change.apply_on) == ("scheduled", date(2026, 7, 1))
    assert not Invoice.objects.filter(kind="credit_note").exists()
    for day in (date(2026, 6, 25), date(2026, 7, 1)):
        clock.move_to(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
        apply.carry_out(day)
        billing_run.run(day)
    owner.refresh_from_db()
    assert owner.product == cheaper
    assert amounts(latest()) == ["20.00"]
    assert Invoice.objects.count() == 2


def test_p6b_a_new_cycle_restarts_the_term_and_is_billed_next_in_a_year(clock: Any) -> None:
    sold = plan("10.00")
    Price.objects.create(product=sold, cycle="annually", currency="EUR", amount=Decimal(100))
    owner = service(sold)
    request(owner, wish(sold, "annually"))
    assert latest().total == Decimal("93.33")
    pay(latest())
    owner.refresh_from_db()
    assert (owner.cycle, owner.anchor, owner.next_due) == (
        "annually", date(2026, 6, 11), date(2027, 6, 11),
    )  # fmt: skip
    spans = Claim.objects.filter(kind="base").order_by("period_start")
    assert list(spans.values_list("period_start", "period_end")) == [
        (JUNE, date(2026, 6, 11)),
        (date(2026, 6, 11), date(2027, 6, 11)),
    ]
    for day in (date(2026, 7, 1), date(2027, 6, 11)):
        clock.move_to(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
        billing_run.run(day)
    assert [f"{each.total:.2f}" for each in Invoice.objects.order_by("pk")] == [
        "10.00", "93.33", "100.00",
    ]  # fmt: skip


def test_p8_on_the_due_date_the_unpaid_renewal_is_credited_and_billed_anew(clock: Any) -> None:
    clock.move_to(datetime(2026, 6, 1, 12, tzinfo=UTC))
    owner, dearer = service(plan("10.00"), paid=False), plan("20.00")
    renewal = latest()
    request(owner, wish(dearer))
    assert amounts(latest()) == ["20.00"]
    pay(latest())
    renewal.refresh_from_db()
    owner.refresh_from_db()
    assert (renewal.status, owner.product) == ("void", dearer)
    billing_run.run(JUNE)
    assert Invoice.objects.filter(kind="invoice").count() == 2


def test_p9_in_yen() -> None:
    sold, dearer = plan("10.00"), plan("20.00")
    for product, amount in ((sold, 1000), (dearer, 2000)):
        Price.objects.create(product=product, cycle="monthly", currency="JPY", amount=amount)
    owner = service(sold, currency="JPY")
    request(owner, wish(dearer))
    assert latest().total == Decimal(666)


def test_p2_units_are_added_with_their_setup_fee_for_the_added_ones_alone(clock: Any) -> None:
    group = OptionGroup.objects.create(name="Sizes")
    seats = Option.objects.create(group=group, code="seats", name="Seats", type="quantity")
    OptionPrice.objects.create(
        option=seats, cycle="monthly", currency="EUR", amount=Decimal(2), setup_fee=Decimal(1)
    )
    sold = plan("0")
    sold.option_groups.add(group)
    owner = build.service(sold, anchor=JUNE, next_due=JUNE, charge_setup=False)
    owner.options.create(option=seats, quantity=10)
    billing_run.run(JUNE)
    pay(latest())
    clock.move_to(datetime(2026, 6, 16, 12, tzinfo=UTC))
    owner.refresh_from_db()
    request(owner, wish(sold, seats=15))
    assert amounts(latest()) == ["-10.00", "15.00", "5.00"]
    pay(latest())
    assert owner.options.get().quantity == 15


def test_after_a_discount_the_credit_is_what_was_paid(db: None) -> None:
    from billing.models import Promotion, ServiceDiscount

    half = Promotion.objects.create(code="HALF", name="Half", type="percent", value=50)
    sold, dearer = plan("10.00"), plan("20.00")
    owner = build.service(sold, anchor=JUNE, next_due=JUNE)
    ServiceDiscount.objects.create(
        service=owner, promotion=half, name="Half", type="percent", value=50, remaining=1
    )
    billing_run.run(JUNE)
    pay(latest())
    owner.refresh_from_db()
    request(owner, wish(dearer))
    assert amounts(latest()) == ["-3.33", "13.33"]


def test_in_arrears_the_next_document_puts_the_passed_days_right(clock: Any) -> None:
    owner, dearer = build.service(plan("10.00", timing="arrears"), anchor=JUNE), None
    dearer = plan("20.00", timing="arrears")
    change = request(owner, wish(dearer))
    assert (change.status, change.invoice) == ("applied", None)
    clock.move_to(datetime(2026, 7, 1, 12, tzinfo=UTC))
    billing_run.run(date(2026, 7, 1))
    billing_run.run(date(2026, 7, 1))
    assert amounts(latest()) == ["20.00", "3.33", "-6.67"]
    assert Invoice.objects.count() == 1


def refused(owner: Service, asked: Wish, sentence: str) -> None:
    before = (Invoice.objects.count(), ServiceChange.objects.count(), owner.commands.count())
    with pytest.raises(ValidationError, match=sentence):
        request(owner, asked)
    after = (Invoice.objects.count(), ServiceChange.objects.count(), owner.commands.count())
    assert before == after


def test_while_suspended_for_non_payment_nothing_is_changed() -> None:
    owner, dearer = service(plan("10.00")), plan("20.00")
    owner.desired, owner.suspend_reasons = "suspended", {"dunning": "overdue"}
    owner.save()
    refused(owner, wish(dearer), "overdue")


@pytest.fixture
def on_platform(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(registry.MODULES, "fake", "tests.support.fake_module.FakeModule")
    registry.installed.cache_clear()
    yield ServerFactory(module="fake")
    registry.installed.cache_clear()


def hosted(server: Any) -> tuple[Service, Product]:
    dearer = plan("20.00", module="fake")
    return service(plan("10.00", module="fake"), server=server), dearer


def test_what_does_not_fit_is_refused_with_what_to_delete(
    on_platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, dearer = hosted(on_platform)
    tooth = ["12 mailboxes, new limit 10"]
    monkeypatch.setattr(FakeModule, "plan_change", lambda *_arguments: tooth)
    assert preview(owner, wish(dearer)).blockers == tuple(tooth)
    refused(owner, wish(dearer), "12 mailboxes, new limit 10")


def test_a_platform_that_is_down_stops_the_customer_but_not_staff(
    on_platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, dearer = hosted(on_platform)

    def down(*_arguments: Any) -> list[str]:
        raise TemporaryError("no route")

    monkeypatch.setattr(FakeModule, "plan_change", down)
    refused(owner, wish(dearer), "platform")
    assert request(owner, wish(dearer), unchecked=True).status == "waiting"


def test_the_run_waits_for_a_plan_that_the_platform_does_not_have_yet(
    on_platform: Any, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    owner, dearer = hosted(on_platform)
    monkeypatch.setattr(FakeModule, "plan_change", lambda *_arguments: [])
    request(owner, wish(dearer))
    pay(latest())
    clock.move_to(datetime(2026, 7, 1, 12, tzinfo=UTC))
    assert billing_run.run(date(2026, 7, 1)).issued == 0
    owner.commands.update(status="done")
    Service.objects.filter(pk=owner.pk).update(product=dearer)
    billing_run.run(date(2026, 7, 1))
    assert amounts(latest()) == ["20.00"]


def test_one_change_at_a_time_and_a_cancelled_one_leaves_nothing_open() -> None:
    owner, dearer = service(plan("10.00")), plan("20.00")
    change = request(owner, wish(dearer))
    refused(owner, wish(plan("30.00")), "waiting")
    cancel(change)
    change.refresh_from_db()
    assert change.status == "cancelled"
    assert latest().status == "void"
    assert request(owner, wish(dearer)).status == "waiting"


def test_an_unpaid_change_expires_after_its_days_and_cannot_come_back(clock: Any) -> None:
    owner, dearer = service(plan("10.00")), plan("20.00")
    change = request(owner, wish(dearer))
    clock.move_to(datetime(2026, 6, 18, 12, tzinfo=UTC))
    assert apply.carry_out(date(2026, 6, 18)) == 0
    clock.move_to(datetime(2026, 6, 19, 12, tzinfo=UTC))
    assert apply.carry_out(date(2026, 6, 19)) == 1
    change.refresh_from_db()
    owner.refresh_from_db()
    assert (change.status, change.invoice.status) == ("expired", "void")
    assert owner.product != dearer


def test_a_plan_withdrawn_while_it_waits_never_undoes_the_payment() -> None:
    owner, dearer = service(plan("10.00")), plan("20.00")
    change = request(owner, wish(dearer))
    Product.objects.filter(pk=dearer.pk).update(active=False)
    pay(latest())
    change.refresh_from_db()
    assert latest().status == "paid"
    assert change.status == "waiting"
    assert "not offered" in change.evidence["problem"]


def test_what_is_not_offered_is_refused_in_words() -> None:
    owner = service(plan("10.00"))
    refused(owner, wish(plan("20.00"), "annually"), "not offered annually")
    refused(owner, wish(plan("20.00"), seats=3), "no option")
    refused(owner, wish(plan("20.00", active=False)), "not offered any more")


def test_staff_may_change_at_once_without_money() -> None:
    owner, dearer = service(plan("10.00")), plan("20.00")
    change = request(owner, wish(dearer), free=True)
    owner.refresh_from_db()
    assert (change.status, change.invoice, owner.product) == ("applied", None, dearer)
    assert Invoice.objects.count() == 1


def test_an_own_price_ends_with_the_plan_it_was_agreed_for() -> None:
    owner, dearer = service(plan("10.00"), price_override=Decimal("5.00")), plan("20.00")
    request(owner, wish(dearer))
    assert amounts(latest()) == ["-3.33", "13.33"]
    pay(latest())
    owner.refresh_from_db()
    assert owner.price_override is None
