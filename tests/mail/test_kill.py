"""The process that sends is killed with -9 at each step of a real SMTP conversation."""

from __future__ import annotations

from datetime import timedelta
from subprocess import Popen

import pytest

from accounts.models import Customer
from billing.mail import sending
from billing.mail.queue import queue
from billing.models import SentMail
from config import clock
from tests.support.processes import manage
from tests.support.smtp_server import SmtpServer

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PAID = {"amount": "21.42 EUR", "received": "2026-07-01"}
SWEEP = "from billing.mail import sending; sending.sweep()"


@pytest.fixture
def mail(smtp: SmtpServer, acme: Customer, monkeypatch: pytest.MonkeyPatch) -> SentMail:
    monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{smtp.port}")
    made = queue("payment_received", "payment:1", acme, PAID)
    assert made
    return made


def sweep_elsewhere() -> Popen[str]:
    return manage("shell", "-v", "0", "-c", SWEEP)


def killed_at(smtp: SmtpServer, step: str) -> None:
    """One sweep, in a process of its own that does not outlive the step."""
    workers: list[Popen[str]] = []

    def kill(word: str) -> None:
        if word == step:
            workers[0].kill()
            workers[0].wait()

    smtp.on_command = kill
    workers.append(sweep_elsewhere())
    output, _nothing = workers[0].communicate(timeout=60)
    assert workers[0].returncode == -9, output
    smtp.on_command = lambda _word: None


def lease_ends() -> None:
    SentMail.objects.update(lease_until=clock.now() - timedelta(days=1))


def swept() -> None:
    worker = sweep_elsewhere()
    output, _nothing = worker.communicate(timeout=60)
    assert worker.returncode == 0, output


@pytest.mark.parametrize(
    ("step", "arrive"),
    [("EHLO", 1), ("MAIL", 1), ("RCPT", 1), ("DATA", 1), (".", 2), ("QUIT", 2)],
)
def test_a_killed_worker_loses_nothing_and_repeats_only_what_was_accepted(
    smtp: SmtpServer, mail: SentMail, step: str, arrive: int
) -> None:
    """At the full stop the server has the message and says so; before QUIT the worker has heard it
    and has not noted it yet.
    """
    killed_at(smtp, step)
    mail.refresh_from_db()
    assert mail.status in ("queued", "sending")
    swept()
    assert len(smtp.messages) == arrive - 1, "somebody else sent it while its lease ran"

    lease_ends()
    swept()
    swept()

    mail.refresh_from_db()
    assert mail.status == "sent"
    assert len(smtp.messages) == arrive
    assert {each["Message-ID"] for each in smtp.messages} == {sending.message_id(mail)}
    assert mail.error == (sending.TWICE if mail.unclear else "")


def test_killed_there_twice_it_waits_for_a_person(smtp: SmtpServer, mail: SentMail) -> None:
    for _time in range(2):
        killed_at(smtp, "QUIT")
        lease_ends()
    swept()
    mail.refresh_from_db()
    assert (mail.status, mail.error) == ("failed", sending.UNCLEAR)
    assert len(smtp.messages) == 2
