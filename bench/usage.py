"""The usage sync of one server with many accounts, simulated in a process of its own."""

from __future__ import annotations

from typing import Any

from bench import data
from bench.meter import metered, peak_mib
from bench.platform import calls, platform
from bench.stages import STAGES, USUAL
from provisioning.metering.usage import sync_server
from provisioning.models import Server, Service, UsageReading


def build(size: int, code: str = USUAL) -> None:
    stage = STAGES[code]
    sold = data.product(code, **stage.settings)
    rows = data.services(sold, data.server(code), size)
    for number, service in enumerate(rows):
        service.module_data = dict(stage.data(service, number))
    Service.objects.bulk_update(rows, ["module_data"], batch_size=1000)


def measure(size: int, code: str = USUAL) -> dict[str, Any]:
    with platform(size, code) as url:
        server = data.connect(Server.objects.get(), url)
        with metered() as sync:
            result = sync_server(server)
        asked = calls(url)
    if result.unknown or result.good < size or result.error:
        why = result.error or next(iter(result.unknown.values()), "")
        raise SystemExit(f"{result.good} readings of {size} accounts. {why}")
    return {
        "time": f"{sync.seconds:.2f} s, {size / sync.seconds:,.0f} accounts/s",
        "queries": f"{sync.statements} for {UsageReading.objects.count():,} readings",
        "peak": peak_mib(),
        "note": f"platform calls: {asked}",
    }
