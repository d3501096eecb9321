from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection


class NetworkIsOff(RuntimeError):
    """A test tried to talk to something that is not on this machine."""


@pytest.fixture(autouse=True, scope="session")
def _network_is_off() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo))
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Sign-in limits and sessions with platforms must not leak from test to test."""
    cache.clear()


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL: make test")
    if item.get_closest_marker("redis") and not settings.REDIS_URL.startswith("redis"):
        pytest.skip("needs Valkey or Redis: make test")


def _guarded(real: Callable[..., Any]) -> Callable[..., Any]:
    def act(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1]
        if self.family != socket.AF_UNIX and not _is_here(address[0]):
            raise NetworkIsOff(address)
        return real(self, *arguments)

    return act


def _guarded_lookup(real: Callable[..., Any]) -> Callable[..., Any]:
    def look_up(host: Any, *arguments: Any, **options: Any) -> Any:
        if host and not _is_here(host):
            raise NetworkIsOff(host)
        return real(host, *arguments, **options)

    return look_up


def _is_here(host: str | bytes) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name == socket.gethostname() or name == ""
