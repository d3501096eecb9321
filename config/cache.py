"""Caches hold JSON only: whoever can write to the cache must not be able to run code here."""

from __future__ import annotations

import json
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache


class JSONSerializer:
    """For Django's Redis cache. Integers stay bare, so that Redis can count with them."""

    def dumps(self, obj: Any) -> int | bytes:
        if type(obj) is int:
            return obj
        return json.dumps(obj, separators=(",", ":")).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class LocalJSONCache(LocMemCache):
    """The in-process cache, refusing what the Redis one would refuse."""

    def add(
        self,
        key: Any,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        return super().add(key, _plain(value), timeout, version)

    def set(
        self,
        key: Any,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        super().set(key, _plain(value), timeout, version)


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))
