"""What the sync costs more where ActiveSync and MAPI are billed: the platform tells one by one."""

from __future__ import annotations

from typing import Any

from bench import data
from bench.meter import metered, peak_mib
from bench.platform import calls, platform
from provisioning.metering.usage import sync_server
from provisioning.models import Server


def build(size: int) -> None:
    data.services(data.product(), data.server(), size)


def measure(size: int) -> dict[str, Any]:
    with platform(size) as url:
        server = data.connect(Server.objects.get(), url)
        with metered() as sync:
            result = sync_server(server)
        asked = calls(url)
    if result.polled < size or result.error:
        raise SystemExit(f"{result.polled} of {size} domains polled. {result.error}")
    return {
        "time": f"{sync.seconds:.2f} s, {size / sync.seconds:,.0f} domains/s",
        "queries": f"{sync.statements}, {sync.statements / size:.1f} per domain",
        "peak": peak_mib(),
        "note": f"platform calls: {asked}",
    }
