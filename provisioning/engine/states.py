"""How all accounts of a server stand, from one inventory: what people are shown stays true even
where somebody changed it on the platform itself.
"""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import audit
from config import clock
from provisioning import services
from provisioning.connection.links import open_module
from provisioning.contract import Capability, ModuleError, Observed, State
from provisioning.engine.observation import apply
from provisioning.models import Command, Server, Service
from provisioning.registry import module_class

log = structlog.get_logger(__name__)

BUDGET = 60.0
# What an inventory knows; a service that waits for something outside is looked at by itself.
SETTLED = (State.ACTIVE, State.SUSPENDED)
OPEN = (Command.Status.QUEUED, Command.Status.RUNNING)


def refresh(server: Server) -> int:
    """How many services stand otherwise than known. Trouble is logged; the next round comes."""
    if Capability.INVENTORY not in module_class(server.module).capabilities:
        return 0
    started = clock.now()
    try:
        with open_module(server, budget=BUDGET) as module:
            seen = {row.domain.lower(): row.state for row in module.inventory()}
    except ModuleError as error:
        log.warning("an inventory was not read", server=server.pk, error=error.detail)
        return 0
    found = list(_settled(server))
    same = [row.pk for row in found if _state(seen, row) == row.observed]
    Service.objects.filter(pk__in=same).update(observed_at=started)
    other = [row for row in found if row.pk not in set(same)]
    return sum(_correct(row.pk, _state(seen, row)) for row in _known(seen, other))


def _settled(server: Server) -> QuerySet[Service]:
    """Delivered services that no command is about to change."""
    busy = Command.objects.filter(service=OuterRef("pk"), status__in=OPEN)
    delivered = Service.objects.filter(server=server, desired__in=services.DELIVERED)
    return delivered.filter(~Exists(busy), Q(observed__in=SETTLED), activated_at__isnull=False)


def _state(seen: dict[str, State], service: Service) -> State:
    return seen.get(service.domain.lower(), State.MISSING)


def _known(seen: dict[str, State], rows: Iterable[Service]) -> Iterable[Service]:
    return [row for row in rows if _state(seen, row) in (*SETTLED, State.MISSING)]


def _correct(service_id: int, state: State) -> int:
    """Under a lock, unless a command has begun since."""
    with transaction.atomic():
        row = Service.objects.select_for_update().get(pk=service_id)
        if row.commands.filter(status__in=OPEN).exists():
            return 0
        before = {"observed": row.observed}
        apply(row, Observed(state=state, detail="Seen in the platform's list of accounts."))
        audit.record("service.drifted", row, before=before, after={"observed": row.observed})
    return 1
