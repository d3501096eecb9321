"""Every name that goes over the wire: actions, form fields, members of answers, addresses, units.

Learnt from public clients and the vendor's wiki, since the reference itself is not public. A
correction belongs here and touches nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

VENDOR_HOST = "cp.emailarray.com"
VENDOR_ADMIN_HOSTS = ("https://cfcp.emailarray.com", "https://cp.emailarray.com")
VENDOR_WEBMAIL = "https://al.emailarray.com/"
ADMIN_API, USER_API = "/admin/json.php", "/json.php"
SIGN_IN_PAGE, ADMIN_PANEL = "/processlogin.php", "/admin"
OWN_MX = (("mx.emailarray.com", 5), ("mx2.emailarray.com", 10))
SPF_INCLUDE = "include:emailarray.com"
WEBMAIL_TARGET = "webredirect.emailarray.com"
CLIENT_HOSTS = {name: f"{name}.emailarray.com" for name in ("imap", "pop", "smtp")}

VERIFICATION_HOST = "mx-verification"
VERIFICATION_HOURS = 24  # older texts say 48
TOKEN_SECONDS = 240.0  # its life is not published; a client of the vendor's reuses it for 300

BASIC, ENHANCED = "basic", "enhanced"
TYPES = {BASIC: "1", ENHANCED: "2"}
ORDINARY_LIST = "1"


class Silence(Enum):
    """What may be done after a lost answer."""

    AGAIN = auto()  # a reading: ask the other host, or let the caller ask again
    REPEAT = auto()  # sets a value: the same request once more changes nothing further
    LOOK = auto()  # adds or removes: never again without looking first


@dataclass(frozen=True, kw_only=True)
class Operation:
    """`fields` from our names to the wire's. `secret`: the answer's data is masked in the log."""

    action: str
    fields: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    silence: Silence = Silence.AGAIN
    api: str = ADMIN_API
    secret: bool = False

    def form(self, values: Mapping[str, str]) -> dict[str, str]:
        """KeyError for a value that the action does not know."""
        named = {self.fields[name]: value for name, value in values.items()}
        return {"action": self.action, **self.fixed, **named}


def _reading(action: str, *names: str, **fixed: str) -> Operation:
    return Operation(action=action, fields={name: name for name in names}, fixed=fixed)


def _setting(action: str, **fields: str) -> Operation:
    return Operation(action=action, fields=fields, silence=Silence.REPEAT)


def _acting(action: str, api: str = ADMIN_API, /, **fields: str) -> Operation:
    return Operation(action=action, fields=fields, silence=Silence.LOOK, api=api)


_BOX = {"local": "username", "domain": "domain"}

OPERATIONS: dict[str, Operation] = {
    "sign_in": Operation(
        action="login",
        fields={"username": "username", "password": "password"},
        secret=True,
    ),
    "stats": _reading("getAdminStats"),
    "domains": _reading("getAllDomains"),
    "domain_available": _reading("isDomainAvailable", "domain"),
    "domain_info": _reading("getDomainInfo", "domain"),
    "verification": _reading("getDomainVerification", "domain"),
    "add_domain": _acting("addDomain", domain="newdomain"),
    "remove_domain": _acting("removeDomain", domain="domain"),
    "set_active": _setting("updateDomain", domain="domain", active="editdomainactive"),
    "domain_aliases": _reading("getAliasDomains", "domain"),
    "add_domain_alias": _acting("addAliasDomain", domain="domain", name="adomain"),
    "remove_domain_alias": _acting("removeAliasDomain", domain="domain", name="adomain"),
    "mailboxes": _reading(
        "getAllUsersDomain", "domain", "offset", "limit",
        slicing="1", getOTPAndToken="0", showQuota="1",
    ),
    "mailbox": Operation(action="getUserInfo", fields=_BOX),
    "add_mailbox": _acting(
        "addUser",
        **_BOX,
        type="account_type",
        password="password",  # noqa: S106 - a field's name
        quota_gb="quota",
        name="uname",
        two_factor="twofa_allowed",
        language="user_language",
        timezone="timezone",  # seen by one client only; sent when filled in
    ),
    "set_mailbox": _setting(
        "updateUser",
        local="editusername",
        domain="editdomain",
        name="edituname",
        type="editaccount_type",
        quota_gb="editquota",
        password="editpassword",  # noqa: S106 - a field's name
    ),
    "remove_mailbox": _acting("removeUser", **_BOX),
    "enable_mailbox": _setting("enableUser", **_BOX),
    "disable_mailbox": _setting("disableUser", **_BOX),
    # Each call makes another one-time password, which harms nothing.
    "one_time_password": Operation(action="getOTPass", fields=_BOX, secret=True),
    "aliases": _reading("getAllAliasesDomain", "domain"),
    "add_alias": _acting("addAlias", local="alias", domain="domain", target="forward"),
    "remove_alias": _acting("removeAlias", local="alias", domain="domain"),
    "lists": _reading("getAllListsDomain", "domain"),
    "add_list": Operation(
        action="addList",
        fields={"local": "newlname", "domain": "domain"},
        fixed={"newlisttype": ORDINARY_LIST},
        silence=Silence.LOOK,
    ),
    "remove_list": _acting("removeList", local="lname", domain="domain"),
    "members": Operation(action="getListMembers", fields={"local": "lname", "domain": "domain"}),
    "add_member": _acting(
        "addListMember", local="editlname", domain="editdomain", member="newmember"
    ),
    "remove_member": _acting("removeListMember", local="lname", domain="domain", member="member"),
    "all_forwards": _reading("getAllForwardsDomain", "domain"),
    "dkim": _reading("getDKIM", "domain"),
    "enable_dkim": _setting("enableDKIM", domain="domain"),
    "disable_dkim": _setting("disableDKIM", domain="domain"),
    "mailbox_sign_in": Operation(
        action="login",
        fields={**_BOX, "password": "password"},
        silence=Silence.LOOK,  # the one-time password may be spent
        api=USER_API,
        secret=True,
    ),
    "forwards": Operation(action="getForwards", api=USER_API),
    "add_forward": _acting("addForward", USER_API, target="newforward"),
    "remove_forward": _acting("removeForward", USER_API, target="forward"),
}  # fmt: skip

# Our name for a fact, and the member that holds it.
MEMBERS: dict[str, dict[str, str]] = {
    "domain": {"id": "id", "name": "domain", "active": "active"},
    "domain_info": {
        "active": "active", "mailboxes": "vusers", "aliases": "aliases", "lists": "lists",
    },
    "mailbox": {
        "local": "username", "name": "uname", "type": "account_type", "quota": "quota",
        "usage": "usage", "disabled": "disabled", "last_login": "lastauth_timestamp",
    },
    "alias": {"local": "alias", "target": "forward"},
    "list": {"local": "lname"},
    "member": {"address": "member"},
    "forward": {"local": "username", "target": "forward"},
    "domain_alias": {"name": "alias_domain"},
    "dkim": {"enabled": "dkim_enabled", "host": "dkim_host", "key": "dkim_key"},
    "dkim_made": {"host": "dkimhost", "key": "dkimkey"},
    "verification": {"value": "value"},
    "stats": {
        "domains": "curdomains", "most_domains": "maxdomains",
        "basic": "curemails", "most_basic": "maxemails",
        "enhanced": "cureemails", "most_enhanced": "maxeemails",
    },
}  # fmt: skip
CODE, DATA, META, TOTAL, TOKEN = "returncode", "returndata", "meta", "all", "token"

SECRET_NAMES = frozenset(
    {
        "password", "password1", "password2", "editpassword", "token", "otp",
        "newlogo", "brand[newlogo]", "dkim_key", "dkimkey",
    }
)  # fmt: skip


def facts(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an answer under our own names; None for what is not there."""
    return {ours: row.get(theirs) for ours, theirs in MEMBERS[kind].items()}
