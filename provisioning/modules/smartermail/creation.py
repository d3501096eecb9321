"""Create: look first, store the marker, create, set, and take back only what this order made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from provisioning.contract import (
    Account,
    ConflictError,
    ModuleError,
    Observed,
    PermanentError,
    Progress,
    State,
    TemporaryError,
    unless_done,
)
from provisioning.modules.smartermail import passwords
from provisioning.modules.smartermail.dkim import SmarterMailDkim
from provisioning.modules.smartermail.scope import (
    Scope,
    domain_data,
    is_ours,
    push_settings,
    state_of,
    stranger,
    whole,
)
from provisioning.modules.smartermail.settings import GB, limit, setting


@dataclass(frozen=True)
class Credentials:
    """The hidden administrator's local name, which is also our mark on the domain."""

    name: str
    password: str


def create(scope: Scope, progress: Progress) -> Observed:
    found = domain_data(scope.client, scope.domain)
    if found is None:
        scope = _put(scope, progress)
        found = {}
    elif not is_ours(scope, found):
        raise stranger(scope)
    _settle(scope, found)
    linked = Scope(scope.client, _with_data(scope, {"linked": True}))
    return Observed(
        state=_state_after(linked),
        data=linked.account.data,
        secrets=scope.account.secrets,
        notes=_set_up_dkim(linked),
    )


def domain_settings(account: Account, *, extra_users: int) -> dict[str, Any]:
    """What a product means in `domainSettings`, without the switches of the two protocols."""
    settings, options = account.settings, account.options
    users = limit(settings, options, "max_users")
    aliases = limit(settings, options, "max_domain_aliases")
    outbound = str(setting(settings, "outbound_ip") or "").strip()
    return {
        "maxUsers": users + extra_users if users else 0,
        "maxAliases": limit(settings, options, "max_aliases"),
        "maxLists": limit(settings, options, "max_lists"),
        # 0 would mean unlimited there, so a product without domain aliases hides the page instead.
        "maxDomainAliases": aliases,
        "showDomainAliasMenu": aliases > 0,
        "maxSize": limit(settings, options, "disk_limit_gb") * GB,
        "outgoingIP": "" if outbound.lower() == "default" else outbound,
    }


def storage_path(root: str, domain: str) -> str:
    separator = "\\" if "\\" in root or ":" in root else "/"
    return f"{root.rstrip('/' + chr(92))}{separator}{domain}"


def _put(scope: Scope, progress: Progress) -> Scope:
    credentials = _credentials(scope)
    claimed = _with_data(scope, {"admin": credentials.name}, credentials.password)
    scope = Scope(scope.client, claimed)
    progress({"admin": credentials.name}, {"admin_password": credentials.password})
    body = _new_domain(scope, credentials)

    def ours_now() -> bool:
        data = domain_data(scope.client, scope.domain)
        return data is not None and is_ours(scope, data)

    try:
        unless_done(lambda: scope.client.sysadmin.post("domain-put", json=body), ours_now)
    except ConflictError:
        # An earlier request of ours may have been carried out after we had given it up.
        if not ours_now():
            raise stranger(scope) from None
    return scope


def _credentials(scope: Scope) -> Credentials:
    name = scope.admin or passwords.random_name()
    password = scope.account.secrets.get("admin_password") or passwords.generate(
        passwords.admin_policy(scope.account.settings), address=scope.address(name)
    )
    return Credentials(name, password)


def _with_data(scope: Scope, data: Mapping[str, Any], password: str = "") -> Account:
    account = scope.account
    secret = {"admin_password": password} if password else {}
    return replace(account, data={**account.data, **data}, secrets={**account.secrets, **secret})


def _new_domain(scope: Scope, credentials: Credentials) -> dict[str, Any]:
    settings = scope.account.settings
    wanted = domain_settings(scope.account, extra_users=1)
    root = str(setting(settings, "storage_path"))
    return {
        "adminUsername": credentials.name,
        "adminPassword": credentials.password,
        "deliverLocallyForExternalDomain": False,
        "domainLocation": 0,
        "domainLocationAddress": "",
        "domainData": {
            "name": scope.domain,
            "path": storage_path(root, scope.domain),
            "hostname": f"mail.{scope.domain}",
            "userLimit": wanted["maxUsers"],
            "maxSize": wanted["maxSize"],
            "aliasLimit": wanted["maxAliases"],
            "listLimit": wanted["maxLists"],
        },
    }


def _settle(scope: Scope, found: Mapping[str, Any]) -> None:
    """A final refusal takes back what this order made; a temporary one is resumed later."""
    settings = scope.account.settings
    body = {
        "isEnabled": True,
        "enableMailForwarding": True,
        "enableSmtpAccounts": True,
        "enableActiveSyncAccountManagement": bool(setting(settings, "offer_eas")),
        "enableMapiEwsAccountManagement": bool(setting(settings, "offer_mapi")),
        **domain_settings(scope.account, extra_users=scope.extra_users),
    }
    try:
        push_settings(scope.client, scope.domain, body)
    except PermanentError as error:
        if _may_take_back(scope, found):
            _take_back(scope, error)
        raise


def _may_take_back(scope: Scope, found: Mapping[str, Any]) -> bool:
    """Never a domain that was delivered before, or that holds anything of a customer's."""
    delivered = scope.account.data.get("linked") or scope.adopted
    return not delivered and (whole(found.get("userCount")) or 0) <= 1


def _take_back(scope: Scope, error: PermanentError) -> None:
    try:
        scope.client.sysadmin.post("domain-delete", scope.domain, "true")
    except ModuleError as second:
        error.detail += f" The new domain could not be removed again: {second.detail}"


def _state_after(scope: Scope) -> State:
    data = domain_data(scope.client, scope.domain)
    if data is None:
        raise TemporaryError(f"{scope.domain} was created and is not there now.")
    return state_of(data)


def _set_up_dkim(scope: Scope) -> tuple[str, ...]:
    """Never fails an order."""
    try:
        SmarterMailDkim(scope).enable()
    except ModuleError as error:
        return (f"DKIM is not set up: {error.detail}",)
    return ()
