"""Writing an e-mail down, in the transaction of what it tells about."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import partial

import structlog
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts import audit
from accounts.models import Customer
from billing.mail.rendering import Rendered, render
from billing.models import Seller, SentMail
from config.celery import app

log = structlog.get_logger(__name__)


def queue(
    code: str,
    key: str,
    customer: Customer,
    context: Mapping[str, str],
    *,
    attachment: str = "",
) -> SentMail | None:
    """To the customer's billing address; None when this key was written before.

    `attachment` is "invoice:<id>", made when the message is sent.
    """
    if SentMail.objects.filter(key=key).exists():
        return None
    text = render(code, customer.language, common(customer) | dict(context))
    row = SentMail(
        key=key, code=code, customer=customer, recipient=customer.email, subject=text.subject,
        body=text.body, attachment=attachment,
    )  # fmt: skip
    return _write(row)


def queue_for_staff(
    code: str, key: str, customer: Customer, context: Mapping[str, str]
) -> SentMail | None:
    """About a customer, to the seller's own address; None without one."""
    address = staff_address()
    if not address or SentMail.objects.filter(key=key).exists():
        return None
    text = render(code, settings.LANGUAGE_CODE, common(customer) | dict(context))
    row = SentMail(
        key=key, code=code, customer=customer, recipient=address, subject=text.subject,
        body=text.body,
    )  # fmt: skip
    return _write(row)


def resend(mail: SentMail) -> SentMail:
    """The same message once more, as a new row."""
    copy = SentMail(
        key=f"again:{mail.pk}:{secrets.token_hex(8)}", code=mail.code, customer=mail.customer,
        recipient=mail.recipient, subject=mail.subject, body=mail.body, attachment=mail.attachment,
    )  # fmt: skip
    with transaction.atomic():
        copy.save()
        audit.record("mail.resent", mail, after={"again": copy.pk})
        _hint(copy)
    return copy


def test_send(text: Rendered, recipient: str) -> SentMail:
    made = SentMail(
        key=f"test:{secrets.token_hex(8)}", code="test", recipient=recipient,
        subject=text.subject, body=text.body,
    )  # fmt: skip
    with transaction.atomic():
        made.save()
        _hint(made)
    return made


def staff_address() -> str:
    """Where the panel writes to staff: the seller's own address."""
    found = Seller.objects.order_by("pk").values_list("email", flat=True).first()
    return found or ""


def common(customer: Customer) -> dict[str, str]:
    found = Seller.objects.order_by("pk").values_list("name", flat=True).first()
    return {
        "customer": str(customer),
        "name": customer.name,
        "seller": found or "",
        "panel": settings.SITE_URL,
    }


def _write(row: SentMail) -> SentMail | None:
    """Two causes at once write one row."""
    SentMail.objects.bulk_create([row], ignore_conflicts=True)
    made = SentMail.objects.filter(key=row.key).first()
    if made:
        _hint(made)
    return made


def _hint(row: SentMail) -> None:
    transaction.on_commit(partial(_send, row.pk))


def _send(pk: int) -> None:
    """A message to the workers is only a hint: the sweeper finds what they did not hear."""
    try:
        app.send_task("billing.tasks.send_mail", args=(pk,), retry_policy={"max_retries": 1})
    except (OperationalError, RedisError, OSError) as error:
        log.warning("broker did not take an e-mail", mail=pk, error=str(error))
