"""How much may be under way at one server at once, so that a hanging one cannot take all workers.

Slots live in the shared cache and expire by themselves: a worker that died gives its slot back.
People have their own slots, so that a long sync does not make pages wait.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

from provisioning.connection.breaker import ServerUnavailable
from provisioning.models import Server

POLL = 0.05
BUSY_FOR = 5.0


@dataclass(frozen=True, kw_only=True)
class Lane:
    """`wait`: seconds a caller is ready to stand in line."""

    name: str
    slots: int
    wait: float


PEOPLE = Lane(name="people", slots=4, wait=2.0)
WORKERS = Lane(name="workers", slots=2, wait=0.0)
SYNC = Lane(name="sync", slots=1, wait=10.0)


class ServerBusy(ServerUnavailable):
    def __init__(self, server: Server) -> None:
        super().__init__(f"All places for calls to {server} are taken.", retry_after=BUSY_FOR)


@contextmanager
def hold(server: Server, lane: Lane, *, lease: float) -> Iterator[None]:
    """ServerBusy when no slot becomes free in time. `lease` is in seconds."""
    owner = secrets.token_hex(8)
    key = _acquire(server, lane, owner, lease)
    try:
        yield
    finally:
        _release(key, owner)


def _acquire(server: Server, lane: Lane, owner: str, lease: float) -> str | None:
    # A server that has just failed is let near one worker only.
    count = 1 if lane is WORKERS and server.failures else lane.slots
    keys = [f"slot:{server.pk}:{lane.name}:{number}" for number in range(count)]
    give_up = time.monotonic() + lane.wait
    while True:
        try:
            taken = next((key for key in keys if cache.add(key, owner, lease)), None)
        except (RedisError, OSError):
            return None  # without the cache there is no limit; the budget still ends every call
        if taken is not None:
            return taken
        if time.monotonic() >= give_up:
            raise ServerBusy(server)
        time.sleep(POLL)


def _release(key: str | None, owner: str) -> None:
    if key is None:
        return
    try:
        if cache.get(key) == owner:
            cache.delete(key)
    except (RedisError, OSError):
        return  # it expires by itself
