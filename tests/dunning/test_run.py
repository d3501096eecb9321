"""The run of a business date, on a database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.documents import credit_notes
from billing.dunning import policies, run, terminations
from billing.models import (
    BillingProfile,
    ChargeAttempt,
    DunningEvent,
    DunningPolicy,
    DunningRun,
    DunningStep,
    Invoice,
    Payment,
    ProductGrace,
    SentMail,
    TerminationRequest,
)
from billing.payments.record import Receipt, receive
from config import clock
from provisioning import services
from provisioning.models import Command, Server
from tests.dunning import build
from tests.factories import ServiceFactory

pytestmark = pytest.mark.django_db
D = Decimal


def pay(invoice: Invoice) -> None:
    receipt = Receipt(
        gateway="bank",
        external_id=f"transfer-{invoice.pk}",
        amount=invoice.total,
        currency="EUR",
        received_on=clock.today(),
    )
    receive(invoice.customer, receipt, invoice=invoice)


def test_the_standard_policy_takes_its_steps_on_their_days(now) -> None:
    build.invoice()

    assert build.live_through(now, -5, 50) == {
        -3: [(-3, "remind")],
        0: [(0, "charge")],
        1: [(1, "charge")],
        3: [(3, "charge"), (3, "remind")],
        7: [(7, "remind")],
        10: [(10, "restrict")],
        17: [(17, "suspend")],
        24: [(24, "remind")],
        45: [(45, "terminate")],
    }
    codes = SentMail.objects.order_by("pk").values_list("code", flat=True)
    assert list(codes) == [
        "reminder_before",
        "reminder_first",
        "reminder_restrict",
        "service_restricted",
        "service_suspended",
        "reminder_final",
    ]


def test_a_run_repeated_on_the_same_day_takes_nothing_again(now) -> None:
    build.invoice()
    first = build.run_on(now, build.day(3))

    assert len(first) == 1
    assert build.run_on(now, build.day(3)) == []
    assert DunningEvent.objects.count() == 1
    assert DunningRun.objects.get().steps_taken == 1


def test_a_settled_invoice_is_left_alone(now) -> None:
    invoice = build.invoice()
    pay(invoice)

    assert build.live_through(now, 3, 30) == {}
    assert not SentMail.objects.exists()


def test_a_future_day_is_refused_and_nothing_is_written() -> None:
    with pytest.raises(ValueError, match="not due yet"):
        run.run(date(2026, 7, 2))

    assert not DunningRun.objects.exists()


def test_an_overdue_service_is_suspended_and_released_by_payment(now) -> None:
    build.policy((17, "suspend"))
    service = ServiceFactory(delivered=True)
    invoice = build.invoice(service)
    build.run_on(now, build.day(17))
    service.refresh_from_db()
    assert service.desired == "suspended"
    assert list(service.suspend_reasons) == ["dunning"]

    pay(invoice)

    service.refresh_from_db()
    assert service.desired == "active"
    assert [each.action for each in Command.objects.order_by("pk")] == ["suspend", "unsuspend"]
    assert SentMail.objects.filter(code="service_released").count() == 1


def test_outgoing_mail_stops_first_and_payment_allows_it_again(now) -> None:
    build.policy((10, "restrict"), (17, "suspend"))
    service = ServiceFactory(delivered=True)
    DunningStep.objects.filter(action="restrict").update(template="service_restricted")
    invoice = build.invoice(service)
    build.run_on(now, build.day(10))
    service.refresh_from_db()
    assert (service.desired, list(service.restrict_reasons)) == ("active", ["dunning"])
    assert DunningEvent.objects.get().outcome == service.domain
    assert SentMail.objects.get().code == "service_restricted"

    pay(invoice)

    service.refresh_from_db()
    assert (service.desired, service.restrict_reasons) == ("active", {})
    assert [each.action for each in Command.objects.order_by("pk")] == ["restrict", "unrestrict"]
    assert SentMail.objects.filter(code="service_released").count() == 1


def test_a_suspension_takes_the_place_of_a_restriction_and_payment_lifts_both(
    now,
) -> None:
    build.policy((10, "restrict"), (17, "suspend"))
    service = ServiceFactory(delivered=True)
    invoice = build.invoice(service)
    build.run_on(now, build.day(10))
    build.run_on(now, build.day(17))
    service.refresh_from_db()
    assert service.desired == "suspended"

    pay(invoice)

    service.refresh_from_db()
    assert (service.desired, service.restrict_reasons) == ("active", {})
    assert SentMail.objects.filter(code="service_released").count() == 1


def test_mail_stays_stopped_while_another_invoice_that_stopped_it_is_open(now) -> None:
    build.policy((10, "restrict"))
    service = ServiceFactory(delivered=True)
    first, second = build.invoice(service), build.invoice(service)
    build.run_on(now, build.day(10))

    pay(first)
    service.refresh_from_db()
    assert list(service.restrict_reasons) == ["dunning"]
    assert not Command.objects.filter(action="unrestrict").exists()

    pay(second)
    service.refresh_from_db()
    assert service.restrict_reasons == {}


def test_where_mail_alone_cannot_be_stopped_nothing_is_sent_and_the_step_says_so(now) -> None:
    build.policy((10, "restrict"))
    service = ServiceFactory(
        delivered=True, server__module="smartermail", product__module="smartermail"
    )
    build.invoice(service)

    build.run_on(now, build.day(10))

    service.refresh_from_db()
    assert (service.restrict_reasons, Command.objects.count()) == ({}, 0)
    assert "cannot restrict outgoing mail alone" in DunningEvent.objects.get().outcome
    assert not SentMail.objects.exists()


def test_payment_does_not_release_a_service_that_staff_suspended_too(now) -> None:
    build.policy((17, "suspend"))
    service = ServiceFactory(delivered=True)
    invoice = build.invoice(service)
    services.suspend(service, reason_code="staff", reason="Abuse", cause="staff:1")
    build.run_on(now, build.day(17))

    pay(invoice)

    service.refresh_from_db()
    assert service.desired == "suspended"
    assert list(service.suspend_reasons) == ["staff"]
    assert not SentMail.objects.filter(code="service_released").exists()


def test_while_a_server_is_down_its_services_are_not_suspended(now) -> None:
    build.policy((17, "suspend"), (18, "remind"))
    service = ServiceFactory(delivered=True)
    build.invoice(service)
    Server.objects.update(health="down")

    assert build.run_on(now, build.day(17)) == []
    assert "is down" in DunningRun.objects.get().delayed[0]["reason"]
    assert not Command.objects.exists()
    assert not DunningEvent.objects.exists()

    Server.objects.update(health="up")
    assert build.run_on(now, build.day(18)) == [(17, "suspend")]


@pytest.mark.parametrize("status", ["started", "pending"])
def test_dunning_pauses_while_a_charge_is_under_way(now, status) -> None:
    build.policy((3, "remind"))
    invoice = build.invoice()
    attempt = ChargeAttempt.objects.create(
        invoice=invoice, number=1, amount=invoice.total, status=status
    )
    assert build.run_on(now, build.day(3)) == []

    attempt.status = "failed"
    attempt.save()
    assert build.run_on(now, build.day(4)) == [(3, "remind")]


def test_dunning_pauses_while_a_payment_is_announced(now) -> None:
    build.policy((3, "remind"))
    invoice = build.invoice()
    Payment.objects.create(
        customer=invoice.customer, invoice=invoice, gateway="bank", external_id="x",
        status="pending", currency="EUR", amount=D(18), received_on=build.DUE,
    )  # fmt: skip

    assert build.run_on(now, build.day(3)) == []


def test_grace_of_customer_and_product_add_up(now) -> None:
    build.policy((10, "remind"))
    service = ServiceFactory(delivered=True)
    BillingProfile.objects.create(customer=service.customer, grace_days=3)
    ProductGrace.objects.create(product=service.product, days=4)
    build.invoice(service)

    assert list(build.live_through(now, 9, 20)) == [17]


def test_the_customers_policy_comes_before_the_products_and_the_default(now) -> None:
    build.policy((1, "remind"))
    gentle = build.policy((5, "remind"), is_default=False)
    gentlest = build.policy((9, "remind"), is_default=False)
    of_product, of_customer = ServiceFactory(delivered=True), ServiceFactory(delivered=True)
    for service in (of_product, of_customer):
        ProductGrace.objects.create(product=service.product, policy=gentle)
    BillingProfile.objects.create(customer=of_customer.customer, policy=gentlest)
    for service in (of_product, of_customer, ServiceFactory(delivered=True)):
        build.invoice(service)

    found = build.live_through(now, 0, 10)

    assert found == {1: [(1, "remind")], 5: [(5, "remind")], 9: [(9, "remind")]}


def test_an_invoice_keeps_the_version_that_stood_when_it_was_issued(now) -> None:
    now.move_to(date(2026, 5, 1))
    old = build.policy((5, "remind"))
    now.move_to(date(2026, 6, 25))
    draft = policies.revise(old)
    draft.steps.update(offset=2)
    policies.publish(draft)
    before = build.invoice()
    after = build.invoice(due_on=date(2026, 7, 10))

    build.live_through(now, 0, 20)

    days = dict(DunningEvent.objects.values_list("invoice", "on"))
    assert days == {before.pk: date(2026, 7, 6), after.pk: date(2026, 7, 12)}
    assert DunningPolicy.objects.get(is_default=True) == draft


def test_a_draft_of_a_policy_is_used_for_nothing(now) -> None:
    now.move_to(date(2026, 5, 1))
    draft = policies.revise(build.policy((5, "remind")))
    draft.steps.update(offset=1)
    build.invoice()

    assert list(build.live_through(now, 0, 10)) == [5]


def test_a_termination_is_a_request_that_staff_approve_after_the_hold(now) -> None:
    build.policy((45, "terminate"))
    service = ServiceFactory(delivered=True)
    build.invoice(service)
    build.run_on(now, build.day(44))
    build.run_on(now, build.day(45))
    request = TerminationRequest.objects.get()
    assert request.not_before == build.day(52)

    with pytest.raises(ValidationError, match="may not be terminated before"):
        terminations.approve(request)
    assert not Command.objects.exists()

    now.move_to(build.day(52))
    terminations.approve(request)
    service.refresh_from_db()
    assert service.desired == "terminated"


def test_payment_withdraws_the_request(now) -> None:
    build.policy((45, "terminate"))
    invoice = build.invoice()
    build.run_on(now, build.day(44))
    build.run_on(now, build.day(45))

    pay(invoice)

    request = TerminationRequest.objects.get()
    assert request.status == "dismissed"
    with pytest.raises(ValidationError, match="decided already"):
        terminations.approve(request)
    assert not Command.objects.filter(action="terminate").exists()


def test_the_first_run_after_an_outage_asks_for_no_termination(now) -> None:
    build.policy((45, "terminate"))
    build.invoice()
    build.run_on(now, build.day(40))

    assert build.run_on(now, build.day(46)) == []
    assert not TerminationRequest.objects.exists()
    assert build.run_on(now, build.day(47)) == [(45, "terminate")]


def test_an_invoice_that_was_credited_is_not_dunned(now) -> None:
    build.policy((3, "remind"))
    invoice = build.invoice()
    credit_notes.void(invoice, reason="A mistake")

    assert build.run_on(now, build.day(3)) == []


def test_more_invoices_take_no_more_queries_to_look_at(now) -> None:
    build.policy((60, "remind"))
    counts = []
    for many in (2, 20):
        for _each in range(many):
            build.invoice()
        now.move_to(build.day(many))
        with CaptureQueriesContext(connection) as queries:
            run.run(build.day(many))
        counts.append(len(queries))

    assert counts[0] == counts[1]
