"""Actions on mailboxes."""

from __future__ import annotations

import string
from typing import Any

from provisioning.modules.polarismail.simulator.call import DONE, Action, Call, Refused, Reply
from provisioning.modules.polarismail.simulator.model import BASIC, ENHANCED, User

CLASSES = (string.ascii_uppercase, string.ascii_lowercase, string.digits)


def add(call: Call) -> str:
    domain = call.verified_domain()
    local = call.new_name(domain, "username")
    user = User(
        username=local,
        password=_password(call.text("password")),
        uname=call.text("uname"),
        account_type=_type(call, call.text("account_type")),
        quota=call.megabytes("quota"),
        language=call.text("user_language", "en"),
        timezone=call.text("timezone"),
        two_factor_allowed=call.flag("twofa_allowed"),
    )
    domain.users[local] = user
    return "User added"


def update(call: Call) -> str:
    user = call.user("editusername", "editdomain")
    kind = call.text("editaccount_type")
    if kind and kind != str(user.account_type):
        user.account_type = _type(call, kind)
    if "edituname" in call.form:
        user.uname = call.text("edituname")
    if "editquota" in call.form:
        user.quota = call.megabytes("editquota")
    if password := call.text("editpassword"):
        user.password = _password(password)
    return "User updated"


def remove(call: Call) -> str:
    del call.domain().users[call.user().username]
    return "User removed"


def enable(call: Call) -> str:
    call.user().disabled = False
    return DONE


def disable(call: Call) -> str:
    call.user().disabled = True
    return DONE


def info(call: Call) -> dict[str, Any]:
    row = _row(call, call.user(), with_usage=False)
    if not call.variants.user_info_has_quota:
        del row["quota"]
    return row


def list_all(call: Call) -> Reply:
    return _page(call, list(call.domain().users.values()), with_usage=call.flag("showQuota"))


def search(call: Call) -> Reply:
    wanted = call.text("search").lower()
    users = call.domain().users.values()
    found = [user for user in users if wanted in f"{user.username} {user.uname}".lower()]
    return _page(call, found, with_usage=False)


def totals(call: Call) -> list[Any]:
    kinds = [user.account_type for user in call.domain().users.values()]
    return [kinds.count(BASIC), str(kinds.count(ENHANCED))]


def one_time_password(call: Call) -> str:
    return call.tokens.one_time_password(f"{call.user().username}@{call.domain().name}")


def one_time_password_and_token(call: Call) -> dict[str, str]:
    address = f"{call.user().username}@{call.domain().name}"
    return {
        "otp": call.tokens.one_time_password(address),
        "token": call.tokens.issue(address),
        "url": "https://al.emailarray.com/",
    }


def _page(call: Call, users: list[User], *, with_usage: bool) -> Reply:
    rows = [_row(call, user, with_usage=with_usage) for user in users]
    if call.flag("slicing"):
        offset, limit = call.whole("offset"), call.whole("limit")
        cap = call.variants.page_cap
        rows = rows[offset : offset + (min(limit, cap) if cap else limit)]
    members = {"meta": {"all": call.figure(len(users), str)}} if call.variants.meta else {}
    return Reply(call.listing(rows) if not users else rows, members)


def _row(call: Call, user: User, *, with_usage: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "username": user.username,
        "uname": user.uname,
        "account_type": call.figure(user.account_type, str),
        "quota": call.figure(user.quota, int),
        "disabled": call.figure(user.disabled, str),
        "lastauth_timestamp": user.last_auth or None,
    }
    if with_usage:
        row["usage"] = call.figure(user.usage, str)
    return row


def _type(call: Call, value: str) -> int:
    """A free place of the type is needed."""
    limits = {str(BASIC): call.variants.max_basic, str(ENHANCED): call.variants.max_enhanced}
    if value not in limits:
        raise Refused("Invalid account type")
    domains = call.state.domains.values()
    used = sum(str(u.account_type) == value for domain in domains for u in domain.users.values())
    if used >= limits[value]:
        raise Refused("You have reached the maximum number of accounts of this type")
    return int(value)


def _password(value: str) -> str:
    mixed = all(any(letter in kind for letter in value) for kind in CLASSES)
    if len(value) < 8 or not mixed or value.isalnum():
        raise Refused("The password is too weak")
    return value


NAMED = ("username", "domain")
SLICE = ("slicing", "offset", "limit")

ACTIONS: dict[str, Action] = {
    "addUser": Action(
        add,
        (*NAMED, "account_type", "password", "quota"),
        ("uname", "twofa_allowed", "user_language", "timezone", "dateformat"),
        writes=True,
    ),
    "updateUser": Action(
        update,
        ("editusername", "editdomain"),
        ("edituname", "editaccount_type", "editquota", "editpassword"),
        writes=True,
    ),
    "removeUser": Action(remove, NAMED, writes=True),
    "enableUser": Action(enable, NAMED, writes=True),
    "disableUser": Action(disable, NAMED, writes=True),
    "getUserInfo": Action(info, NAMED),
    "getAllUsersDomain": Action(list_all, ("domain",), (*SLICE, "getOTPAndToken", "showQuota")),
    "searchUsers": Action(search, ("domain",), ("search", *SLICE)),
    "getTotalUsersDomain": Action(totals, ("domain", "atype")),
    "getOTPass": Action(one_time_password, NAMED),
    "getOTPassAndToken": Action(one_time_password_and_token, NAMED),
}
