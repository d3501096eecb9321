"""A domain's life: create or resume, suspend, change, terminate."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from provisioning.contract import (
    ConflictError,
    DoesNotFit,
    NotFound,
    Observed,
    PermanentError,
    Progress,
    State,
    TemporaryError,
    unless_done,
)
from provisioning.modules.opensrs.failures import NotOwner
from provisioning.modules.opensrs.scope import (
    Scope,
    is_ours,
    our_domain,
    stranger,
)
from provisioning.modules.opensrs.settings import STAFF, SUSPENDED, setting
from provisioning.modules.opensrs.wire import FORWARD, MAILBOX, Domain

# Nothing of ours is left: a domain of this name that comes later is a stranger's.
_NO_CLAIM = {
    "linked": False, "adopted": False, "asked": False, "mark": "", "suspended": False,
    "restricted": False,
}  # fmt: skip


def observe(scope: Scope) -> Observed:
    try:
        found = scope.wire.domain(scope.domain)
    except NotOwner as error:
        return Observed(state=State.UNKNOWN, detail=f"Another reseller's: {error.detail}")
    if found is None:
        return Observed(state=State.MISSING)
    detail = "" if is_ours(scope, found) else stranger(scope).detail
    restricted = found.sending == SUSPENDED if found.sending else scope.restricted
    return Observed(state=_state(scope, found), restricted=restricted, detail=detail)


def create(scope: Scope, progress: Progress) -> Observed:
    found = scope.wire.domain(scope.domain)
    if found is None:
        scope = _put(scope, progress)
    elif not is_ours(scope, found):
        raise stranger(scope)
    if found is not None or scope.wire.creates_bare:
        scope.wire.change_domain(scope.domain, scope.plan())
    _provide_workgroup(scope)
    linked = _with_data(scope, {"linked": True, "asked": False})
    return _seen(linked, data=linked.account.data)


def adopt(scope: Scope) -> Observed:
    """Staff chose a domain of the company. Its accounts and settings stay as they are."""
    found = scope.wire.domain(scope.domain)
    if found is None:
        raise NotFound(f"{scope.domain} is not on the platform.")
    ours = scope.account.data.get("linked") and is_ours(scope, found)
    data = {"linked": True} if ours else {"linked": True, "adopted": True}
    return Observed(state=_state(_with_data(scope, data), found), data=data)


def switch(scope: Scope, *, disabled: bool) -> Observed:
    """The vendor goes on billing the mailboxes of a suspended domain."""
    our_domain(scope)
    scope.wire.set_disabled(scope.domain, disabled=disabled)
    data = {"suspended": disabled}
    return _seen(_with_data(scope, data), data=data)


def restrict(scope: Scope) -> Observed:
    our_domain(scope)
    scope.wire.stop_sending(scope.domain)
    data = {"restricted": True}
    return _seen(_with_data(scope, data), data=data)


def unrestrict(scope: Scope) -> Observed:
    our_domain(scope)
    data = {"restricted": False}
    scope = _with_data(scope, data)
    scope.wire.allow_sending(scope.domain, scope.services())
    return _seen(scope, data=data)


def terminate(scope: Scope) -> Observed:
    found = scope.wire.domain(scope.domain)
    if found is not None:
        if not is_ours(scope, found):
            raise stranger(scope)
        _remove(scope)
    return Observed(state=State.MISSING, data=_NO_CLAIM)


def plan_change(scope: Scope) -> Sequence[str]:
    our_domain(scope)
    return _surplus(scope) if setting(scope.account.settings, "downgrade") == "refuse" else ()


def change_package(scope: Scope) -> Observed:
    our_domain(scope)
    surplus = _surplus(scope)
    if surplus and setting(scope.account.settings, "downgrade") == "refuse":
        raise DoesNotFit(surplus)
    scope.wire.change_domain(scope.domain, scope.plan())
    _provide_workgroup(scope)
    return _seen(scope, notes=surplus)


def _put(scope: Scope, progress: Progress) -> Scope:
    """The mark is stored before anything is asked for: only so a lost answer can be told."""
    asked_before = bool(scope.account.data.get("asked"))
    mark = scope.mark or f"postmeter:{secrets.token_hex(8)}"
    claim = {"mark": mark, "asked": True}
    progress(claim, {})
    scope = _with_data(scope, claim)
    try:
        unless_done(
            lambda: scope.wire.create_domain(scope.domain, scope.plan()),
            lambda: _made_by_us(scope),
        )
    except ConflictError:
        # An earlier request of ours may have been carried out after we had given it up.
        if not _made_by_us(scope, known=asked_before):
            progress({"asked": False}, {})
            raise stranger(scope) from None
    except PermanentError:
        progress({"asked": False}, {})
        raise
    return scope


def _made_by_us(scope: Scope, *, known: bool = True) -> bool:
    """`known`: a request of ours may have got through, so an empty domain can be taken for ours
    where the platform shows no mark.
    """
    found = scope.wire.domain(scope.domain)
    if found is None or (found.notes is None and not known):
        return False
    return is_ours(scope, found)


def _provide_workgroup(scope: Scope) -> None:
    name = str(setting(scope.account.settings, "workgroup")).strip() or STAFF
    if name == STAFF:
        return
    try:
        scope.wire.create_group(scope.domain, name)
    except ConflictError:
        return


def _remove(scope: Scope) -> None:
    try:
        unless_done(
            lambda: scope.wire.delete_domain(scope.domain),
            lambda: scope.wire.domain(scope.domain) is None,
        )
    except NotFound:
        return
    if scope.wire.domain(scope.domain) is not None:
        raise TemporaryError(f"The platform accepted the removal; {scope.domain} is still there.")


def _surplus(scope: Scope) -> tuple[str, ...]:
    plan = scope.plan()
    bought = (
        (_("mailboxes"), MAILBOX, plan.mailboxes),
        (_("forwards"), FORWARD, plan.forwards),
    )
    return tuple(
        _("%(exist)s %(noun)s exist and %(most)s are bought: delete %(over)s first")
        % {"exist": exist, "noun": noun, "most": most, "over": exist - most}
        for noun, kind, most in bought
        if (exist := scope.wire.count(scope.domain, kind)) > most
    )


def _state(scope: Scope, found: Domain) -> State:
    """Where the platform does not tell, what we did last."""
    told = found.disabled
    disabled = bool(scope.account.data.get("suspended")) if told is None else told
    return State.SUSPENDED if disabled else State.ACTIVE


def _seen(
    scope: Scope, *, data: Mapping[str, Any] | None = None, notes: tuple[str, ...] = ()
) -> Observed:
    return replace(observe(scope), data=data or {}, notes=notes)


def _with_data(scope: Scope, more: Mapping[str, Any]) -> Scope:
    data = {**scope.account.data, **more}
    return replace(scope, account=replace(scope.account, data=data))
