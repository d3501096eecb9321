"""Each form carries a token, so that a second click shows the result of the first.

The state is in the cache. Without it nothing breaks: the platform itself refuses the second act.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

FIELD = "form_token"
KEEP_SECONDS = 3600
PENDING_SECONDS = 120
WAIT_SECONDS = 6.0
PAUSE_SECONDS = 0.1
PENDING = "pending"


def fresh() -> str:
    return secrets.token_urlsafe(16)


@dataclass
class Submission:
    """`earlier` is what another request with the same form came to: None when there was none,

    else {"url": …, "messages": [[level, text], …]}, empty while that request is still at work.
    """

    key: str
    earlier: dict[str, Any] | None
    _settled: bool = field(default=False, init=False)

    def settle(self, url: str, messages: list[tuple[int, str]]) -> None:
        cache.set(self.key, {"url": url, "messages": messages}, KEEP_SECONDS)
        self._settled = True

    def release(self) -> None:
        if self.earlier is None and not self._settled:
            cache.delete(self.key)


@contextmanager
def submission(request: HttpRequest) -> Iterator[Submission]:
    key = _key(request)
    held = Submission(key, _claim(key))
    try:
        yield held
    finally:
        held.release()


def _key(request: HttpRequest) -> str:
    """Other contents are another submission: someone went back and changed what they had typed."""
    owner = getattr(request.user, "pk", None)
    parts = f"{owner}\n{request.path}\n{request.POST.urlencode()}"
    return "form:" + salted_hmac("clientarea.tokens", parts, algorithm="sha256").hexdigest()


def _claim(key: str) -> dict[str, Any] | None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not cache.add(key, PENDING, PENDING_SECONDS):
        found = cache.get(key)
        if isinstance(found, dict):
            return found
        if time.monotonic() >= deadline:
            return {}
        time.sleep(PAUSE_SECONDS)
    return None
