"""vendor API: settings/domain, aliases"""

from __future__ import annotations

from dataclasses import replace
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
from provisioning.modules.smartermail.simulator.errors import (
    INVALID_INPUT,
    NO_ALIAS,
    BusinessError,
    UnknownEntity,
)
from provisioning.modules.smartermail.simulator.inputs import (
    LOCAL_PART,
    flag,
    is_target,
    section,
    strings,
    text,
)
from provisioning.modules.smartermail.simulator.model import Alias

FLAGS = (
    "allowSending",
    "hideFromGAL",
    "internalOnly",
    "includeAllDomainUsers",
    "enableForXmpp",
    "isEnabled",
)


def grid(call: Call) -> dict[str, Any]:
    wanted = call.args.get("search", "").lower()
    rows = [
        {"name": alias.name, "targets": list(alias.aliasTargetList)}
        for alias in call.domain.aliases.values()
        if wanted in alias.name.lower()
    ]
    return envelope({"gridInfo": rows})


def read(call: Call) -> dict[str, Any]:
    return envelope({"alias": views.alias_data(_existing(call, call.args["name"]))})


def put(call: Call) -> dict[str, Any]:
    given = section(call.body, "alias")
    limit = call.domain.settings["maxAliases"]
    if limit and len(call.domain.aliases) >= limit:
        raise BusinessError("The domain has reached its maximum number of aliases.")
    name = _new_name(call, text(given, "name"))
    call.domain.aliases[name.lower()] = _merged(Alias(name, displayName=name), given)
    return envelope({})


def update(call: Call) -> dict[str, Any]:
    """The target list is replaced; flags that are not sent stay. ``oldName`` allows a rename."""
    given = section(call.body, "alias")
    name = text(given, "name")
    alias = _existing(call, text(call.body, "oldName") or name)
    old = alias.name.lower()
    if name and name.lower() != old:
        alias = replace(alias, name=_new_name(call, name))
    merged = _merged(alias, given)
    del call.domain.aliases[old]
    call.domain.aliases[merged.name.lower()] = merged
    return envelope({})


def delete(call: Call) -> dict[str, Any]:
    alias = _existing(call, call.args["name"])
    del call.domain.aliases[alias.name.lower()]
    if str(call.domain.settings["catchAll"]).lower() == alias.name.lower():
        call.domain.settings["catchAll"] = ""
    return envelope({})


def set_catch_all(call: Call) -> dict[str, Any]:
    """Without a name the catch-all is switched off. Only an alias can be one."""
    name = call.args.get("alias", "")
    if name:
        _existing(call, name)
    call.domain.settings["catchAll"] = name
    return envelope({})


def _existing(call: Call, name: str) -> Alias:
    alias = call.domain.alias(name)
    if alias is None:
        raise UnknownEntity(NO_ALIAS)
    return alias


def _new_name(call: Call, name: str) -> str:
    if not LOCAL_PART.fullmatch(name):
        raise BusinessError("ALIAS_ADD_ERROR_INVALID_NAME")
    if call.domain.name_in_use(name):
        raise BusinessError("ALIAS_ADD_ERROR_NAME_IN_USE")
    return name


def _merged(alias: Alias, given: dict[str, Any]) -> Alias:
    targets = strings(given.get("aliasTargetList", alias.aliasTargetList))
    if not all(is_target(target) for target in targets):
        raise BusinessError(INVALID_INPUT)
    flags: dict[str, Any] = {key: flag(given, key, getattr(alias, key)) for key in FLAGS}
    return replace(
        alias,
        displayName=text(given, "displayName", alias.displayName),
        description=text(given, "description", alias.description),
        aliasTargetList=list(targets),
        **flags,
    )


DA = Access.DOMAIN

ROUTES: tuple[Route, ...] = (
    get("settings/domain/aliases", DA, grid),
    get("settings/domain/aliases/{search}", DA, grid),
    get("settings/domain/alias/{name}", DA, read),
    change("settings/domain/alias-put", DA, put),
    change("settings/domain/alias", DA, update),
    change("settings/domain/alias-delete/{name}", DA, delete),
    change("settings/domain/set-catch-all", DA, set_catch_all),
    change("settings/domain/set-catch-all/{alias}", DA, set_catch_all),
)
