"""APP's commands on accounts. MAILBOX values are local parts."""

from __future__ import annotations

from provisioning.modules.opensrs.simulator import judge
from provisioning.modules.opensrs.simulator.app_call import AppCall, Command, Refusal, Reply, local
from provisioning.modules.opensrs.simulator.errors import Refused
from provisioning.modules.opensrs.simulator.model import GB, Account

_KIND_OF_LIMIT = {"mailbox": "mailbox", "forward": "forward_only", "filter": "filter_only"}
_TEXTS = ("title", "phone", "fax")
_SUSPENSIONS = {
    "smtpin": ("service_smtpin",),
    "smtprelay": ("service_smtprelay", "service_smtprelay_webmail"),
    "imap": ("service_imap4",),
    "pop": ("service_pop3",),
    "webmail": ("service_webmail",),
}
_MB = 1024**2


def create_mailbox(call: AppCall) -> Reply:
    password, address = call.text("password"), call.address()
    judge.check_password(password, address, None)
    attributes = {"workgroup": call.text("workgroup"), "password": password, **_person(call)}
    _create(call, address, "mailbox", attributes)
    return {}


def change_mailbox(call: AppCall) -> Reply:
    account = call.account()
    attributes: dict[str, object] = {**_person(call, account)}
    if "password" in call.attributes:
        judge.check_password(call.text("password"), account.address, None)
        attributes["password"] = call.text("password")
    if "workgroup" in call.attributes:
        attributes["workgroup"] = call.text("workgroup")
    if not attributes:
        raise Refusal(7, "Nothing to change")
    call.state.set_account(account, attributes)
    return {}


def get_mailbox(call: AppCall) -> Reply:
    return _record(call.account("mailbox", "mailbox", "filter"))


def get_mailbox_any(call: AppCall) -> Reply:
    owner = call.state.alias_owner(call.address())
    if owner is None:
        return _record(call.account())
    record = {"MAILBOX": call.text("mailbox"), "TYPE": "alias", "WORKGROUP": owner.workgroup}
    if call.platform.variants.app_shows_alias_targets:
        record["ALIAS_MAILBOX"] = local(owner.address)
    return record


def delete_mailbox_any(call: AppCall) -> Reply:
    owner = call.state.alias_owner(call.address())
    if owner is None:
        call.state.delete_account(call.account())
        return {}
    rest = [alias for alias in owner.aliases if alias != call.address()]
    call.state.set_account(owner, {"aliases": rest})
    return {}


def create_alias_mailbox(call: AppCall) -> Reply:
    owner, alias = call.account(), call.address("alias_mailbox")
    limit = call.domain().limits.get("alias")
    if limit is not None and call.domain().alias_count() >= limit:
        raise Refused(16)
    call.state.set_account(owner, {"aliases": [*owner.aliases, alias]})
    return {}


def create_mailbox_forward_only(call: AppCall) -> Reply:
    to = _recipients(call)
    attributes = {"workgroup": call.text("workgroup"), "forward_recipients": to}
    _create(call, call.address(), "forward", {**attributes, "delivery_forward": True})
    return {}


def change_mailbox_forward_only(call: AppCall) -> Reply:
    account = call.account("mailbox", "forward")
    call.state.set_account(account, {"forward_recipients": _recipients(call)})
    return {}


def get_mailbox_forward_only(call: AppCall) -> Reply:
    account = call.account("mailbox", "forward")
    return {"FORWARD_EMAIL": ",".join(account.attributes.get("forward_recipients", []))}


def set_mailbox_suspension(call: AppCall) -> Reply:
    account = call.account()
    attributes: dict[str, object] = {}
    for name, services in _SUSPENSIONS.items():
        if name in call.attributes:
            state = "suspended" if call.flag(name) else "enabled"
            attributes |= dict.fromkeys(services, state)
    call.state.set_account(account, attributes)
    return {}


def get_mailbox_suspension(call: AppCall) -> Reply:
    found = call.account().attributes
    return {
        name.upper(): "T" if found.get(services[0]) == "suspended" else "F"
        for name, services in _SUSPENSIONS.items()
    }


def set_mailbox_forward(call: AppCall) -> Reply:
    to = [one for one in call.attributes.get("forward", "").split(",") if one]
    judge.check_recipients(to)
    attributes = {
        "forward_recipients": to,
        "delivery_forward": call.flag("state"),
        "delivery_local": call.flag("keep_copy"),
    }
    call.state.set_account(call.account(), attributes)
    return {}


def get_mailbox_forward(call: AppCall) -> Reply:
    found = call.account("mailbox", "mailbox").attributes
    return {
        "FORWARD": ",".join(found.get("forward_recipients", [])),
        "KEEP_COPY": "F" if found.get("delivery_local") is False else "T",
        "STATE": "T" if found.get("delivery_forward") else "F",
    }


def set_mailbox_autorespond(call: AppCall) -> Reply:
    text = call.attributes.get("text", "")
    attributes = {"autoresponder": text, "delivery_autoresponder": call.flag("state")}
    call.state.set_account(call.account(), attributes)
    return {}


def get_mailbox_autorespond(call: AppCall) -> Reply:
    found = call.account("mailbox", "mailbox").attributes
    state = "T" if found.get("delivery_autoresponder") else "F"
    return {"STATE": state, "TEXT": str(found.get("autoresponder", ""))}


def set_mailbox_quota(call: AppCall) -> Reply:
    quota = call.text("quota")
    if not quota.isdigit() or int(quota) * _MB > 100 * GB:
        raise Refusal(8, "QUOTA is no size")
    call.state.set_account(call.account(), {"quota": int(quota) * _MB})
    return {}


def get_mailbox_quota(call: AppCall) -> Reply:
    return {"QUOTA": str(call.account("mailbox", "mailbox").quota // _MB)}


def _create(call: AppCall, address: str, kind: str, attributes: dict[str, object]) -> None:
    domain = call.domain()
    limit = domain.limits.get(_KIND_OF_LIMIT[kind])
    if address not in domain.accounts and limit is not None and len(domain.of_kind(kind)) >= limit:
        raise Refused(15)
    call.state.create_account(address, kind, attributes)


def _person(call: AppCall, account: Account | None = None) -> dict[str, object]:
    given = call.attributes
    found: dict[str, object] = {name: given[name] for name in _TEXTS if name in given}
    if "spam_level" in given:
        found["spamlevel"] = given["spam_level"].title()
    if "first_name" in given or "last_name" in given:
        known = str(account.attributes.get("name", "")) if account else ""
        first, _, last = known.partition(" ")
        names = (given.get("first_name", first), given.get("last_name", last))
        found["name"] = " ".join(name for name in names if name)
    return found


def _record(account: Account) -> dict[str, str]:
    found = account.attributes
    first, _, last = str(found.get("name", "")).partition(" ")
    return {
        "MAILBOX": local(account.address),
        "DOMAIN": account.address.rpartition("@")[2],
        "TYPE": account.kind,
        "WORKGROUP": account.workgroup,
        "FIRST_NAME": first,
        "LAST_NAME": last,
        **{name.upper(): str(found.get(name, "")) for name in _TEXTS},
        "SPAM_LEVEL": str(found.get("spamlevel", "")).lower(),
    }


def _recipients(call: AppCall) -> list[str]:
    to = [one.strip() for one in call.text("forward_email").split(",") if one.strip()]
    judge.check_recipients(to)
    return to


COMMANDS: dict[str, Command] = {
    command.__name__: command
    for command in (
        create_mailbox, change_mailbox, get_mailbox, get_mailbox_any, delete_mailbox_any,
        create_alias_mailbox, create_mailbox_forward_only, change_mailbox_forward_only,
        get_mailbox_forward_only, set_mailbox_suspension, get_mailbox_suspension,
        set_mailbox_forward, get_mailbox_forward, set_mailbox_autorespond,
        get_mailbox_autorespond, set_mailbox_quota, get_mailbox_quota,
    )
}  # fmt: skip
