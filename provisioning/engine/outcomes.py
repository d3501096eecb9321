"""How an attempt ends: from what was raised to what happens to the command."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings

from provisioning.connection.breaker import ServerUnavailable
from provisioning.contract import (
    ConflictError,
    MisconfiguredError,
    ModuleError,
    PermanentError,
    TemporaryError,
    UnsupportedError,
)
from provisioning.models import Command

Status = Command.Status

FIRST_WAIT = 15.0
LONGEST_WAIT = 3600.0
# A platform that asks for more patience than this is asked once a day all the same.
LONGEST_ASKED = 86_400.0

_random = random.SystemRandom()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`delay` in seconds until the next attempt; `counted` is False when nothing was sent."""

    status: str
    kind: str = ""
    detail: str = ""
    message: str = ""
    delay: float = 0.0
    counted: bool = True
    notes: tuple[str, ...] = field(default=())


def of(error: ModuleError, *, attempts: int) -> Outcome:
    for family, judge in _JUDGES:
        if isinstance(error, family):
            return judge(error, attempts)
    return _attention("refused", error)


def crashed(error: Exception) -> Outcome:
    """The text of an unforeseen error may hold anything, so only its name is kept."""
    detail = f"A fault in the panel: {type(error).__name__}. The log of the worker has the rest."
    return Outcome(
        status=Status.ATTENTION, kind="crash", detail=detail, message=ModuleError.message
    )


def last_attempt(attempts: int) -> bool:
    """Attempts are never reset, because their number fences off a worker that was thought dead; a
    person who tries again grants another round of as many.
    """
    return attempts % settings.COMMAND_MAX_ATTEMPTS == 0


def backoff(attempts: int) -> float:
    """Exponential with full jitter: many commands that failed together do not return together."""
    exponent = (attempts - 1) % settings.COMMAND_MAX_ATTEMPTS
    return _random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2.0**exponent))


def _attention(kind: str, error: ModuleError) -> Outcome:
    return Outcome(status=Status.ATTENTION, kind=kind, detail=error.detail, message=error.message)


def _temporary(error: TemporaryError, attempts: int) -> Outcome:
    asked = min(error.retry_after or 0.0, LONGEST_ASKED)
    if isinstance(error, ServerUnavailable):
        delay = asked + _random.uniform(0, FIRST_WAIT)
        return _again("paused", error, delay=delay, counted=False)
    if last_attempt(attempts):
        return _attention("temporary", error)
    return _again("temporary", error, delay=max(asked, backoff(attempts)), counted=True)


def _again(kind: str, error: ModuleError, *, delay: float, counted: bool) -> Outcome:
    return Outcome(
        status=Status.QUEUED,
        kind=kind,
        detail=error.detail,
        message=error.message,
        delay=delay,
        counted=counted,
    )


def _refused(error: ModuleError, _attempts: int) -> Outcome:
    return Outcome(
        status=Status.FAILED, kind="permanent", detail=error.detail, message=error.message
    )


def _for_a_person(kind: str) -> Callable[[ModuleError, int], Outcome]:
    return lambda error, _attempts: _attention(kind, error)


_JUDGES: tuple[tuple[type[ModuleError], Callable[..., Outcome]], ...] = (
    (TemporaryError, _temporary),
    (PermanentError, _refused),
    (MisconfiguredError, _for_a_person("misconfigured")),
    (ConflictError, _for_a_person("conflict")),
    (UnsupportedError, _for_a_person("unsupported")),
)
