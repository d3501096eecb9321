"""Session tokens of platforms in the shared cache, encrypted where they rest."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

from config.crypto import SecretUnreadable, seal, unseal
from provisioning.contract import TemporaryError

POLL = 0.05
CACHE_TROUBLE = (RedisError, OSError)


class CacheTokens:
    """The `TokenStore` of one server. A cache that is down costs sign-ins, never an error."""

    def __init__(self, server_id: int) -> None:
        self._prefix = f"module-token:{server_id}:"

    def get(self, key: str) -> dict[str, Any] | None:
        try:
            sealed = cache.get(self._prefix + key)
            value: dict[str, Any] | None = json.loads(unseal(sealed)) if sealed else None
        except (*CACHE_TROUBLE, SecretUnreadable):
            return None
        return value

    def set(self, key: str, value: dict[str, Any], *, seconds: float) -> None:
        try:
            cache.set(self._prefix + key, seal(json.dumps(value)), max(1, int(seconds)))
        except CACHE_TROUBLE:
            return

    def delete(self, key: str) -> None:
        try:
            cache.delete(self._prefix + key)
        except CACHE_TROUBLE:
            return

    @contextmanager
    def lock(self, key: str, *, seconds: float) -> Iterator[None]:
        """Held by one worker of all, `seconds` at most. TemporaryError when not had by then."""
        name, owner = f"{self._prefix}lock:{key}", secrets.token_hex(8)
        held = self._wait_for(name, owner, seconds)
        try:
            yield
        finally:
            if held:
                self._unlock(name, owner)

    def _wait_for(self, name: str, owner: str, seconds: float) -> bool:
        give_up = time.monotonic() + seconds
        try:
            while not cache.add(name, owner, max(1, int(seconds))):
                if time.monotonic() >= give_up:
                    raise TemporaryError("Another worker is still busy with the same thing here.")
                time.sleep(POLL)
        except CACHE_TROUBLE:
            return False
        return True

    def _unlock(self, name: str, owner: str) -> None:
        try:
            if cache.get(name) == owner:
                cache.delete(name)
        except CACHE_TROUBLE:
            return
