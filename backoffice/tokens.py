"""Each form carries a token: two clicks on one button are one wish, and so one command."""

from __future__ import annotations

import re
import secrets

from django.core.cache import cache
from django.http import HttpRequest

FIELD = "form_token"
KEEP_SECONDS = 3600
SHAPE = re.compile(r"[A-Za-z0-9_-]{16,40}")


def fresh() -> str:
    return secrets.token_urlsafe(16)


def given(request: HttpRequest) -> str:
    """The token the form was sent with; without one a new one, so nothing counts as repeated."""
    token = request.POST.get(FIELD, "")
    return token if SHAPE.fullmatch(token) else fresh()


def cause(request: HttpRequest) -> str:
    """For commands: the same cause asks only once."""
    return f"staff:{given(request)}"


def made_before(request: HttpRequest) -> str | None:
    """Where the first sending of this form led."""
    found: str | None = cache.get(_key(request))
    return found


def remember(request: HttpRequest, url: str) -> None:
    cache.set(_key(request), url, KEEP_SECONDS)


def _key(request: HttpRequest) -> str:
    return f"backoffice:form:{request.user.pk}:{given(request)}"
