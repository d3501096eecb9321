"""What every request gets: an id, an author for the audit trail, limits on the ways in."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth import SESSION_KEY as SIGNED_IN_AS
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from structlog.contextvars import bound_contextvars

from accounts import impersonation
from accounts.access import NOT_WHILE_VIEWING
from accounts.actors import actor_of
from accounts.audit import acting
from accounts.languages import language_of

GetResponse = Callable[[HttpRequest], HttpResponse]
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,40}")
# Every page by which somebody gets in, or changes how they get in.
ENTRANCES = ("/accounts/", "/setup/", "/invite/", "/order/account/")


class ActorMiddleware:
    """After authentication, messages and allauth: who acts, for whom, under which request id."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = request.request_id = _request_id(request)  # type: ignore[attr-defined]
        _drop_dead_session(request)
        with bound_contextvars(request_id=request_id):
            with acting(actor_of(request)):
                impersonation.enforce(request)
            with acting(actor_of(request)):
                response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response


class LanguageMiddleware:
    """After the sign-in is known: what people chose, else their customer's language. Visitors get
    what their browser asks for, and the administration is in English.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wanted = language_of(request)
        if not wanted:
            return self.get_response(request)
        with translation.override(wanted):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", wanted)
        return response


class EntranceMiddleware:
    """Limits guessing on every way in, and keeps impersonating staff away from security pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(ENTRANCES):
            leaving = request.path_info == reverse("account_logout")
            if impersonation.current(request) is not None and not leaving:
                raise PermissionDenied(NOT_WHILE_VIEWING)
            action = "entrance_page" if request.method in ("GET", "HEAD") else "entrance"
            refused: HttpResponse | None = ratelimit.consume_or_429(
                request, action=action, limit_get=True
            )
            if refused is not None:
                return refused
        return self.get_response(request)


def _request_id(request: HttpRequest) -> str:
    """The proxy's own id when there is a trusted proxy, else a new one."""
    given = request.headers.get("X-Request-ID", "")
    if settings.TRUSTED_PROXY_COUNT and REQUEST_ID.fullmatch(given):
        return given
    return uuid.uuid4().hex


def _drop_dead_session(request: HttpRequest) -> None:
    """Whose session this was may no longer sign in: nothing of it may come back with them."""
    if SIGNED_IN_AS in request.session and not request.user.is_authenticated:
        request.session.flush()
