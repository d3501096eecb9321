"""The life of one invite: made, mailed, mailed again, withdrawn, claimed."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPException

import structlog
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.audit import record
from accounts.keys import hashed, new_key, public_url
from accounts.models import Invite
from config import clock
from config.language import ENGLISH, speaking

VALID_FOR = timedelta(days=7)
log = structlog.get_logger(__name__)


class InviteGone(Exception):
    """Used, withdrawn, expired, or never made: told apart to nobody."""


@transaction.atomic
def create_invite(invite: Invite) -> Invite:
    """Save and mail a new invite, withdrawing a pending one to the same person."""
    invite.email = invite.email.lower()
    pending = Invite.objects.pending().filter(email=invite.email, customer=invite.customer)
    pending.update(withdrawn_at=clock.now())
    key = _renew_key(invite)
    invite.save()
    record("invite.created", invite, after=_told(invite), customer=invite.customer)
    transaction.on_commit(lambda: _mail(invite, key))
    return invite


@transaction.atomic
def send_again(invite: Invite) -> Invite:
    """A new link for seven more days; the one mailed before stops working."""
    key = _renew_key(invite)
    kept = Invite.objects.pending().filter(pk=invite.pk)
    if not kept.update(key_hash=invite.key_hash, expires_at=invite.expires_at):
        raise InviteGone
    record("invite.sent_again", invite, after=_told(invite))
    transaction.on_commit(lambda: _mail(invite, key))
    return invite


@transaction.atomic
def withdraw(invite: Invite) -> None:
    if not Invite.objects.pending().filter(pk=invite.pk).update(withdrawn_at=clock.now()):
        raise InviteGone
    record("invite.withdrawn", invite, before=_told(invite))


def find(key: str) -> Invite:
    invite = Invite.objects.usable().select_related("customer").filter(key_hash=hashed(key)).first()
    if invite is None:
        raise InviteGone
    return invite


def claim(key: str) -> Invite:
    """Take the invite for the caller's transaction; of two at once only one gets it."""
    invite = find(key)
    if not Invite.objects.usable().filter(pk=invite.pk).update(accepted_at=clock.now()):
        raise InviteGone
    return invite


def _renew_key(invite: Invite) -> str:
    key = new_key()
    invite.key_hash = hashed(key)
    invite.expires_at = clock.now() + VALID_FOR
    return key


def _told(invite: Invite) -> dict[str, str]:
    return {"email": invite.email, "role": invite.role_label}


def _mail(invite: Invite, key: str) -> None:
    """A mail server that is down does not undo the invite: it shows as unsent, to be sent again."""
    link = public_url(reverse("accounts:invite", args=[key]))
    context = {"invite": invite, "link": link, "days": VALID_FOR.days}
    with speaking(invite.customer.language if invite.customer else ENGLISH):
        subject = render_to_string("email/account/invite_subject.txt", context).strip()
        body = render_to_string("email/account/invite_message.txt", context)
    try:
        send_mail(subject, body, None, [invite.email])
    except (SMTPException, OSError) as error:
        log.warning("invite.not_sent", invite=invite.pk, error=str(error))
        return
    Invite.objects.filter(pk=invite.pk).update(sent_at=clock.now())
