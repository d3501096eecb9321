"""The audit trail: one function to write an event, one context that knows who is acting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models

from accounts.models import AuditEvent, Customer
from config.logs import redact

if TYPE_CHECKING:
    from accounts.models import User

_UNLOGGED_TYPES = ("EncryptedTextField", "EncryptedJSONField")
_UNLOGGED_NAMES = frozenset({"password", "last_login", "session_seed", "key_hash"})


@dataclass(frozen=True, kw_only=True)
class Actor:
    user: User | None = None
    label: str = "system"
    acting_for: str = ""
    ip: str | None = None
    request_id: str = ""


_SYSTEM = Actor()
_actor: ContextVar[Actor] = ContextVar("actor", default=_SYSTEM)


def current_actor() -> Actor:
    return _actor.get()


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def facts(instance: models.Model) -> dict[str, Any]:
    """The loggable fields of an object: no secrets, values as JSON."""
    return {
        field.attname: _plain(getattr(instance, field.attname))
        for field in instance._meta.concrete_fields
        if type(field).__name__ not in _UNLOGGED_TYPES and field.name not in _UNLOGGED_NAMES
    }


def record(
    action: str,
    instance: models.Model,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    customer: Customer | None = None,
) -> AuditEvent:
    """Write one event in the caller's transaction; only the values that differ are kept."""
    old, new = dict(before or {}), dict(after or {})
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    actor = current_actor()
    return AuditEvent.objects.create(
        actor=actor.user,
        actor_label=actor.label,
        acting_for=actor.acting_for,
        action=action,
        object_type=instance._meta.label_lower,
        object_id=str(instance.pk or ""),
        object_label=str(instance)[:250],
        customer=customer or _customer_of(instance),
        before=_told(old, changed),
        after=_told(new, changed),
        ip=actor.ip,
        request_id=actor.request_id,
    )


def _told(values: Mapping[str, Any], changed: set[str]) -> dict[str, Any]:
    """As JSON, with whatever is named like a secret masked, however deep it sits."""
    told: dict[str, Any] = redact(
        {key: _plain(values[key]) for key in sorted(changed & values.keys())}
    )
    return told


def _customer_of(instance: models.Model) -> Customer | None:
    if isinstance(instance, Customer):
        return instance
    customer = getattr(instance, "customer", None)
    return customer if isinstance(customer, Customer) else None


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
