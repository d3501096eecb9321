from __future__ import annotations

from decimal import Decimal

import pytest

from billing.dunning.late_fees import amount_of
from billing.models import BillingProfile, DunningStep, Invoice, LateFee
from tests.dunning import build

D = Decimal


@pytest.mark.parametrize(
    ("open_amount", "percent", "minimum", "fee"),
    [
        ("45.50", "10", "0", "4.55"),
        ("18.00", "1.5", "1.00", "1.00"),
        ("18.00", "1.5", "0", "0.27"),
        ("5.00", "10", "1.00", "1.00"),
        ("100.00", "0", "0", "0"),
    ],
)
def test_the_fee_is_a_share_of_what_is_open_and_at_least_the_minimum(
    open_amount, percent, minimum, fee
) -> None:
    step = DunningStep(fee_percent=D(percent), fee_minimum=D(minimum))

    assert amount_of(step, D(open_amount), "EUR") == D(fee)


def fees() -> list[Invoice]:
    return list(Invoice.objects.filter(late_fee_of__isnull=False).order_by("pk"))


@pytest.fixture
def policy(db: None) -> None:
    build.policy((5, "late_fee"))
    DunningStep.objects.filter(action="late_fee").update(fee_percent=D(10), fee_minimum=D("1.00"))


@pytest.mark.django_db
def test_the_fee_is_a_document_of_its_own_and_the_invoice_stays_as_it_is(now, policy) -> None:
    invoice = build.invoice(total="45.50")

    build.live_through(now, 4, 40)

    fee = fees()[0]
    invoice.refresh_from_db()
    assert (fee.status, fee.total, fee.tax, fee.currency) == ("issued", D("4.55"), D(0), "EUR")
    assert fee.due_on == build.day(19)
    assert (invoice.total, invoice.lines.count()) == (D("45.50"), 1)


@pytest.mark.django_db
def test_a_rule_charges_an_invoice_once_and_a_fee_never(now, policy) -> None:
    build.invoice(total="45.50")

    build.live_through(now, 4, 120)

    assert len(fees()) == 1
    assert LateFee.objects.count() == 1


@pytest.mark.django_db
def test_a_customer_who_is_spared_late_fees_pays_none(now, policy) -> None:
    invoice = build.invoice()
    BillingProfile.objects.create(customer=invoice.customer, late_fee_exempt=True)

    build.live_through(now, 4, 20)

    assert not fees()


@pytest.mark.django_db
def test_only_what_is_still_open_bears_the_fee(now, policy) -> None:
    build.invoice(total="45.50", settled=D("25.50"))

    build.run_on(now, build.day(5))

    assert fees()[0].total == D("2.00")
