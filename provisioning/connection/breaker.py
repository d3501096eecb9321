"""The circuit breaker of a server, kept on its row so that every worker and the admin see the same.

Three failures in a row pause the server; each further failed trial doubles the pause. When a pause
is over, one caller at a time is let through as a trial; its answer closes the circuit.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.db.models import F

from config import clock
from provisioning.contract import TemporaryError
from provisioning.models import Server

THRESHOLD = 3
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)
# How long a trial may go unanswered before another caller may try; longer than any budget.
TRIAL = timedelta(minutes=3)


class ServerUnavailable(TemporaryError):
    """Nothing was sent: the panel itself holds the call back, so it counts as no attempt."""


class ServerPaused(ServerUnavailable):
    def __init__(self, server: Server, until: datetime) -> None:
        wait = max(1, math.ceil((until - clock.now()).total_seconds()))
        super().__init__(
            f"{server} has failed repeatedly; the next trial is at {until:%H:%M:%S} UTC.",
            retry_after=wait,
        )


def admit(server: Server) -> bool:
    """Whether this call is the trial of a paused server. ServerPaused when it must not be made."""
    until = Server.objects.values_list("paused_until", flat=True).get(pk=server.pk)
    if until is None:
        return False
    now = clock.now()
    if until > now:
        raise ServerPaused(server, until)
    paused = Server.objects.filter(pk=server.pk, paused_until=until)
    claimed = paused.update(paused_until=now + TRIAL)
    if not claimed:
        raise ServerPaused(server, now + TRIAL)
    return True


def record_failure(server: Server, detail: str = "", *, trial: bool = False) -> None:
    """A call got no usable answer. Those under way when the circuit opened do not count."""
    now = clock.now()
    rows = Server.objects.filter(pk=server.pk)
    counted = rows if trial else rows.exclude(paused_until__gt=now)
    if not counted.update(failures=F("failures") + 1):
        return
    failures = rows.values_list("failures", flat=True).get()
    if failures < THRESHOLD:
        return
    rows.update(
        paused_until=now + pause(failures),
        health=Server.Health.DOWN,
        health_detail=detail,
        health_at=now,
    )


def record_success(server: Server) -> None:
    rows = Server.objects.filter(pk=server.pk)
    rows.filter(health=Server.Health.DOWN).exclude(failures=0).update(
        health=Server.Health.UP, health_detail="", health_at=clock.now()
    )
    rows.exclude(failures=0, paused_until=None).update(failures=0, paused_until=None)


def pause(failures: int) -> timedelta:
    """Doubles with each failure from the threshold on, up to the longest."""
    doublings = min(max(failures - THRESHOLD, 0), 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
