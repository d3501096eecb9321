"""vendor API: settings/domain, searching and reading the accounts of a domain"""

from __future__ import annotations

import csv
import io
from typing import Any

from provisioning.modules.smartermail.simulator import views
from provisioning.modules.smartermail.simulator.call import (
    Access,
    Call,
    Route,
    envelope,
    get,
    page,
    require_keys,
    search,
)
from provisioning.modules.smartermail.simulator.errors import BusinessError, UnknownEntity
from provisioning.modules.smartermail.simulator.inputs import strings, text
from provisioning.modules.smartermail.simulator.model import User
from provisioning.modules.smartermail.simulator.passwords import check
from provisioning.modules.smartermail.simulator.sysadmin import named
from provisioning.simulation import Response, text_response

SEARCHED = ("userName", "displayName", "fullName", "emailAddress")
ALL_KINDS = ("users", "aliases", "mailingLists")


def search_accounts(call: Call) -> dict[str, Any]:
    require_keys(call, "search", "skip", "take", "sortField")
    rows: list[dict[str, Any]] = []
    for kind in _kinds(call):
        rows += ROWS[kind](call)
    found, total = page(rows, call.body, fields=SEARCHED)
    return envelope({"results": found, "totalCount": total})


def search_quick(call: Call) -> dict[str, Any]:
    require_keys(call, "search", "skip", "take", "sortField", "sortDescending")
    rows = [views.account_quick(user) for user in call.domain.users.values()]
    found, total = page(rows, call.body, fields=("userName", "displayName"))
    return envelope({"users": found, "totalCount": total})


def _kinds(call: Call) -> list[str]:
    flags = call.body.get("searchFlags")
    if not flags or call.variants.search_flags_ignored:
        return list(ALL_KINDS)
    wanted = {kind.lower() for kind in strings(flags)}
    return [kind for kind in ALL_KINDS if kind.lower() in wanted]


def _user_rows(call: Call) -> list[dict[str, Any]]:
    domain = call.domain
    return [views.account_user(domain, user) for user in domain.users.values()]


def _alias_rows(call: Call) -> list[dict[str, Any]]:
    domain = call.domain
    return [views.account_alias(domain, alias, call.variants) for alias in domain.aliases.values()]


def _list_rows(call: Call) -> list[dict[str, Any]]:
    return [views.account_list(call.domain, one) for one in call.domain.lists.values()]


ROWS = {"users": _user_rows, "aliases": _alias_rows, "mailingLists": _list_rows}


def list_users(call: Call) -> dict[str, Any]:
    users = call.domain.users.values()
    return envelope({"userData": [views.user_data(call.domain, user) for user in users]})


def list_usernames(call: Call) -> dict[str, Any]:
    return envelope({"usernames": [user.name for user in call.domain.users.values()]})


def search_users(call: Call) -> dict[str, Any]:
    wanted = call.args["text"].lower()
    rows = [views.user_data(call.domain, user) for user in call.domain.users.values()]
    found = [
        row
        for row in rows
        if any(wanted in str(row[key]).lower() for key in ("userName", "fullName"))
    ]
    return envelope({"userData": found})


def export_users(call: Call) -> Response:
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["Username", "Full Name", "Enabled", "Size"])
    for user in call.domain.users.values():
        writer.writerow([user.name, user.full_name, user.is_enabled, user.size])
    return text_response(table.getvalue(), content_type="text/csv")


def read_user(call: Call) -> dict[str, Any]:
    user = call.named_user(_email(call))
    return envelope({"userData": views.user_data(call.domain, user)})


def read_user_mail(call: Call) -> dict[str, Any]:
    return envelope({"userMailSettings": views.mail_settings(call.named_user(_email(call)))})


def read_any_user(call: Call) -> dict[str, Any]:
    """As a system administrator: the address names the domain."""
    found = call.state.find_user(_email(call))
    if found is None:
        raise UnknownEntity("USER_NOT_FOUND")
    return envelope({"userData": views.user_data(*found)})


def name_is_free(call: Call) -> dict[str, Any]:
    if call.domain.name_in_use(call.args["local"]):
        raise BusinessError("EMAIL_ALIAS_EXISTS")
    return envelope({})


def password_offenders(call: Call) -> dict[str, Any]:
    users = [
        views.user_data(call.domain, user)
        for user in call.domain.users.values()
        if not _complies(call, user)
    ]
    return envelope({"userData": users})


def _complies(call: Call, user: User) -> bool:
    try:
        check(user.password, call.password_rules, user_name=user.name, prefix="USER")
    except BusinessError:
        return False
    return True


def _email(call: Call) -> str:
    return call.args.get("email") or text(call.body, "email")


DA, SA = Access.DOMAIN, Access.SYSADMIN

ROUTES: tuple[Route, ...] = (
    search("settings/domain/account-list-search", DA, search_accounts),
    search("settings/domain/account-search-quick", DA, search_quick),
    get("settings/domain/list-users", DA, list_users),
    search("settings/domain/export-users", DA, export_users),
    search("settings/domain/get-user", DA, read_user),
    get("settings/domain/user/{email}", DA, read_user),
    search("settings/domain/get-user-mail", DA, read_user_mail),
    get("settings/domain/user-mail/{email}", DA, read_user_mail),
    get("settings/domain/email-alias-does-not-exists/{local}", DA, name_is_free),
    search("settings/domain/password-compliance-users", DA, password_offenders),
    get("settings/sysadmin/list-users/{domain}", SA, named(list_users)),
    get("settings/sysadmin/list-usernames/{domain}", SA, named(list_usernames)),
    get("settings/sysadmin/search-users/{domain}/{text}", SA, named(search_users)),
    get("settings/sysadmin/user/{email}", SA, read_any_user),
    search("settings/sysadmin/get-user", SA, read_any_user),
)
