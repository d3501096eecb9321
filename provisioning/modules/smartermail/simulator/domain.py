"""vendor API: settings/domain, the domain seen from inside, and its domain aliases"""

from __future__ import annotations

from typing import Any

from provisioning.modules.smartermail.simulator import views
from provisioning.modules.smartermail.simulator.call import (
    Access,
    Call,
    Route,
    change,
    envelope,
    get,
)
from provisioning.modules.smartermail.simulator.errors import BusinessError, UnknownEntity
from provisioning.modules.smartermail.simulator.inputs import (
    DOMAIN_NAME,
    merge,
    section,
    strings,
    truth,
)
from provisioning.modules.smartermail.simulator.passwords import SERVER_RULES

NO_DOMAIN_ALIAS = "DOMAIN_ALIAS_NOT_FOUND"


def read_data(call: Call) -> dict[str, Any]:
    return envelope({"domainData": views.domain_data(call.domain, call.variants)})


def read_settings(call: Call) -> dict[str, Any]:
    return envelope({"domainSettings": views.domain_settings(call.domain, call.variants)})


def permissions(call: Call) -> dict[str, Any]:
    settings = call.domain.settings
    keys = ("showDomainAliasMenu", "showListMenu", "showSpamMenu", "enableMailForwarding")
    return envelope({"permissions": {key: settings[key] for key in keys}})


def counts(call: Call) -> dict[str, Any]:
    domain = call.domain
    return envelope(
        {
            "users": len(domain.users),
            "aliases": len(domain.aliases),
            "mailingLists": len(domain.lists),
        }
    )


def total_server_users(call: Call) -> dict[str, Any]:
    return envelope({"count": sum(len(one.users) for one in call.state.domains.values())})


def user_defaults(call: Call) -> dict[str, Any]:
    size = call.domain.settings["maxMailboxSize"]
    return envelope({"userDefaults": {"maxMailboxSize": size}})


def read_password_settings(call: Call) -> dict[str, Any]:
    return envelope(
        {
            call.variants.password_settings_key: SERVER_RULES,
            "overrides": call.domain.password_rules,
        }
    )


def write_password_settings(call: Call) -> dict[str, Any]:
    """The domain's override; keys not sent fall back to the server's rules."""
    given = section(call.body, "overrides") if "overrides" in call.body else call.body
    merged = merge(SERVER_RULES, given, SERVER_RULES)
    call.domain.password_rules = {key: merged[key] for key in SERVER_RULES if key in given}
    return envelope({})


def domain_aliases(call: Call) -> dict[str, Any]:
    rows = [
        {"name": name, "aliasIdn": name, "domainName": call.domain.name, "img": "", "url": ""}
        for name in call.domain.domain_aliases.values()
    ]
    return envelope({"domainAliasData": rows})


def put_domain_alias(call: Call) -> dict[str, Any]:
    """``checkMx`` false counts only for a caller who comes from a system administrator."""
    limit = call.domain.settings["maxDomainAliases"]
    if limit and len(call.domain.domain_aliases) >= limit:
        raise BusinessError("The domain has reached its maximum number of domain aliases.")
    _add(call, call.args["name"], check_mx=truth(call.args["check"]))
    return envelope({})


def rename_domain_alias(call: Call) -> dict[str, Any]:
    _existing(call, call.args["old"])
    _add(call, call.args["new"], check_mx=truth(call.args["verify"]))
    _remove(call, call.args["old"])
    return envelope({})


def delete_domain_alias(call: Call) -> dict[str, Any]:
    _remove(call, call.args["name"])
    return envelope({})


def delete_domain_aliases(call: Call) -> dict[str, Any]:
    names = strings(call.body.get("input"))
    for name in names:
        _existing(call, name)
    for name in names:
        _remove(call, name)
    return envelope({})


def verify_domain_alias(call: Call) -> dict[str, Any]:
    if call.args["name"].lower() not in call.state.mx:
        raise BusinessError("DOMAIN_ALIAS_ERROR_MX_NOT_FOUND")
    return envelope({})


def _add(call: Call, name: str, *, check_mx: bool) -> None:
    if not DOMAIN_NAME.fullmatch(name):
        raise BusinessError("DOMAIN_ALIAS_ADD_ERROR_INVALID_NAME")
    if call.state.domain_name_in_use(name):
        raise BusinessError("DOMAIN_ALIAS_ADD_ERROR_NAME_IN_USE")
    if (check_mx or not call.by_sysadmin) and name.lower() not in call.state.mx:
        raise BusinessError("DOMAIN_ALIAS_ADD_ERROR_MX_NOT_FOUND")
    call.domain.domain_aliases[name.lower()] = name
    call.state.alias_owner[name.lower()] = call.domain.name.lower()


def _existing(call: Call, name: str) -> str:
    if name.lower() not in call.domain.domain_aliases:
        raise UnknownEntity(NO_DOMAIN_ALIAS)
    return name.lower()


def _remove(call: Call, name: str) -> None:
    known = _existing(call, name)
    del call.domain.domain_aliases[known]
    call.state.alias_owner.pop(known, None)


DA = Access.DOMAIN

ROUTES: tuple[Route, ...] = (
    get("settings/domain/data", DA, read_data),
    get("settings/domain/domain", DA, read_settings),
    get("settings/domain/permissions", DA, permissions),
    get("settings/domain/account-list-counts", DA, counts),
    get("settings/domain/total-server-users", DA, total_server_users),
    get("settings/domain/user-defaults", DA, user_defaults),
    get("settings/domain/password-settings", DA, read_password_settings),
    change("settings/domain/password-settings", DA, write_password_settings),
    get("settings/domain/domain-aliases", DA, domain_aliases),
    change("settings/domain/domain-alias-put/{name}/{check}", DA, put_domain_alias),
    change("settings/domain/domain-alias-delete/{name}", DA, delete_domain_alias),
    change("settings/domain/domain-aliases-delete", DA, delete_domain_aliases),
    change("settings/domain/domain-alias/{old}/{new}/{verify}", DA, rename_domain_alias),
    change("settings/domain/domain-alias-verify/{name}", DA, verify_domain_alias),
)
