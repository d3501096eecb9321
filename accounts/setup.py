"""First-run set-up: a printed link makes the first owner, once, and then there is no set-up."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from accounts.keys import hashed, new_key, public_url
from accounts.models import SetupLink, User
from accounts.people import create_person
from accounts.roles import StaffRole
from config import clock

VALID_FOR = timedelta(hours=24)


class SetupClosed(Exception):
    """There is an owner already, or there was one."""


class WrongKey(Exception):
    """Not the newest link, or an expired one."""


def is_open() -> bool:
    used = SetupLink.objects.filter(used_at__isnull=False).exists()
    return not used and not User.objects.exclude(staff_role="").exists()


def new_link() -> str:
    """The address to open within a day; a link printed before stops working."""
    if not is_open():
        raise SetupClosed
    key = new_key()
    values = {"key_hash": hashed(key), "expires_at": clock.now() + VALID_FOR}
    SetupLink.objects.update_or_create(pk=1, defaults=values)
    return f"{public_url(reverse('accounts:setup'))}?key={key}"


@transaction.atomic
def create_owner(key: str, *, email: str, name: str, password: str) -> User:
    """Of two at once the second waits for the first, and finds the link used."""
    if not is_open():
        raise SetupClosed
    link = SetupLink.objects.filter(key_hash=hashed(key), used_at=None, expires_at__gt=clock.now())
    if not link.update(used_at=clock.now()):
        raise WrongKey if is_open() else SetupClosed
    return create_person(email=email, name=name, password=password, staff_role=StaffRole.OWNER)
