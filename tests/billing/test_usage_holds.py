from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing.documents.issue import NotADraft, discard, issue, release
from billing.models import Claim, Invoice
from billing.nightly.run import run
from provisioning.models import UsageReading
from tests.billing import build
from tests.billing.build import days_before

FIRST_OF_APRIL = date(2026, 4, 1)
pytestmark = pytest.mark.usefixtures("seller")


@pytest.fixture
def owner():
    return build.service(build.metered())


def parked(owner):
    return build.reading(
        owner,
        "90000",
        at=days_before(FIRST_OF_APRIL, 1),
        state="parked",
        reason="a jump of 4,000 ×",
    )


def held(owner) -> Invoice:
    build.reading(owner, "21", at=days_before(FIRST_OF_APRIL, 2))
    parked(owner)
    run(FIRST_OF_APRIL)
    return Invoice.objects.get()


def test_never_measured_is_the_minimum_with_a_notice_for_staff(owner):
    run(FIRST_OF_APRIL)
    invoice = Invoice.objects.get()
    assert invoice.total == Decimal("6.00")
    assert "never measured" in invoice.notices[0]


def test_usage_a_few_days_old_is_billed_with_its_date_on_the_line(owner):
    build.reading(owner, "21", at=days_before(FIRST_OF_APRIL, 2))
    run(FIRST_OF_APRIL)
    invoice = Invoice.objects.get()
    assert invoice.total == Decimal("18.00")
    assert "as measured on 30 Mar 2026" in invoice.lines.get().description
    assert invoice.notices


def test_usage_that_is_too_old_holds_the_invoice_where_the_policy_says_so(owner, settings):
    settings.USAGE_STALE_POLICY = "hold"
    build.reading(owner, "21", at=days_before(FIRST_OF_APRIL, 7))
    report = run(FIRST_OF_APRIL)
    invoice = Invoice.objects.get()
    assert (report.held, invoice.status, invoice.number) == (1, "draft", None)
    assert "7 days ago" in invoice.hold_reason


def test_usage_that_is_too_old_is_billed_with_a_notice_where_the_policy_says_so(owner, settings):
    settings.USAGE_STALE_POLICY = "bill"
    build.reading(owner, "21", at=days_before(FIRST_OF_APRIL, 7))
    run(FIRST_OF_APRIL)
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.total) == ("issued", Decimal("18.00"))
    assert invoice.notices


def test_parked_usage_holds_only_its_own_service(owner):
    build.service(build.product(), customer=owner.customer)
    build.reading(owner, "21", at=days_before(FIRST_OF_APRIL, 2))
    parked(owner)
    report = run(FIRST_OF_APRIL)
    assert (report.issued, report.held) == (1, 1)
    assert "a jump of 4,000 ×" in Invoice.objects.get(status="draft").hold_reason


def test_a_held_period_is_not_billed_again_by_the_next_run(owner):
    held(owner)
    run(FIRST_OF_APRIL)
    assert Invoice.objects.count() == 1


def test_a_rejected_reading_leaves_the_last_good_one_to_be_billed(owner):
    invoice = held(owner)
    UsageReading.objects.filter(state="parked").update(state="rejected")
    released = release(invoice)
    assert (released.status, released.total) == ("issued", Decimal("18.00"))
    assert Claim.objects.filter(invoice=invoice).count() == 2


def test_an_accepted_reading_is_billed_when_the_draft_is_released(owner):
    invoice = held(owner)
    UsageReading.objects.filter(state="parked").update(state="good", value=31 * build.GB)
    assert release(invoice).total == Decimal("24.00")


def test_a_release_before_the_decision_keeps_the_draft(owner):
    invoice = release(held(owner))
    assert (invoice.status, invoice.number) == ("draft", None)


def test_a_person_may_issue_the_draft_as_it_stands(owner):
    invoice = issue(held(owner))
    assert (invoice.status, invoice.number, invoice.hold_reason) == ("issued", "INV-2026-00001", "")


def test_a_discarded_draft_falls_due_again(owner):
    discard(held(owner))
    owner.refresh_from_db()
    assert owner.next_due == FIRST_OF_APRIL
    UsageReading.objects.filter(state="parked").update(state="rejected")
    run(FIRST_OF_APRIL)
    assert Invoice.objects.get().total == Decimal("18.00")


@pytest.mark.parametrize("act", [issue, release, discard])
def test_an_issued_invoice_is_beyond_reach(owner, act):
    invoice = issue(held(owner))
    with pytest.raises(NotADraft):
        act(invoice)
    assert Invoice.objects.get().number == "INV-2026-00001"
