"""What a domain is seen to be, and what happens to it after its creation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from provisioning.contract import (
    ConflictError,
    ModuleError,
    NotFound,
    Observed,
    State,
    TemporaryError,
)
from provisioning.modules.polarismail import loose, reading, verification
from provisioning.modules.polarismail.answers import Refusal
from provisioning.modules.polarismail.fitting import blockers, fit
from provisioning.modules.polarismail.reading import DomainRow
from provisioning.modules.polarismail.scope import Scope
from provisioning.modules.polarismail.settings import setting
from provisioning.modules.polarismail.transport import unless_done
from provisioning.modules.polarismail.verification import Ownership

_STATES = {True: State.ACTIVE, False: State.SUSPENDED, None: State.UNKNOWN}
_KEPT = "The data is kept: the domain is switched off and stays in the reseller's account."
# Where the product keeps the data, a terminated domain is seen to be suspended.
AFTER_TERMINATE = frozenset({State.MISSING, State.SUSPENDED})


def observe(scope: Scope) -> Observed:
    row = reading.domains(scope.client).get(scope.domain)
    if row is None:
        return _absent(scope)
    if not is_ours(scope, row):
        return Observed(state=_STATES[row.active], detail=stranger(scope).detail)
    facts = {"domain_id": row.id}
    if not row.active or scope.verified:
        return Observed(state=_STATES[row.active], data=facts)
    return _waiting_or_not(scope, facts)


def adopt(scope: Scope) -> Observed:
    """Staff chose an existing domain. What does not fit the package is told, and left alone."""
    row = reading.domains(scope.client).get(scope.domain)
    if row is None:
        raise NotFound(f"{scope.domain} is not in the account.")
    facts = {"claim": scope.domain, "adopted": True, "domain_id": row.id}
    notes: tuple[str, ...] = ()
    try:
        plan = scope.plan
        facts["quota_gb"] = str(plan.quota_gb)
        notes = tuple(f"Does not fit the package: {each}" for each in blockers(scope, plan))
    except ModuleError as error:
        notes = (f"The package could not be compared: {error.detail}",)
    seen = _waiting_or_not(scope, facts)
    state = seen.state if row.active else _STATES[row.active]
    return Observed(state=state, detail=seen.detail, data={**facts, **seen.data}, notes=notes)


def switch(scope: Scope, *, active: bool) -> Observed:
    """Signing in is blocked and the data kept; what becomes of incoming mail is not documented."""
    our_domain(scope)
    scope.client.call("set_active", domain=scope.domain, active=str(int(active)))
    if loose.truth(reading.domain_info(scope.client, scope.domain)["active"]) is not active:
        raise TemporaryError(
            f"The platform accepted the change of {scope.domain} and shows none.",
            maybe_applied=True,
        )
    return observe(scope)


def terminate(scope: Scope) -> Observed:
    """Removes everything for good, or only switches the domain off where the product says so."""
    row = reading.domains(scope.client).get(scope.domain)
    if row is None:
        return Observed(state=State.MISSING, data=_cleared())
    if not is_ours(scope, row):
        raise stranger(scope)
    if setting(scope.account.settings, "keep_data"):
        return replace(switch(scope, active=False), notes=(_KEPT,))
    try:
        unless_done(
            lambda: scope.client.call("remove_domain", domain=scope.domain), lambda: _gone(scope)
        )
    except Refusal:
        if not _gone(scope):
            raise
    if not _gone(scope):
        raise TemporaryError(f"The platform accepted the removal; {scope.domain} is still there.")
    return Observed(state=State.MISSING, data=_cleared())


def plan_change(scope: Scope) -> Sequence[str]:
    our_domain(scope)
    plan = scope.plan
    return blockers(scope, plan) if scope.verified else ()


def change_package(scope: Scope) -> Observed:
    """The platform has no packages: limits are kept here, sizes are set on the mailboxes."""
    our_domain(scope)
    plan = scope.plan
    if scope.verified:
        with scope.alone():
            fit(scope, plan)
    seen = observe(scope)
    return replace(seen, data={**seen.data, "quota_gb": str(plan.quota_gb)})


def is_ours(scope: Scope, row: DomainRow) -> bool:
    """Claimed before it was there, and still the same one: a number is never given twice."""
    known = str(scope.data.get("domain_id") or "")
    return scope.claimed and (not known or not row.id or known == row.id)


def our_domain(scope: Scope) -> DomainRow:
    """NotFound, or ConflictError when it is somebody else's."""
    row = reading.domains(scope.client).get(scope.domain)
    if row is None:
        raise NotFound(f"{scope.domain} is not in the account.")
    if not is_ours(scope, row):
        raise stranger(scope)
    return row


def stranger(scope: Scope) -> ConflictError:
    return ConflictError(
        f"{scope.domain} is in the account and this service did not add it."
        " Adopt the domain, or remove it there."
    )


def _waiting_or_not(scope: Scope, facts: Mapping[str, Any]) -> Observed:
    found = verification.look(scope.client, scope.domain)
    if found.ownership is Ownership.GONE:
        return _absent(scope)
    if found.ownership is Ownership.PROVEN:
        return Observed(state=State.ACTIVE, data={**facts, "verified": True, "verification": {}})
    kept = verification.record(found, scope.data.get("verification") or {})
    return Observed(
        state=State.WAITING,
        detail=verification.sentence(kept),
        data={**facts, "verified": False, "verification": kept},
    )


def _absent(scope: Scope) -> Observed:
    kept = scope.data.get("verification") or {}
    if not (scope.claimed and kept):
        return Observed(state=State.MISSING)
    return Observed(
        state=State.MISSING,
        detail=(
            "The ownership of the domain was not proven in time, so the platform deleted it."
            " Start again to get a new TXT record."
        ),
        data={"verification": {**kept, "expired": True}},
    )


def _gone(scope: Scope) -> bool:
    return scope.domain not in reading.domains(scope.client)


def _cleared() -> dict[str, Any]:
    return {"claim": "", "domain_id": "", "verified": False, "verification": {}}
