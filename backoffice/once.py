"""For acts that may not be done twice by two clicks on one form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache import cache

from accounts.access import StaffRequest
from backoffice import tokens
from backoffice.buttons import Answer

Act = Callable[[StaffRequest, Any, dict[str, Any]], Answer]
ALREADY = "This was done already, by your first click."


def once(act: Act) -> Act:
    """What is refused may be sent again."""

    @wraps(act)
    def guarded(request: StaffRequest, row: Any, data: dict[str, Any]) -> Answer:
        key = f"backoffice:once:{request.user.pk}:{request.path}:{tokens.given(request)}"
        if not cache.add(key, 1, tokens.KEEP_SECONDS):
            return ALREADY
        done = False
        try:
            answer = act(request, row, data)
            done = True
        finally:
            if not done:
                cache.delete(key)
        return answer

    return guarded
