from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dnsguide.build import good_zone
from tests.support.dns_server import DnsServer


@pytest.fixture(scope="session")
def _running() -> Iterator[DnsServer]:
    with DnsServer() as server:
        yield server


@pytest.fixture
def server(_running: DnsServer) -> DnsServer:
    _running.reset(good_zone())
    return _running
