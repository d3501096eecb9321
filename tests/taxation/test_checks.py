"""What is kept of the answers, and what follows for documents."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError

from accounts.models import Customer
from billing import tasks
from billing.models import CreditEntry, Invoice, Seller, TaxRecheck, VatCheck, VatStatus
from billing.nightly import run
from billing.payments import credit
from billing.taxation import checks
from products.models import Product
from provisioning.models import Service
from tests.billing import build
from tests.support.vies import UNAVAILABLE, ViesSimulator
from tests.taxation.conftest import FRENCH, GERMAN

D = Decimal
pytestmark = pytest.mark.django_db


def bill(customer: Customer) -> Invoice:
    build.service(build.product(price="100.00"), customer=customer)
    run.run(date(2026, 4, 1))
    return Invoice.objects.get(customer=customer, kind="invoice")


def annual_product(cycle: str = "annually") -> Product:
    """A fixed price, paid in advance: invoiced a week before it is due."""
    return build.product(price="100.00", cycle=cycle, timing="advance")


def later(now: time_machine.Traveller, days: int) -> None:
    now.shift(timedelta(days=days))


def test_a_valid_number_is_kept_with_its_proof(vies: ViesSimulator, french: Customer) -> None:
    vies.valid.add(FRENCH)

    row = checks.check(french)

    status = VatStatus.objects.get(customer=french)
    assert (row.answer, row.requester, row.name) == ("valid", GERMAN, "BEISPIEL SARL")
    assert (status.answer, status.number, status.consultation) == (
        "valid",
        FRENCH,
        "WAPIAAAA00000001",
    )


def test_silence_leaves_the_last_answer_as_it_was(vies: ViesSimulator, french: Customer) -> None:
    vies.valid.add(FRENCH)
    checks.check(french)
    vies.trouble = (500, UNAVAILABLE)

    row = checks.check(french)

    status = VatStatus.objects.get(customer=french)
    assert (row.answer, row.trouble) == ("", "MS_UNAVAILABLE")
    assert (status.answer, status.trouble) == ("valid", "MS_UNAVAILABLE")


def test_silence_about_a_number_never_asked_for_is_not_invalid(vies, french) -> None:
    vies.trouble = (200, {"valid": False, "userError": "MS_UNAVAILABLE"})

    checks.check(french)

    assert VatStatus.objects.get(customer=french).answer == VatStatus.Answer.UNKNOWN


def test_an_answer_about_another_number_does_not_count(vies, french) -> None:
    vies.valid.add(FRENCH)
    checks.check(french)
    french.tax_number = "FR83404833048"
    french.save()
    vies.trouble = (500, UNAVAILABLE)

    checks.check(french)

    status = VatStatus.objects.get(customer=french)
    assert (status.number, status.answer, status.consultation) == ("FR83404833048", "", "")


def test_a_mistyped_number_is_refused_and_nobody_is_asked(vies, french) -> None:
    french.tax_number = "FR40303265046"

    with pytest.raises(ValidationError, match="mistyped"):
        checks.check(french)

    assert not vies.asked
    assert not VatCheck.objects.exists()


def test_reverse_charge_stands_on_the_document_with_both_numbers(vies, french) -> None:
    vies.valid.add(FRENCH)
    checks.check(french)

    invoice = bill(french)

    assert (invoice.net, invoice.tax) == (D(100), D(0))
    evidence = invoice.tax_evidence
    assert evidence["rule"] == "reverse_charge"
    assert evidence["reason"].startswith("Reverse charge")
    assert (evidence["seller_number"], evidence["buyer_number"]) == (GERMAN, FRENCH)
    assert evidence["consultation"] == "WAPIAAAA00000001"


@pytest.mark.parametrize(("days", "tax"), [(89, "0"), (91, "20")])
def test_a_valid_answer_is_trusted_through_an_outage_for_a_time(
    vies: ViesSimulator, french: Customer, now, days: int, tax: str
) -> None:
    now.move_to(date(2026, 4, 1) - timedelta(days=days))
    vies.valid.add(FRENCH)
    checks.check(french)
    later(now, days)
    vies.trouble = (500, UNAVAILABLE)
    checks.check(french)

    assert bill(french).tax == D(tax)


def test_an_unproven_number_is_taxed_and_the_tax_comes_back_when_it_proves_valid(
    vies: ViesSimulator, french: Customer
) -> None:
    vies.trouble = (500, UNAVAILABLE)
    checks.check(french)
    invoice = bill(french)
    assert (invoice.tax, invoice.tax_evidence["recheck"]) == (D(20), FRENCH)

    vies.trouble = None
    vies.valid.add(FRENCH)
    checks.check(french)
    checks.check(french)

    note = Invoice.objects.get(kind="credit_note")
    invoice.refresh_from_db()
    assert (note.net, note.tax, note.total, note.corrects) == (D(0), D(20), D(20), invoice)
    assert note.tax_evidence["consultation"] == "WAPIAAAA00000002"
    assert invoice.open_amount == D(100)
    assert TaxRecheck.objects.get().outcome == "credited"


def test_of_a_paid_invoice_the_tax_becomes_account_credit(vies, french) -> None:
    vies.trouble = (500, UNAVAILABLE)
    invoice = bill(french)
    Invoice.objects.filter(pk=invoice.pk).update(
        status="paid", settled=invoice.total, paid_on=date(2026, 4, 1)
    )
    vies.trouble = None
    vies.valid.add(FRENCH)

    checks.check(french)

    assert credit.balance(french, "EUR") == D(20)
    assert CreditEntry.objects.get().document == Invoice.objects.get(kind="credit_note")


def test_a_number_that_proves_invalid_changes_nothing(vies, french) -> None:
    invoice = bill(french)

    checks.check(french)

    invoice.refresh_from_db()
    assert invoice.open_amount == D(120)
    assert not Invoice.objects.filter(kind="credit_note").exists()


def test_only_numbers_elsewhere_in_the_eu_that_are_due_are_asked_for(vies, french, now) -> None:
    build.customer(country="DE", tax_number=GERMAN)
    build.customer(country="US", tax_number="12-345")
    build.customer(country="FR", tax_number="FR-mistyped")
    vies.valid.add(FRENCH)

    assert checks.check_all() == 1
    assert checks.check_all() == 0
    later(now, 31)
    assert checks.check_all() == 1
    assert [each["vatNumber"] for each in vies.asked] == ["40303265045"] * 2


def test_a_silent_service_is_left_alone_after_a_few_questions(vies, german: Seller) -> None:
    for number in (FRENCH, "FR83404833048", "FR23334175221", "FR61954506077"):
        build.customer(country="FR", tax_number=number)
    vies.trouble = (500, UNAVAILABLE)

    assert checks.check_all() == 0

    assert len(vies.asked) == checks.GIVE_UP


def test_before_a_year_is_invoiced_the_number_is_asked_for_again(vies, french, now) -> None:
    vies.valid.add(FRENCH)
    checks.check(french)
    later(now, 1)
    vies.valid.clear()  # it was given up meanwhile
    build.service(annual_product(), customer=french, cycle="annually", anchor=date(2026, 4, 9))

    assert checks.check_all() == 0  # asked for less than a month ago
    assert checks.check_ahead(date(2026, 4, 2)) == 1
    run.run(date(2026, 4, 2))

    invoice = Invoice.objects.get()
    assert (invoice.tax, invoice.tax_evidence["rule"]) == (D(20), "destination")


def test_an_answer_of_the_same_day_is_fresh_enough(vies, french, now) -> None:
    vies.valid.add(FRENCH)
    build.service(annual_product(), customer=french, cycle="annually", anchor=date(2026, 4, 9))
    assert checks.check_ahead(date(2026, 4, 2)) == 1
    now.shift(timedelta(hours=19))
    assert checks.check_ahead(date(2026, 4, 2)) == 0
    now.shift(timedelta(hours=2))
    assert checks.check_ahead(date(2026, 4, 2)) == 1
    assert len(vies.asked) == 2


@pytest.mark.parametrize(
    "values",
    [{"cycle": "semiannually"}, {"anchor": date(2026, 4, 10)}, {"desired": "cancelled"}],
    ids=["half a year", "not yet due", "cancelled"],
)
def test_only_a_year_that_is_about_to_be_invoiced_needs_a_fresh_answer(
    vies, french, now, values
) -> None:
    cycle = values.get("cycle", "annually")
    facts = {"cycle": "annually", "anchor": date(2026, 4, 9)} | values
    build.service(annual_product(cycle), customer=french, **facts)

    assert checks.check_ahead(date(2026, 4, 2)) == 0
    assert vies.asked == []


def test_an_outage_before_the_run_neither_blocks_nor_says_invalid(vies, french, now) -> None:
    vies.valid.add(FRENCH)
    checks.check(french)
    later(now, 2)
    build.service(annual_product(), customer=french, cycle="annually", anchor=date(2026, 4, 9))
    vies.trouble = (500, UNAVAILABLE)

    assert checks.check_ahead(date(2026, 4, 2)) == 0
    asked = len(vies.asked)
    run.run(date(2026, 4, 2))

    invoice = Invoice.objects.get()
    assert (invoice.tax, invoice.tax_evidence["rule"]) == (D(0), "reverse_charge")
    assert VatStatus.objects.get().answer == "valid"
    assert len(vies.asked) == asked, "the run called out"


def test_an_hour_after_silence_it_is_tried_once_more(vies, french, now) -> None:
    build.service(annual_product(), customer=french, cycle="annually", anchor=date(2026, 4, 9))
    vies.trouble = (500, UNAVAILABLE)
    checks.check_ahead(date(2026, 4, 2))
    vies.trouble = None
    vies.valid.add(FRENCH)

    assert checks.check_ahead(date(2026, 4, 2)) == 0
    now.shift(timedelta(hours=1))
    assert checks.check_ahead(date(2026, 4, 2)) == 1


@pytest.mark.parametrize(("hour", "day"), [(1, 8), (3, 8), (4, 9), (23, 9)])
def test_the_check_is_for_the_run_that_comes_next(vies, french, now, hour, day) -> None:
    """Of two years that begin a day apart; the runs are at 4 o'clock."""
    now.move_to(datetime(2026, 4, 1, hour, tzinfo=UTC))
    vies.valid.add(FRENCH)
    build.service(annual_product(), customer=french, cycle="annually", anchor=date(2026, 4, day))
    tasks.check_vat_numbers_ahead()
    assert len(vies.asked) == 1

    VatStatus.objects.all().delete()
    Service.objects.update(next_due=date(2026, 4, day + 1))
    tasks.check_vat_numbers_ahead()
    assert len(vies.asked) == 1


def test_a_round_ends_in_time_and_the_next_one_goes_on(vies, german, now, monkeypatch) -> None:
    numbers = (FRENCH, "FR83404833048", "FR23334175221")
    for number in numbers:
        build.customer(country="FR", tax_number=number)
    vies.valid.update(numbers)
    keep = checks.check

    def slow(customer: Customer) -> VatCheck:
        now.shift(timedelta(minutes=6))
        return keep(customer)

    monkeypatch.setattr(checks, "check", slow)
    assert (checks.check_all(), checks.check_all()) == (2, 1)
