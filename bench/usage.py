"""The usage sync of one server with many domains, simulated in a process of its own."""

from __future__ import annotations

from typing import Any

from bench import data
from bench.meter import metered, peak_mib
from bench.platform import PASSWORD, USER, calls, platform
from provisioning.models import Server, UsageReading
from provisioning.usage import sync_server


def build(size: int) -> None:
    """A product without mailbox features: the bulk call tells all there is to know."""
    sold = data.product(offer_eas=False, offer_mapi=False, eas_price={}, mapi_price={})
    data.services(sold, data.server(username=USER, password=PASSWORD), size)


def measure(size: int) -> dict[str, Any]:
    with platform(size) as url:
        server = data.connect(Server.objects.get(), url)
        with metered() as sync:
            result = sync_server(server)
        asked = calls(url)
    if result.good < size or result.error:
        raise SystemExit(f"{result.good} readings for {size} domains. {result.error}")
    return {
        "time": f"{sync.seconds:.2f} s, {size / sync.seconds:,.0f} domains/s",
        "queries": f"{sync.statements} for {UsageReading.objects.count():,} readings",
        "peak": peak_mib(),
        "note": f"platform calls: {asked}",
    }
