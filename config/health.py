from __future__ import annotations

from collections.abc import Callable

from celery import current_app
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> None:
    cache.get("health")


def _broker() -> None:
    with current_app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)


PROBES: dict[str, Callable[[], None]] = {
    "database": _database,
    "cache": _cache,
    "broker": _broker,
}


def _works(probe: Callable[[], None]) -> bool:
    try:
        probe()
    except (DatabaseError, RedisError, OperationalError, OSError):
        return False
    return True


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers; says nothing of what it depends on."""
    return JsonResponse({"ok": True})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when database, cache and broker answer, 503 naming the ones that do not."""
    answers = {name: _works(probe) for name, probe in PROBES.items()}
    return JsonResponse(answers, status=200 if all(answers.values()) else 503)
