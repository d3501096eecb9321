"""Rotating and ending sessions, with the list of devices kept in step."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest

from accounts.models import User
from accounts.models.users import session_seed


def rotate(request: HttpRequest) -> None:
    """The same session under a new key, so that a key learnt before is worth nothing."""
    request.session.cycle_key()
    UserSession.objects.create_from_request(request)


def end_all(user: User) -> None:
    """Nobody who is signed in as ``user`` now still is at the next request."""
    user.session_seed = session_seed()
    user.save(update_fields=["session_seed"])


def end_others(request: HttpRequest, user: User) -> None:
    end_all(user)
    update_session_auth_hash(request, user)
    UserSession.objects.create_from_request(request)
