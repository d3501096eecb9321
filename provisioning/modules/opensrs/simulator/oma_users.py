"""OMA methods on accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provisioning.modules.opensrs.simulator import judge
from provisioning.modules.opensrs.simulator.call import Body, Call, Handler, matches
from provisioning.modules.opensrs.simulator.errors import Refused
from provisioning.modules.opensrs.simulator.model import Account, Domain

_DEFAULT_FIELDS = ("workgroup", "status")
_ALWAYS = ("user", "type", "id", "alias_target")
_HOURS = 744


def get_user(call: Call) -> Body:
    account = call.state.account(call.text("user"))
    hidden = {"password"}
    shown = {name: value for name, value in account.attributes.items() if name not in hidden}
    return {
        "type": account.kind,
        "attributes": {"account": account.address, "aliases": account.aliases, **shown},
        "settable_attributes": sorted(judge.USER_RULES),
        "metadata": {
            "2fa_enabled": False,
            "roles": {},
            "quota": {
                "bytes_max": account.quota,
                "bytes_used": account.bytes_used,
                "messages_max": 0,
                "messages_used": 0,
            },
            "folders": ["INBOX"],
            "createtime": account.created,
            "last_login": {"webmail": account.last_login} if account.last_login else {},
        },
    }


def change_user(call: Call) -> Body:
    address = judge.check_address(call.body.get("user"))
    attributes = dict(judge.check(call.body.get("attributes"), judge.USER_RULES))
    domain = call.state.domain_of(address)
    kind = attributes.pop("type", None)
    _check_values(attributes, address, domain)
    present = domain.accounts.get(address)
    if present is None:
        call.state.create_account(address, kind or "mailbox", attributes)
        return {}
    if call.body.get("create_only"):
        raise Refused(call.variants.exists_error)
    call.state.set_account(present, attributes)
    present.kind = kind or present.kind
    return {}


def delete_user(call: Call) -> Body:
    call.state.delete_account(call.state.account(call.text("user")))
    return {}


def rename_user(call: Call) -> Body:
    account = call.state.account(call.text("user"))
    new = judge.check_address(call.body.get("new_name"))
    domain = call.state.domain_of(account.address)
    if new.rpartition("@")[2] != domain.name:
        raise Refused(5)
    if new in domain.accounts or call.state.alias_owner(new):
        raise Refused(7)
    del domain.accounts[account.address]
    account.address = new
    domain.accounts[new] = account
    call.state.touch()
    return {}


def restore_user(call: Call) -> Body:
    new, number = call.text("new_name"), str(call.body.get("id") or "")
    if not number:
        raise Refused(5)
    call.state.restore_account(call.text("user").lower(), new.lower(), number)
    return {}


def search_users(call: Call) -> Body:
    criteria = call.criteria()
    if not criteria.get("domain"):
        raise Refused(5)
    domain = call.state.own_domain(str(criteria["domain"]), missing=9)
    found = _deleted_rows(call, domain) if criteria.get("deleted") else _rows(domain)
    wanted = [row for row in found if _fits(row, criteria)]
    fields = {*_ALWAYS, *(call.body.get("fields") or _DEFAULT_FIELDS)}
    if "forward" in fields:
        fields |= {"forward_recepient_count", "forward_recepient"}
    if criteria.get("deleted"):
        fields.add("delete_time")
    shown = [{name: value for name, value in row.items() if name in fields} for row in wanted]
    return call.page(sorted(shown, key=lambda row: str(row["user"])), "users")


def generate_token(call: Call) -> Body:
    account = call.state.account(call.text("user"))
    call.text("reason")
    kind = str(call.body.get("type") or "session")
    hours = int(call.body.get("duration") or 24)
    if kind not in ("oma", "session", "sso") or not 1 <= hours <= _HOURS:
        raise Refused(5)
    own = str(call.body.get("token") or "")
    # A token of one mailbox opens mail, never the programming interface.
    token = call.platform.tokens.issue(account.address, f"mail-{kind}", hours * 3600, text=own)
    return {"token": token, "duration": hours}


def logout_user(call: Call) -> Body:
    call.state.account(call.text("user"))
    return {}


def _check_values(attributes: dict[str, Any], address: str, domain: Domain) -> None:
    password, quota = attributes.get("password"), attributes.get("quota")
    if isinstance(password, str):
        judge.check_password(password, address, domain.attributes.get("password_strength"))
    most = domain.attributes.get("quota_maximum")
    if isinstance(quota, int) and isinstance(most, int) and quota > most * 1024**2:
        raise Refused(6, {"quota": "is larger than quota_maximum"})
    judge.check_recipients(attributes.get("forward_recipients") or [])


def _rows(domain: Domain) -> Iterator[Body]:
    for account in domain.accounts.values():
        yield _row(account)
        for alias in account.aliases:
            if alias.rpartition("@")[2] == domain.name:
                yield {
                    "user": alias,
                    "type": "alias",
                    "workgroup": account.workgroup,
                    "status": account.status,
                    "alias_target": account.address,
                }


def _deleted_rows(call: Call, domain: Domain) -> Iterator[Body]:
    for entry in call.state.restorable(domain):
        yield {**_row(entry.account), "status": "deleted", "delete_time": entry.at}


def _row(account: Account) -> Body:
    recipients = account.attributes.get("forward_recipients") or []
    return {
        "user": account.address,
        "type": account.kind,
        "workgroup": account.workgroup,
        "status": account.status,
        "id": account.number,
        "createtime": account.created,
        "lastlogin": account.last_login,
        "forward_recepient_count": len(recipients),
        "forward_recepient": recipients,
    }


def _fits(row: Body, criteria: Body) -> bool:
    address = str(row["user"])
    return (
        row["type"] in (criteria.get("type") or (row["type"],))
        and row["status"] in (criteria.get("status") or (row["status"],))
        and row["workgroup"] == criteria.get("workgroup", row["workgroup"])
        and matches(criteria.get("match"), address, address.partition("@")[0])
    )


METHODS: dict[str, Handler] = {
    handler.__name__: handler
    for handler in (
        get_user, change_user, delete_user, rename_user, restore_user, search_users,
        generate_token, logout_user,
    )
}  # fmt: skip
