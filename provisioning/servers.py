"""Servers: is one well, and on which does a new service go."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from config import clock
from products.models import Product
from provisioning.connection.breaker import ServerUnavailable, record_failure, record_success
from provisioning.connection.links import WEB_BUDGET, open_module
from provisioning.contract import ConnectionReport, ModuleError, TemporaryError
from provisioning.models import Placement, Server, ServerGroup, Service

__all__ = ["check", "choose_server", "live", "record_failure", "record_success"]

Health = Server.Health
ENDED = (Service.Desired.TERMINATED, Service.Desired.CANCELLED)


def check(server: Server) -> Server:
    """Test Connection, even while the server is paused. The health fields tell how it went; they
    stay as they were when all places for calls are taken, which says nothing of the server.
    """
    try:
        with open_module(server, budget=WEB_BUDGET, forced=True) as module:
            found = _well(module.check_connection())
    except ServerUnavailable:
        return server
    except ModuleError as error:
        found = _unwell(error)
    Server.objects.filter(pk=server.pk).update(health_at=clock.now(), **found)
    server.refresh_from_db()
    return server


def choose_server(product: Product) -> Server:
    """By the fill policy of the product's server group; without one, the least full of all servers
    of its platform. ValidationError keyed "server" when none can.

    Call it in the transaction that also places the service: what is locked here stays so until
    then, and two services cannot both take the last place.
    """
    placement = Placement.objects.filter(product=product).first()
    with transaction.atomic():
        if placement:
            group = ServerGroup.objects.select_for_update().get(pk=placement.group_id)
            return _choose(_of_group(group), group.fill, where=f"of {group}")
        servers = Server.objects.filter(module=product.module).order_by("pk")
        list(servers.select_for_update().values_list("pk"))
        return _choose(servers, ServerGroup.Fill.LEAST_FULL, where=f"for {product}")


def _choose(servers: QuerySet[Server], fill: str, *, where: str) -> Server:
    free = [server for server in _usable(servers) if _has_room(server)]
    if not free:
        text = f"No server {where} can take a new service: all are full, off or paused."
        raise ValidationError({"server": text})
    return free[0] if fill == ServerGroup.Fill.IN_ORDER else min(free, key=_fullness)


def live() -> Q:
    """Services that take up room on a server."""
    return ~Q(services__desired__in=ENDED) & Q(services__isnull=False)


def _of_group(group: ServerGroup) -> QuerySet[Server]:
    servers = Server.objects.filter(memberships__group=group, module=group.module)
    return servers.order_by("memberships__position", "memberships__id")


def _usable(servers: QuerySet[Server]) -> QuerySet[Server]:
    awake = servers.filter(enabled=True).exclude(paused_until__gt=clock.now())
    return awake.annotate(placed=Count("services", filter=live(), distinct=True))


def _placed(server: Server) -> int:
    """As `_usable` annotates it."""
    return int(server.placed)  # type: ignore[attr-defined]


def _has_room(server: Server) -> bool:
    return server.capacity is None or _placed(server) < server.capacity


def _fullness(server: Server) -> tuple[float, int]:
    """The share of its capacity that is used, then how many services it has."""
    placed = _placed(server)
    return (placed / server.capacity if server.capacity else 0.0, placed)


def _well(report: ConnectionReport) -> dict[str, Any]:
    return {
        "health": Health.UP,
        "health_detail": "",
        "version": report.version[:80],
        "edition": report.edition[:80],
        "account_count": report.accounts,
        "latency_ms": max(0, report.latency_ms),
        "warnings": list(report.warnings),
    }


def _unwell(error: ModuleError) -> dict[str, Any]:
    """The last known version and counts stay; they are facts of an earlier date."""
    down = isinstance(error, TemporaryError)
    return {
        "health": Health.DOWN if down else Health.MISCONFIGURED,
        "health_detail": error.detail,
        "latency_ms": None,
    }
