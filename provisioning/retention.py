"""How long the module log is kept."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from config import clock
from provisioning.models import ModuleCall

BATCH = 5_000


def purge_module_log() -> int:
    """Rows older than MODULE_LOG_DAYS go, in batches that lock little; returns how many went."""
    oldest = clock.now() - timedelta(days=settings.MODULE_LOG_DAYS)
    old = ModuleCall.objects.filter(at__lt=oldest).values_list("pk", flat=True)
    gone = 0
    while ids := list(old[:BATCH]):
        gone += ModuleCall.objects.filter(pk__in=ids).delete()[0]
    return gone
