"""Sending what is queued: each row once, and never a row lost.

A worker leases the row, connects, marks it as being handed over, hands it over and marks it sent.
What breaks before the hand-over, or is refused by the server in words, was certainly not sent and
is tried again.

A worker that dies during the hand-over, or a connection that breaks then, leaves it open whether
the message arrived: SMTP has no way to ask. An invoice or a last warning that never came is worse
than one that came twice, so such a row is handed over once more, under the same message id, by
which many mail servers drop the second one. When that is left open too it fails with that sentence
and waits for a person. So a message is lost in no case and arrives at most twice.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import F, Q

from billing.documents import pdf
from billing.models import Invoice, Seller, SentMail
from config import clock

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 8
FIRST_WAIT = timedelta(minutes=1)
BATCH = 200
UNCLEAR = "The connection broke while the message was handed over: it may have arrived."
TWICE = "An earlier try was left open: it may have arrived as well, under the same message id."
MOST_UNCLEAR = 1  # of these hand-overs are made again
Status = SentMail.Status
ACCEPTABLE = 500  # answers below it are refusals for now


class NotSent(Exception):
    """Certainly not sent. `final`: asking again would not help."""

    def __init__(self, text: str, *, final: bool = False) -> None:
        super().__init__(text)
        self.final = final


class Unclear(Exception):
    """Nobody knows whether it was sent."""


def send(mail_id: int) -> bool:
    """Whether it was sent now. A row that is taken, not due or done is left alone."""
    mail = _claim(mail_id)
    if mail is None:
        return False
    try:
        _deliver(mail)
    except Unclear as error:
        _unclear(_mine(mail), f"{UNCLEAR} ({error})")
    except NotSent as error:
        _not_sent(mail, error)
    else:
        note = TWICE if mail.unclear else ""
        _finish(mail, status=Status.SENT, error=note, sent_at=clock.now())
        return True
    return False


def sweep() -> int:
    """Send what is due, and what a dead worker was handing over. How many were sent."""
    lost = SentMail.objects.filter(status=Status.SENDING, lease_until__lt=clock.now())
    _unclear(lost, UNCLEAR)
    ids = SentMail.objects.filter(_free(), status=Status.QUEUED, not_before__lte=clock.now())
    return sum(send(pk) for pk in list(ids.order_by("pk").values_list("pk", flat=True)[:BATCH]))


def _free() -> Q:
    return Q(lease_until__isnull=True) | Q(lease_until__lt=clock.now())


def _claim(mail_id: int) -> SentMail | None:
    now = clock.now()
    rows = SentMail.objects.filter(_free(), pk=mail_id, status=Status.QUEUED, not_before__lte=now)
    if not rows.update(lease_until=now + LEASE, attempts=F("attempts") + 1):
        return None
    return SentMail.objects.select_related("customer").get(pk=mail_id)


def _mine(mail: SentMail) -> Any:
    """A worker that was thought dead finds that another one counted on."""
    return SentMail.objects.filter(pk=mail.pk, attempts=mail.attempts)


def _finish(mail: SentMail, **values: Any) -> None:
    _mine(mail).update(lease_until=None, **values)


def _unclear(rows: Any, error: str) -> None:
    """Those that are handed over again are counted first, so that none is both."""
    rows.filter(unclear__gte=MOST_UNCLEAR).update(
        status=Status.FAILED, error=error, lease_until=None
    )
    rows.filter(unclear__lt=MOST_UNCLEAR, status=Status.SENDING).update(
        status=Status.QUEUED,
        error=error,
        lease_until=None,
        not_before=clock.now(),
        unclear=F("unclear") + 1,
    )


def _not_sent(mail: SentMail, error: NotSent) -> None:
    log.warning("e-mail was not sent", mail=mail.pk, attempt=mail.attempts, error=str(error))
    if error.final or mail.attempts >= MOST_ATTEMPTS:
        _finish(mail, status=Status.FAILED, error=str(error))
        return
    wait = FIRST_WAIT * 2 ** (mail.attempts - 1)
    _finish(mail, status=Status.QUEUED, error=str(error), not_before=clock.now() + wait)


def _deliver(mail: SentMail) -> None:
    message = _message(mail)
    with _connected() as connection:
        handing_over = _mine(mail).filter(status=Status.QUEUED)
        if not handing_over.update(status=Status.SENDING):
            raise NotSent("Another worker has taken this message.")
        message.connection = connection
        try:
            message.send()
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(*next(iter(error.recipients.values()))) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unclear(type(error).__name__) from error


@contextmanager
def _connected() -> Iterator[Any]:
    connection = get_connection()
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"The mail server was not reached: {error}") from error
    try:
        yield connection
    finally:
        connection.close()


def _refused(code: int, words: bytes | str) -> NotSent:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return NotSent(f"{code} {text}", final=code >= ACCEPTABLE)


def _message(mail: SentMail) -> EmailMessage:
    reply = Seller.objects.order_by("pk").values_list("email", flat=True).first()
    message = EmailMessage(
        subject=mail.subject,
        body=mail.body,
        to=[mail.recipient],
        reply_to=[reply] if reply else None,
        headers={"Message-ID": message_id(mail), "Auto-Submitted": "auto-generated"},
    )
    _attach(message, mail.attachment)
    return message


def message_id(mail: SentMail) -> str:
    host = urlsplit(settings.SITE_URL).hostname
    return f"<mail-{mail.pk}-{int(mail.created_at.timestamp())}@{host}>"


def _attach(message: EmailMessage, attachment: str) -> None:
    kind, _, pk = attachment.partition(":")
    if kind != "invoice":
        return
    invoice = Invoice.objects.select_related("customer").get(pk=pk)
    message.attach(f"{invoice}.pdf", pdf.render(invoice), "application/pdf")
