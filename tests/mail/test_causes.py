"""What happened gets its e-mail, once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.models import Customer
from billing.documents import credit_notes
from billing.mail import causes, sending
from billing.models import ChargeAttempt, Invoice, SavedMethod, Seller, SentMail
from billing.nightly import run
from billing.payments.record import Receipt, receive
from config import clock
from provisioning.models import Command
from tests.billing import build
from tests.dunning import build as documents
from tests.factories import CommandFactory, ServiceFactory
from tests.support import fake_module

pytestmark = pytest.mark.django_db


def codes() -> list[str]:
    return list(SentMail.objects.order_by("pk").values_list("code", flat=True))


@pytest.fixture(autouse=True)
def _fake(monkeypatch: pytest.MonkeyPatch):
    with fake_module.installed(monkeypatch):
        yield


@pytest.fixture
def invoice(acme: Customer) -> Invoice:
    return documents.invoice(
        ServiceFactory(customer=acme, delivered=True), due_on=clock.today() + timedelta(days=14)
    )


def test_invoices_of_a_run_are_mailed_once_with_their_pdf(smtp, acme) -> None:
    for _each in range(2):
        build.service(build.product(), customer=acme, anchor=date(2026, 6, 1))
    build.service(build.product(), customer=build.customer(), anchor=date(2026, 6, 1))
    run.run(clock.today())

    assert causes.announce() == 2
    assert causes.announce() == 0
    sending.sweep()

    assert len(smtp.messages) == 2
    assert all(next(iter(each.iter_attachments())) for each in smtp.messages)


def test_a_draft_is_nobodys_business_yet(acme, invoice) -> None:
    Invoice.objects.filter(pk=invoice.pk).update(status="draft", number=None)

    assert causes.announce() == 0


def test_documents_of_long_ago_are_not_mailed(acme, invoice, now) -> None:
    now.shift(timedelta(days=10))

    assert causes.announce() == 0


def test_a_payment_and_a_credit_note_are_announced(acme, invoice) -> None:
    causes.announce()
    credit_notes.credit(
        invoice, {invoice.lines.get().pk: Decimal("6.00")}, reason="One unit too many"
    )
    receipt = Receipt(
        gateway="bank", external_id="t1", amount=Decimal(12), currency="EUR",
        received_on=clock.today(),
    )  # fmt: skip
    receive(acme, receipt, invoice=invoice)

    causes.announce()
    causes.announce()

    assert codes() == ["invoice_issued", "credit_note_issued", "payment_received"]
    note = SentMail.objects.get(code="credit_note_issued")
    assert "One unit too many" in note.body


def test_a_declined_card_is_told_to_the_customer(acme, invoice) -> None:
    causes.announce()
    method = SavedMethod.objects.create(
        customer=acme, gateway="stripe", external_id="pm_1", label="Visa"
    )
    ChargeAttempt.objects.create(
        invoice=invoice, number=1, amount=invoice.total, status="failed", method=method,
        finished_at=clock.now(),
    )  # fmt: skip

    causes.announce()

    assert codes() == ["invoice_issued", "payment_failed"]


def test_a_failed_command_is_told_to_staff_once_a_round(acme) -> None:
    command = CommandFactory(
        status=Command.Status.ATTENTION, attempts=8, detail="The server said no."
    )
    assert (causes.announce(), causes.announce()) == (1, 0)
    mail = SentMail.objects.get()
    assert mail.recipient == "billing@northwind.example"
    assert "The server said no." in mail.body

    Command.objects.filter(pk=command.pk).update(attempts=16)
    assert causes.announce() == 1


def test_without_an_address_of_the_seller_staff_are_not_written_to(acme) -> None:
    Seller.objects.update(email="")
    CommandFactory(status=Command.Status.ATTENTION)

    assert causes.announce() == 0
    assert not SentMail.objects.exists()
