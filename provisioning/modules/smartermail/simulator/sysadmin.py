"""vendor API: settings/sysadmin, the life of a domain"""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from provisioning.modules.smartermail.simulator import passwords, views
from provisioning.modules.smartermail.simulator.call import (
    Access,
    Call,
    Handler,
    Route,
    change,
    envelope,
    get,
    page,
    require_keys,
    search,
)
from provisioning.modules.smartermail.simulator.errors import (
    NO_DOMAIN,
    BusinessError,
    NoSuchCall,
    UnknownEntity,
)
from provisioning.modules.smartermail.simulator.inputs import (
    DOMAIN_NAME,
    LOCAL_PART,
    merge,
    section,
    text,
    truth,
    whole,
)
from provisioning.modules.smartermail.simulator.model import DEFAULT_SETTINGS, User
from provisioning.simulation import Response, text_response

LONGEST_DOMAIN = 253
ROOTED = {
    "windows": re.compile(r"[A-Za-z]:\\.+|\\\\.+"),
    "linux": re.compile(r"/.+"),
    "any": re.compile(r"[A-Za-z]:\\.+|\\\\.+|/.+"),
}
SEARCH_KEYS = ("search", "skip", "take", "sortField", "sortDescending")


def named(handler: Handler) -> Handler:
    """The domain comes from the path, as in the calls of a system administrator."""

    def with_domain(call: Call) -> dict[str, Any] | Response:
        call.domain_or_none = call.state.find_domain(call.args["domain"])
        if call.domain_or_none is None:
            raise UnknownEntity(NO_DOMAIN)
        return handler(call)

    return with_domain


def read_domain(call: Call) -> dict[str, Any]:
    return envelope({"domainData": views.domain_data(call.domain, call.variants)})


def read_settings(call: Call) -> dict[str, Any]:
    return envelope({"domainSettings": views.domain_settings(call.domain, call.variants)})


def write_settings(call: Call) -> dict[str, Any]:
    """Merges the given keys only."""
    given = section(call.body, "domainSettings")
    merged = merge(call.domain.settings, given, DEFAULT_SETTINGS)
    call.domain.settings = merged
    return envelope({})


def put_domain(call: Call) -> dict[str, Any]:
    data = section(call.body, "domainData")
    name = _new_name(call, text(data, "name"))
    path = _new_path(call, text(data, "path"))
    admin = _new_admin(call)
    settings = {
        "hostname": text(data, "hostname"),
        "domainPath": path,
        "isEnabled": data.get("isEnabled", True),
        "maxSize": whole(data, "maxSize"),
        **{target: whole(data, key) for key, target in views.LIMITS.items()},
    }
    call.state.put_domain(name, admin, settings)
    return envelope({})


def delete_domain(call: Call) -> dict[str, Any]:
    delete_files = truth(call.args["files"])
    call.state.remove_domain(call.domain.name, delete_files=delete_files)
    return envelope({})


def rename_domain(call: Call) -> dict[str, Any]:
    old = call.state.find_domain(text(call.body, "oldDomainName"))
    if old is None:
        raise UnknownEntity(NO_DOMAIN)
    call.state.rename_domain(old.name, _new_name(call, text(call.body, "newDomainName")))
    return envelope({})


def reload_domain(call: Call) -> dict[str, Any]:
    return envelope({})


def domain_admins(call: Call) -> dict[str, Any]:
    admins = [call.domain.address(user.name) for user in call.domain.admins()]
    return envelope({"domainAdmins": admins})


def all_domains(call: Call) -> dict[str, Any]:
    if not call.variants.domains_call:
        raise NoSuchCall
    domains = call.state.domains.values()
    return envelope({"data": [views.domain_data(domain, call.variants) for domain in domains]})


def search_domains(call: Call) -> dict[str, Any]:
    if not call.variants.domain_list_search_call:
        raise NoSuchCall
    require_keys(call, *SEARCH_KEYS, "includeErrored")
    rows = [_search_row(call, row) for row in all_rows(call)]
    found, total = page(rows, call.body, fields=(call.variants.search_name_key,))
    return envelope({call.variants.search_rows_key: found, "totalCount": total})


def all_rows(call: Call) -> list[dict[str, Any]]:
    return [views.domain_data(domain, call.variants) for domain in call.state.domains.values()]


def domain_names(call: Call) -> dict[str, Any]:
    return envelope({"data": [domain.name for domain in call.state.domains.values()]})


def export_domains(call: Call) -> Response:
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["Name", "Enabled", "Users", "Size"])
    for domain in call.state.domains.values():
        writer.writerow([domain.name, domain.is_enabled, len(domain.users), domain.size])
    return text_response(table.getvalue(), content_type="text/csv")


def _search_row(call: Call, row: dict[str, Any]) -> dict[str, Any]:
    usage = () if call.variants.search_rows_have_usage else ("diskUsage", "size", "sizeMb")
    shown = {key: value for key, value in row.items() if key not in usage}
    name = shown.pop("name")
    return {call.variants.search_name_key: name, **shown}


def _new_name(call: Call, name: str) -> str:
    if not DOMAIN_NAME.fullmatch(name) or len(name) > LONGEST_DOMAIN:
        raise BusinessError("DOMAIN_ADD_ERROR_INVALID_NAME")
    if call.state.domain_name_in_use(name):
        raise BusinessError("DOMAIN_ADD_ERROR_NAME_IN_USE")
    return name


def _new_path(call: Call, path: str) -> str:
    in_use = any(
        str(domain.settings["domainPath"]).lower() == path.lower()
        for domain in call.state.domains.values()
    )
    if in_use or not ROOTED[call.variants.platform].fullmatch(path):
        raise BusinessError("DOMAIN_ADD_ERROR_INVALID_PATH")
    return path


def _new_admin(call: Call) -> User:
    name, password = text(call.body, "adminUsername"), text(call.body, "adminPassword")
    if not LOCAL_PART.fullmatch(name):
        raise BusinessError("USER_ADD_ERROR_INVALID_NAME")
    passwords.check(password, passwords.SERVER_RULES, user_name=name, prefix="USER_ADD_ERROR")
    return User(name, password)


SA = Access.SYSADMIN

ROUTES: tuple[Route, ...] = (
    get("settings/sysadmin/domain/{domain}", SA, named(read_domain)),
    change("settings/sysadmin/domain/{domain}", SA, named(write_settings)),
    get("settings/sysadmin/domain-settings/{domain}", SA, named(read_settings)),
    change("settings/sysadmin/domain-settings/{domain}", SA, named(write_settings)),
    change("settings/sysadmin/domain-put", SA, put_domain),
    change("settings/sysadmin/domain-delete/{domain}/{files}", SA, named(delete_domain)),
    change("settings/sysadmin/rename-domain", SA, rename_domain),
    search("settings/sysadmin/reload-domain/{domain}", SA, named(reload_domain)),
    get("settings/sysadmin/domain-admins/{domain}", SA, named(domain_admins)),
    get("settings/sysadmin/domains", SA, all_domains),
    search("settings/sysadmin/domain-list-search", SA, search_domains),
    get("settings/sysadmin/domain-names", SA, domain_names),
    search("settings/sysadmin/export-domains-list", SA, export_domains),
)
