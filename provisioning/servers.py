"""Servers: is one well, and on which does a new service go."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from config import clock
from products.models import Product
from provisioning.breaker import ServerUnavailable, record_failure, record_success
from provisioning.contract import ConnectionReport, ModuleError, TemporaryError
from provisioning.links import WEB_BUDGET, open_module
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
    """By the fill policy of the product's placement. ValidationError keyed "server" when none can.

    Call it in the transaction that also places the service: the lock on the group lasts until then.
    """
    placement = Placement.objects.filter(product=product).first()
    if placement is None:
        raise ValidationError({"server": f"{product} has no server group."})
    with transaction.atomic():
        group = ServerGroup.objects.select_for_update().get(pk=placement.group_id)
        free = [server for server in _candidates(group) if _has_room(server)]
    if not free:
        raise ValidationError(
            {"server": f"No server of {group} can take a new service: all are full, off or paused."}
        )
    if group.fill == ServerGroup.Fill.IN_ORDER:
        return free[0]
    return min(free, key=_fullness)


def live() -> Q:
    """Services that take up room on a server."""
    return ~Q(services__desired__in=ENDED) & Q(services__isnull=False)


def _candidates(group: ServerGroup) -> QuerySet[Server]:
    now = clock.now()
    return (
        Server.objects.filter(memberships__group=group, module=group.module, enabled=True)
        .exclude(paused_until__gt=now)
        .annotate(placed=Count("services", filter=live(), distinct=True))
        .order_by("memberships__position", "memberships__id")
    )


def _placed(server: Server) -> int:
    """As `_candidates` annotates it."""
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
