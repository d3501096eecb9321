"""The usage sync of one server: one bulk read, one insert, and a poll of the billable features.

Each server is a task of its own with a total time budget, so a dead one delays nobody else.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog
from django.core.cache import cache
from django.db.models import QuerySet

from config import clock
from provisioning.connection import slots
from provisioning.connection.links import account_of, open_module
from provisioning.contract import (
    Capability,
    MisconfiguredError,
    Module,
    ModuleError,
    TemporaryError,
    UsageReport,
)
from provisioning.metering import features
from provisioning.metering.readings import accept, history, latest, latest_many, reject, store
from provisioning.models import Server, Service
from provisioning.registry import installed

__all__ = [
    "SyncResult",
    "accept",
    "history",
    "latest",
    "latest_many",
    "reject",
    "servers_to_sync",
    "sync_server",
]

log = structlog.get_logger(__name__)

# Seconds. The second leaves what it could not reach to the next sync.
USAGE_BUDGET = 180.0
FEATURES_BUDGET = 300.0
STRIKES = 3
SEEN = (Service.Observed.ACTIVE, Service.Observed.SUSPENDED, Service.Observed.UNKNOWN)
DELIVERED = (Service.Desired.ACTIVE, Service.Desired.SUSPENDED)

_random = random.SystemRandom()


@dataclass(frozen=True, kw_only=True)
class SyncResult:
    """Counts of services. `unknown` maps domains to the reason why nothing was learnt of them."""

    server: Server
    services: int = 0
    good: int = 0
    parked: int = 0
    unknown: dict[str, str]
    polled: int = 0
    error: str = ""


def servers_to_sync() -> list[Server]:
    """Enabled ones that report usage and have services."""
    codes = [code for code, kind in installed().items() if Capability.USAGE in kind.capabilities]
    rows = Server.objects.filter(enabled=True, module__in=codes, services__desired__in=DELIVERED)
    return list(rows.distinct())


def sync_server(server: Server, *, source: str = "sync") -> SyncResult:
    """Never raises for platform trouble: then every last reading stays, and shows its age."""
    nothing = SyncResult(server=server, unknown={})
    key = f"usage-sync:{server.pk}"
    if not cache.add(key, 1, USAGE_BUDGET + FEATURES_BUDGET + 60):
        return replace(nothing, error="Another sync of this server is under way.")
    try:
        result = _usage(server, source)
    except ModuleError as error:
        log.warning("usage sync failed", server=str(server), error=error.detail)
        return replace(nothing, error=error.detail)
    else:
        return replace(result, polled=_poll_features(server))
    finally:
        cache.delete(key)


def _usage(server: Server, source: str) -> SyncResult:
    services = {service.public_id: service for service in _services(server)}
    accounts = [account_of(service) for service in services.values()]
    with open_module(server, budget=USAGE_BUDGET, lane=slots.SYNC) as module:
        report = module.read_usage(accounts) if accounts else UsageReport()
    named = replace(report, source=f"{source}: {report.source}" if report.source else source)
    stored = store(services, module.metrics, named)
    Server.objects.filter(pk=server.pk).update(usage_synced_at=clock.now())
    unknown = {services[key].domain: why for key, why in report.unknown.items() if key in services}
    return SyncResult(
        server=server,
        services=len(services),
        good=stored.good,
        parked=stored.parked,
        unknown=unknown,
    )


def _services(server: Server) -> QuerySet[Service]:
    rows = Service.objects.filter(server=server, desired__in=DELIVERED, observed__in=SEEN)
    return rows.select_related("product", "customer").prefetch_related(
        "options__option", "options__choice"
    )


def _poll_features(server: Server) -> int:
    """How many services were polled. The order is random, so that when time runs out it is not
    always the same ones that are left.
    """
    kind = installed()[server.module]
    if Capability.FEATURES not in kind.capabilities:
        return 0
    services = [service for service in _services(server) if features.metered(service, kind)]
    if not services:
        return 0
    _random.shuffle(services)
    try:
        with open_module(server, budget=FEATURES_BUDGET, lane=slots.SYNC) as module:
            return _poll(module, services)
    except ModuleError as error:
        log.warning("features not polled", server=str(server), error=error.detail)
        return 0


def _poll(module: Module, services: Sequence[Service]) -> int:
    give_up, strikes, done = time.monotonic() + FEATURES_BUDGET, 0, 0
    for service in services:
        if strikes >= STRIKES or time.monotonic() >= give_up:
            break
        since = clock.now()
        try:
            state = module.read_features(account_of(service))
        except (TemporaryError, MisconfiguredError) as error:
            strikes += 1
            log.warning("features not read", service=service.pk, error=error.detail)
        except ModuleError as error:
            log.warning("features not read", service=service.pk, error=error.detail)
        else:
            strikes, done = 0, done + 1
            features.note_poll(service, state, since=since)
    return done
