"""Over real SMTP: once, with retries, and honest about what is not known."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from accounts.models import Customer
from billing.mail import sending
from billing.mail.queue import queue, resend
from billing.models import SentMail
from config import clock
from tests.dunning import build as documents
from tests.factories import ServiceFactory
from tests.support.smtp_server import DROP, SmtpServer

pytestmark = pytest.mark.django_db
PAID = {"amount": "21.42 EUR", "received": "2026-07-01"}


def written(customer: Customer, key: str = "payment:1") -> SentMail:
    made = queue("payment_received", key, customer, PAID)
    assert made
    return made


def test_a_message_arrives_as_it_was_written(smtp: SmtpServer, acme: Customer) -> None:
    mail = written(acme)

    assert sending.send(mail.pk)

    found = smtp.messages[0]
    assert (found["To"], found["Reply-To"]) == ("ada@acme.example", "billing@northwind.example")
    assert found["Subject"] == "We received 21.42 EUR"
    assert (
        "Ada,\n\nthank you: we received your payment of 21.42 EUR"
        in found.get_content().replace("\r\n", "\n")
    )
    assert found["Auto-Submitted"] == "auto-generated"
    mail.refresh_from_db()
    assert (mail.status, mail.sent_at, mail.lease_until) == ("sent", clock.now(), None)


def test_the_same_key_is_written_and_sent_once(smtp: SmtpServer, acme: Customer) -> None:
    written(acme)

    assert queue("payment_received", "payment:1", acme, PAID) is None
    assert sending.sweep() == 1
    assert sending.sweep() == 0
    assert len(smtp.messages) == 1


def test_nothing_is_sent_of_a_transaction_that_is_rolled_back(smtp, acme, hints) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        written(acme)
        raise RuntimeError

    assert sending.sweep() == 0
    assert not SentMail.objects.exists()
    assert not hints


def test_workers_are_told_after_the_commit(acme, hints, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        mail = written(acme)
        assert not hints

    assert hints == [(mail.pk,)]


def test_an_invoice_is_attached_as_a_pdf(smtp: SmtpServer, acme: Customer) -> None:
    invoice = documents.invoice(ServiceFactory(customer=acme, delivered=True))
    values = dict.fromkeys(("number", "total", "open", "issued", "due", "link"), "x")
    mail = queue("invoice_issued", "i:1", acme, values, attachment=f"invoice:{invoice.pk}")
    assert mail

    sending.send(mail.pk)

    part = next(iter(smtp.messages[0].iter_attachments()))
    assert part.get_filename() == f"{invoice.number}.pdf"
    assert part.get_content().startswith(b"%PDF")


@pytest.mark.parametrize("command", ["EHLO", "MAIL", "RCPT", "DATA", "."])
def test_a_refusal_for_now_is_tried_again_later(smtp, acme, now, command) -> None:
    mail = written(acme)
    smtp.answers = {command: "451 try later", "HELO": "451 try later"}
    assert not sending.send(mail.pk)
    mail.refresh_from_db()
    assert (mail.status, mail.attempts) == ("queued", 1)
    assert not sending.send(mail.pk)

    smtp.answers = {}
    now.shift(timedelta(minutes=2))

    assert sending.sweep() == 1
    assert len(smtp.messages) == 1


def test_a_refusal_for_good_is_final_and_says_why(smtp: SmtpServer, acme: Customer) -> None:
    mail = written(acme)
    smtp.answers = {"RCPT": "550 no such user"}

    sending.send(mail.pk)

    mail.refresh_from_db()
    assert (mail.status, mail.error) == ("failed", "550 no such user")
    assert not smtp.messages


def test_a_server_that_is_down_is_tried_again_and_given_up_in_the_end(
    settings, acme: Customer, now: time_machine.Traveller
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with SmtpServer() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    mail = written(acme)

    for _each in range(sending.MOST_ATTEMPTS + 2):
        sending.sweep()
        now.shift(timedelta(hours=3))

    mail.refresh_from_db()
    assert (mail.status, mail.attempts) == ("failed", sending.MOST_ATTEMPTS)
    assert "was not reached" in mail.error


def test_a_line_that_breaks_after_the_message_repeats_it_once_under_its_own_id(
    smtp, acme, now
) -> None:
    mail = written(acme)
    smtp.answers = {".": DROP}

    sending.send(mail.pk)
    mail.refresh_from_db()
    assert (mail.status, mail.unclear) == ("queued", 1)
    assert "may have arrived" in mail.error
    smtp.answers = {}
    assert (sending.sweep(), sending.sweep()) == (1, 0)

    mail.refresh_from_db()
    assert (mail.status, mail.error) == ("sent", sending.TWICE)
    assert len(smtp.messages) == 2
    assert len({each["Message-ID"] for each in smtp.messages}) == 1


def test_when_that_is_left_open_too_a_person_decides(smtp, acme, now) -> None:
    mail = written(acme)
    smtp.answers = {".": DROP}
    for _day in range(4):
        sending.sweep()
        now.shift(timedelta(days=1))

    mail.refresh_from_db()
    assert (mail.status, mail.unclear) == ("failed", 1)
    assert "may have arrived" in mail.error
    assert len(smtp.messages) == 2


def test_a_worker_that_dies_while_handing_over_is_taken_over_once(
    smtp: SmtpServer, acme: Customer, now: time_machine.Traveller, monkeypatch
) -> None:
    mail = written(acme)

    def dies(*_arguments: object, **_values: object) -> None:
        raise SystemExit

    for seen in (1, 2):
        with monkeypatch.context() as patch:
            patch.setattr(sending, "_finish", dies)
            with pytest.raises(SystemExit):
                sending.sweep()
        assert sending.sweep() == 0, "its lease still runs"
        now.shift(sending.LEASE + timedelta(seconds=1))
        assert len(smtp.messages) == seen

    assert sending.sweep() == 0
    mail.refresh_from_db()
    assert (mail.status, len(smtp.messages)) == ("failed", 2)


def test_a_worker_that_dies_before_handing_over_delays_it_only(
    smtp: SmtpServer, acme: Customer, now: time_machine.Traveller, monkeypatch
) -> None:
    mail = written(acme)

    def dies(_mail: SentMail) -> None:
        raise SystemExit

    monkeypatch.setattr(sending, "_message", dies)
    with pytest.raises(SystemExit):
        sending.send(mail.pk)
    monkeypatch.undo()
    assert sending.sweep() == 0  # still leased

    now.shift(sending.LEASE + timedelta(seconds=1))
    assert sending.sweep() == 1
    assert len(smtp.messages) == 1


def test_a_worker_that_was_thought_dead_does_not_send_after_another_took_over(
    smtp: SmtpServer, acme: Customer
) -> None:
    mail = written(acme)
    stale = sending._claim(mail.pk)
    assert stale
    SentMail.objects.update(lease_until=None)
    assert sending.send(mail.pk)

    with pytest.raises(sending.NotSent):
        sending._deliver(stale)

    assert len(smtp.messages) == 1


def test_sending_again_is_a_message_of_its_own(smtp: SmtpServer, acme: Customer) -> None:
    mail = written(acme)
    sending.sweep()

    again = resend(mail)
    sending.sweep()

    assert again.pk != mail.pk
    ids = {found["Message-ID"] for found in smtp.messages}
    assert len(ids) == 2


def test_a_line_break_in_a_name_adds_no_header(smtp: SmtpServer, acme: Customer) -> None:
    mail = queue(
        "payment_received", "p:9", acme, PAID | {"amount": "1 EUR\r\nBcc: thief@example.net"}
    )
    assert mail

    sending.send(mail.pk)

    assert smtp.messages[0]["Bcc"] is None
    assert smtp.messages[0]["Subject"] == "We received 1 EUR Bcc: thief@example.net"
