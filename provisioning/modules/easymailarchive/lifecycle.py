"""What happens to a tenant after its creation. Nothing here ever deletes one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from provisioning.contract import (
    ModuleError,
    NotFound,
    Observed,
    State,
    TemporaryError,
)
from provisioning.modules.easymailarchive.answers import Refused
from provisioning.modules.easymailarchive.mapping import Tenant
from provisioning.modules.easymailarchive.scope import Scope, deletion_reminder, stranger

WANTED = {"suspend": State.SUSPENDED, "unsuspend": State.ACTIVE}


def observe(scope: Scope) -> Observed:
    tenant = scope.find()
    if tenant is not None:
        return scope.seen(tenant)
    other = scope.bystander()
    if other is None:
        return Observed(state=State.MISSING)
    return Observed(state=other.state, detail=stranger(other.slug).detail)


def suspend(scope: Scope) -> Observed:
    return switch(scope, "suspend", slug=scope.slug or scope.need().slug)


def unsuspend(scope: Scope) -> Observed:
    return switch(scope, "unsuspend", slug=scope.slug or scope.need().slug, released=False)


def switch(scope: Scope, verb: str, *, slug: str, **more: Any) -> Observed:
    """What a repetition answers is not described: the state that is read afterwards counts."""
    try:
        scope.client.switch(slug, verb)
    except (TemporaryError, Refused):
        tenant = _look(scope, slug)
        if tenant is None or tenant.state is not WANTED[verb]:
            raise
        return scope.seen(tenant, slug=slug, linked=True, claim={}, **more)
    return scope.seen(scope.client.tenant(slug), slug=slug, linked=True, claim={}, **more)


def terminate(scope: Scope) -> Observed:
    """Suspended and kept; whatever is done to it later is between staff and the vendor."""
    tenant = scope.find()
    other = scope.bystander() if tenant is None else None
    if other:
        raise stranger(other.slug)
    if tenant is None or tenant.state is State.MISSING:
        return _gone(scope)
    try:
        seen = _suspended(scope, tenant)
    except NotFound:
        return _gone(scope)
    if seen.state is not State.SUSPENDED:
        raise TemporaryError(f"{tenant.slug} was to be suspended and is {seen.state}.")
    return replace(seen, notes=(deletion_reminder(tenant.slug),))


def change_package(scope: Scope) -> Observed:
    """Prices and limits are the panel's own; the plan is changed by people at the vendor."""
    tenant = scope.need()
    seen = scope.seen(tenant)
    wanted, has = scope.plan, tenant.plan or str(scope.data.get("plan") or "")
    if not wanted or not has or wanted.lower() == has.lower():
        return seen
    note = f"The archive {tenant.slug} has the plan {has}, the product says {wanted}."
    return replace(seen, notes=(f"{note} Have it changed by the vendor.",))


def _suspended(scope: Scope, tenant: Tenant) -> Observed:
    if tenant.state is State.SUSPENDED:
        return scope.seen(tenant, slug=tenant.slug, linked=True, claim={}, released=True)
    return switch(scope, "suspend", slug=tenant.slug, released=True)


def _gone(scope: Scope) -> Observed:
    known = scope.slug
    return Observed(
        state=State.MISSING,
        data={"released": True, "claim": {}},
        notes=(f"The archive {known} was not there any more.",) if known else (),
    )


def _look(scope: Scope, slug: str) -> Tenant | None:
    try:
        return scope.client.tenant(slug)
    except ModuleError:
        return None
