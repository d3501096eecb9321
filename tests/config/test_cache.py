from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache

from config.cache import JSONSerializer


@pytest.fixture
def cache() -> BaseCache:
    return caches["default"]


@pytest.mark.parametrize("value", [0, 7, "text", None, True, [1, "a"], {"a": {"b": 1.5}}])
def test_plain_data_comes_back_as_it_was(cache: BaseCache, value: Any) -> None:
    cache.set("key", value)
    assert cache.get("key", "absent") == value
    assert JSONSerializer().loads(_as_redis(JSONSerializer().dumps(value))) == value


def test_an_object_is_refused_and_nothing_is_kept(cache: BaseCache) -> None:
    for keep in (cache.set, cache.add):
        with pytest.raises(TypeError):
            keep("key", object())
    assert cache.get("key") is None


def test_counters_count(cache: BaseCache) -> None:
    assert cache.add("hits", 1)
    assert not cache.add("hits", 1)
    assert cache.incr("hits", 2) == 3


def _as_redis(stored: int | bytes) -> bytes:
    return str(stored).encode() if isinstance(stored, int) else stored
