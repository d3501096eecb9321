"""What happens to a domain after its creation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from provisioning.contract import (
    ConflictError,
    DoesNotFit,
    FeatureState,
    NotFound,
    Observed,
    PermanentError,
    State,
    TemporaryError,
    unless_done,
)
from provisioning.modules.smartermail import passwords
from provisioning.modules.smartermail.accounts import customer_mailboxes
from provisioning.modules.smartermail.creation import domain_settings
from provisioning.modules.smartermail.features import FEATURES, read_features
from provisioning.modules.smartermail.scope import (
    Scope,
    domain_data,
    is_ours,
    local_part,
    our_domain,
    push_settings,
    state_of,
    stranger,
    whole,
)
from provisioning.modules.smartermail.settings import GB, limit, setting
from provisioning.modules.smartermail.usage import disk_bytes

# With the domain goes our claim to its name: whoever makes it next is somebody else.
GONE = Observed(state=State.MISSING, data={"admin": "", "linked": False, "adopted": False})


def observe(scope: Scope) -> Observed:
    data = domain_data(scope.client, scope.domain)
    if data is None:
        return Observed(state=State.MISSING)
    if not is_ours(scope, data):
        return Observed(state=state_of(data), detail=stranger(scope).detail)
    return Observed(state=state_of(data))


def adopt(scope: Scope) -> Observed:
    """Staff chose an existing domain; its administrator stays an ordinary, visible mailbox."""
    data = domain_data(scope.client, scope.domain)
    if data is None:
        raise NotFound(f"{scope.domain} is not on the server.")
    if scope.admin and not scope.adopted and is_ours(scope, data):
        return Observed(state=state_of(data), data={"linked": True})
    admin = local_part(str(data.get("mainDomainAdmin") or "")) or _first_admin(scope)
    return Observed(state=state_of(data), data={"adopted": True, "linked": True, "admin": admin})


def switch(scope: Scope, *, enabled: bool) -> Observed:
    our_domain(scope)
    push_settings(scope.client, scope.domain, {"isEnabled": enabled})
    return observe(scope)


def terminate(scope: Scope) -> Observed:
    data = domain_data(scope.client, scope.domain)
    if data is None:
        return GONE
    if not is_ours(scope, data):
        raise stranger(scope)
    files = "true" if setting(scope.account.settings, "delete_data") else "false"
    try:
        unless_done(
            lambda: scope.client.sysadmin.post("domain-delete", scope.domain, files),
            lambda: _gone(scope),
        )
    except NotFound:
        return GONE
    if not _gone(scope):
        raise TemporaryError(f"The server accepted the removal; {scope.domain} is still there.")
    return GONE


def plan_change(scope: Scope) -> Sequence[str]:
    return _blockers(scope, our_domain(scope))


def change_package(scope: Scope) -> Observed:
    blockers = _blockers(scope, our_domain(scope))
    if blockers:
        raise DoesNotFit(blockers)
    body = domain_settings(scope.account, extra_users=scope.extra_users)
    push_settings(scope.client, scope.domain, {**body, **_offers(scope)})
    return observe(scope)


def change_password(scope: Scope, password: str) -> Observed:
    """Of the domain's administrator, which on an adopted domain is the customer's own mailbox."""
    our_domain(scope)
    admin = scope.admin or _first_admin(scope)
    if not admin:
        raise ConflictError(f"The server names no administrator of {scope.domain}.")
    policy = passwords.admin_policy(scope.account.settings)
    passwords.check(password, policy, address=scope.address(admin))
    body = {"email": scope.address(admin), "userData": {"password": password}}
    scope.way.post("post-user", json=body)
    return Observed(state=observe(scope).state, secrets={"admin_password": password})


def _gone(scope: Scope) -> bool:
    return domain_data(scope.client, scope.domain) is None


def _first_admin(scope: Scope) -> str:
    admins = scope.client.sysadmin.get("domain-admins", scope.domain).get("domainAdmins")
    return local_part(str(admins[0])) if isinstance(admins, list) and admins else ""


def _mailboxes(count: int) -> str:
    return ngettext(
        "%(count)s mailbox exists, the new limit is %(most)s",
        "%(count)s mailboxes exist, the new limit is %(most)s",
        count,
    )


def _aliases(count: int) -> str:
    return ngettext(
        "%(count)s alias exists, the new limit is %(most)s",
        "%(count)s aliases exist, the new limit is %(most)s",
        count,
    )


def _lists(count: int) -> str:
    return ngettext(
        "%(count)s mailing list exists, the new limit is %(most)s",
        "%(count)s mailing lists exist, the new limit is %(most)s",
        count,
    )


def _domain_aliases(count: int) -> str:
    return ngettext(
        "%(count)s domain alias exists, the new limit is %(most)s",
        "%(count)s domain aliases exist, the new limit is %(most)s",
        count,
    )


def _blockers(scope: Scope, data: Mapping[str, Any]) -> list[str]:
    def most_of(code: str) -> int:
        return limit(scope.account.settings, scope.account.options, code)

    users = most_of("max_users")
    counted = (
        (_mailboxes, len(customer_mailboxes(scope)) if users else None, users or None),
        (_aliases, whole(data.get("aliasCount")), most_of("max_aliases") or None),
        (_lists, whole(data.get("listCount")), most_of("max_lists") or None),
        (_domain_aliases, whole(data.get("domainAliasCount")), most_of("max_domain_aliases")),
    )
    found = [
        told(count) % {"count": count, "most": most}
        for told, count, most in counted
        if count is not None and most is not None and count > most
    ]
    return [*found, *_disk_blocker(data, most_of("disk_limit_gb"))]


def _disk_blocker(data: Mapping[str, Any], most_gb: int) -> list[str]:
    size, _source = disk_bytes(data)
    if not most_gb or size is None or size <= most_gb * GB:
        return []
    told = _("%(used)s GB are in use, the new limit is %(most)s GB")
    return [told % {"used": f"{size / GB:.2f}", "most": most_gb}]


def _offers(scope: Scope) -> dict[str, bool]:
    """A protocol that is not offered stays manageable while mailboxes still have it."""
    settings = scope.account.settings
    hidden = [feature for feature in FEATURES if not setting(settings, feature.offer)]
    try:
        state = read_features(scope) if hidden else FeatureState(enabled={})
    except PermanentError:
        state = FeatureState(enabled={})
    return {
        feature.domain_flag: feature not in hidden or bool(state.enabled.get(feature.code))
        for feature in FEATURES
    }
