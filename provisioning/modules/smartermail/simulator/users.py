"""vendor API: settings/domain, creating, changing and deleting accounts"""

from __future__ import annotations

from copy import copy
from typing import Any

from provisioning.modules.smartermail.simulator import passwords, views
from provisioning.modules.smartermail.simulator.call import Access, Call, Route, change, envelope
from provisioning.modules.smartermail.simulator.errors import (
    NO_USER,
    BusinessError,
    UnknownEntity,
)
from provisioning.modules.smartermail.simulator.forwards import parse_forward
from provisioning.modules.smartermail.simulator.inputs import (
    LOCAL_PART,
    flag,
    merge,
    section,
    strings,
    text,
    truth,
    whole,
)
from provisioning.modules.smartermail.simulator.model import Domain, User
from provisioning.modules.smartermail.simulator.sysadmin import named

LONGEST_LOCAL = 64


def put_user(call: Call) -> dict[str, Any]:
    """Only userName and password are required; nothing is stored unless all of it is right."""
    given = section(call.body, "userData")
    name = _new_name(call.domain, text(given, "userName"))
    _room_for_one_more(call)
    password = text(given, "password")
    passwords.check(password, call.password_rules, user_name=name, prefix="USER_ADD_ERROR")
    user = User(name, password, created=call.state.stamp())
    user.max_size = call.domain.settings["maxMailboxSize"]
    _apply_data(user, given)
    if isinstance(call.body.get("userMailSettings"), dict):
        _apply_mail(user, call.body["userMailSettings"])
    if isinstance(call.body.get("forwardList"), dict):
        user.forward = parse_forward(call.body["forwardList"])
    call.domain.users[name.lower()] = user
    return envelope({})


def post_user(call: Call) -> dict[str, Any]:
    """Merges; a password alone is a change of password."""
    user = copy(call.named_user(text(call.body, "email")))
    given = section(call.body, "userData")
    if "password" in given:
        passwords.change(user, text(given, "password"), call.password_rules)
    _apply_data(user, given)
    call.domain.users[user.name.lower()] = user
    return envelope({})


def post_user_mail(call: Call) -> dict[str, Any]:
    user = call.named_user(call.args.get("email") or text(call.body, "email"))
    _apply_mail(user, section(call.body, "userMailSettings"))
    return envelope({})


def delete_accounts(call: Call) -> dict[str, Any]:
    """Users, aliases and lists mixed, by local name; all of them or none."""
    names = strings(call.body.get("input"))
    for name in names:
        if not call.domain.name_in_use(name):
            raise UnknownEntity(NO_USER)
    for name in names:
        _delete_any(call.domain, name)
    return envelope({})


def delete_users(call: Call) -> dict[str, Any]:
    names = [call.args["user"]] if "user" in call.args else strings(call.body.get("input"))
    users = [call.named_user(name) for name in names]
    for user in users:
        call.domain.drop_user(user.name.lower())
    return envelope({})


def disable_users(call: Call) -> dict[str, Any]:
    """``disable``, and when the path has it ``allow``: whether mail is still received."""
    disable = truth(call.args["disable"])
    can_receive = not disable or truth(call.args.get("allow", "true"))
    users = [call.named_user(name) for name in strings(call.body.get("input"))]
    for user in users:
        user.is_enabled, user.can_receive = not disable, can_receive
    return envelope({})


def rename_user(call: Call) -> dict[str, Any]:
    domain, user = call.domain, call.named_user(call.args["old"])
    new = _new_name(domain, call.args["new"])
    old = user.name.lower()
    was_admin = domain.admin is user
    domain.users[new.lower()] = domain.users.pop(old)
    for table in (domain.eas, domain.mapi):
        if old in table:
            table[new.lower()] = table.pop(old)
    user.name = new
    if was_admin:
        domain.settings["mainDomainAdmin"] = new
    return envelope({})


def expire_passwords(call: Call) -> dict[str, Any]:
    for user in [call.named_user(name) for name in strings(call.body.get("input"))]:
        user.must_change_password = True
    return envelope({})


def modify_protocols(call: Call) -> dict[str, Any]:
    switches = ("webmailEnabled", "smtpEnabled", "imapEnabled", "popEnabled")
    chosen = {key: flag(call.body, key) for key in switches if key in call.body}
    for user in [call.named_user(name) for name in strings(call.body.get("items"))]:
        for key, value in chosen.items():
            protocol = key.removesuffix("Enabled")
            user.mail[f"enable{protocol[:1].upper()}{protocol[1:]}"] = value
    return envelope({})


def _new_name(domain: Domain, given: str) -> str:
    local, at, host = given.partition("@")
    elsewhere = bool(at) and host.lower() != domain.name.lower()
    if elsewhere or not LOCAL_PART.fullmatch(local) or len(local) > LONGEST_LOCAL:
        raise BusinessError("USER_ADD_ERROR_INVALID_NAME")
    if domain.name_in_use(local):
        raise BusinessError("USER_ADD_ERROR_NAME_IN_USE")
    return local


def _room_for_one_more(call: Call) -> None:
    limit = call.domain.settings["maxUsers"]
    counted = len(call.domain.users)
    if call.domain.admin and not call.variants.admin_counts_as_user:
        counted -= 1
    if limit and counted >= limit:
        raise BusinessError("The domain has reached its maximum number of users.")


def _apply_data(user: User, given: dict[str, Any]) -> None:
    full_name, size = (
        text(given, "fullName", user.full_name),
        whole(given, "maxMailboxSize", user.max_size),
    )
    flags = given.get("securityFlags") or {}
    if not isinstance(flags, dict):
        raise BusinessError("Invalid input parameters")
    is_admin = flag(flags, "isDomainAdmin", user.is_domain_admin)
    disabled = flag(flags, "isDisabled", not user.is_enabled)
    user.full_name, user.max_size = full_name, size
    user.is_domain_admin, user.is_enabled = is_admin, not disabled
    if isinstance(given.get("autoResponder"), dict):
        user.auto_responder = {**user.auto_responder, **given["autoResponder"]}


def _apply_mail(user: User, given: dict[str, Any]) -> None:
    size = whole(given, "maxSize", user.max_size)
    enabled = flag(given, "isEnabled", user.is_enabled)
    can_receive = flag(given, "canReceiveMail", user.can_receive)
    user.mail = merge({**views.MAIL_DEFAULTS, **user.mail}, given, views.MAIL_DEFAULTS)
    user.max_size, user.is_enabled, user.can_receive = size, enabled, can_receive


def _delete_any(domain: Domain, name: str) -> None:
    local = domain.local(name) or ""
    if local in domain.users:
        domain.drop_user(local)
    elif local in domain.aliases:
        del domain.aliases[local]
    elif one := domain.list_named(local):
        del domain.lists[one.id]


DA, SA = Access.DOMAIN, Access.SYSADMIN

ROUTES: tuple[Route, ...] = (
    change("settings/domain/user-put", DA, put_user),
    change("settings/domain/post-user", DA, post_user),
    change("settings/domain/post-user-mail", DA, post_user_mail),
    change("settings/domain/user-mail/{email}", DA, post_user_mail),
    change("settings/domain/account-list-delete", DA, delete_accounts),
    change("settings/domain/users-delete", DA, delete_users),
    change("settings/domain/user-delete/{user}", DA, delete_users),
    change("settings/domain/users-disable/{disable}/{allow}", DA, disable_users),
    change("settings/domain/rename-user/{old}/{new}", DA, rename_user),
    change("settings/domain/expire-users-passwords", DA, expire_passwords),
    change("settings/domain/modify-protocol-access", DA, modify_protocols),
    change("settings/sysadmin/users-delete/{domain}", SA, named(delete_users)),
    change("settings/sysadmin/users-disable/{disable}/{domain}", SA, named(disable_users)),
)
