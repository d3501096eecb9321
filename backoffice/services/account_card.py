"""What a service's module has to show of it, for staff."""

from __future__ import annotations

from typing import Any

from backoffice.module_forms import kind_of
from provisioning.connection.links import account_of
from provisioning.contract import Proof
from provisioning.models import Command, Service


def context(service: Service) -> dict[str, Any]:
    kind = kind_of(service.product.module)
    if kind is None or service.server is None:
        return {}
    account = account_of(service)
    return {
        "account_facts": kind.facts(account),
        "account_links": kind.links(account),
        "first_steps": kind.first_steps(account),
        "proof": _proof(service),
        "kept_notes": _kept(service),
    }


def came_too_late(service: Service) -> bool:
    """The creation is done and was given up on the platform: it has to be started again."""
    if service.desired != Service.Desired.ACTIVE or service.observed != Service.Observed.MISSING:
        return False
    proof = _proof(service)
    return proof is not None and proof.expired


def _proof(service: Service) -> Proof | None:
    kind = kind_of(service.product.module)
    if kind is None or service.server is None or service.activated_at is not None:
        return None
    return kind.proof(account_of(service))


def _kept(service: Service) -> list[str]:
    """Of an account that its platform keeps after the end: what staff still have to do."""
    if service.desired != Service.Desired.TERMINATED:
        return []
    done = service.commands.filter(
        action=Command.Action.TERMINATE, status=Command.Status.DONE
    ).first()
    return list(done.notes) if done else []
