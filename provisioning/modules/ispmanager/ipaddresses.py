"""Own IP addresses of an account. Each call gives one more, so they are counted before each."""

from __future__ import annotations

import ipaddress

from provisioning.contract import Account, NotFound, PermanentError, TemporaryError, unless_done
from provisioning.modules.ispmanager.accounts import owner_of
from provisioning.modules.ispmanager.answers import Node
from provisioning.modules.ispmanager.client import wait_until
from provisioning.modules.ispmanager.scope import Scope
from provisioning.modules.ispmanager.settings import setting

FAMILIES = {"ip": "ipv4", "ipv6": "ipv6"}  # by the code of the configurable option
MOST = 64


def wanted(account: Account) -> dict[str, int]:
    """By family. The main address is one of those that were ordered, or one more than none."""
    main = setting(account.settings, "main_ip")
    return {
        family: max(_quantity(account.options.get(code)), int(main == family))
        for code, family in FAMILIES.items()
    }


def settle(scope: Scope) -> dict[str, list[str]]:
    """As many of each family as ordered; what to store. Takes back only what we gave."""
    goal, ours = wanted(scope.account), _ours(scope)
    if not (any(goal.values()) or ours):
        return {}
    for family, most in goal.items():
        ours += _give(scope, family, most)
        ours = _take_back(scope, family, most, ours)
    return {"addresses": list(dict.fromkeys(ours))}


def present(scope: Scope) -> dict[str, list[str]]:
    rows = scope.client.rows("ipaddr", {"su": scope.login})
    mine = [row for row in rows if _is_own(row, scope.login)]
    found: dict[str, list[str]] = {family: [] for family in FAMILIES.values()}
    for row in mine:
        family = _family(row)
        if family in found:
            found[family].append(row.value("name"))
    return found


def _give(scope: Scope, family: str, most: int) -> list[str]:
    """Those that the account has now, when it is one that we made; else those added here."""
    before = now = present(scope)[family]
    while len(now) < most:
        now = _one_more(scope, family, now)
    return [address for address in now if address not in before or not _adopted(scope)]


def _one_more(scope: Scope, family: str, had: list[str]) -> list[str]:
    body = {"iprole": "assigned", "iptype": family, "name": "", "owner": scope.login}

    def has_more() -> bool:
        return len(present(scope)[family]) > len(had)

    try:
        unless_done(lambda: scope.client.apply("ipaddr.edit", body), has_more)
    except NotFound as error:
        raise PermanentError(f"The panel gave no {family} address: {error.detail}") from None
    if not wait_until(scope.client, has_more):
        raise TemporaryError(f"The panel accepted an {family} address and does not list it yet.")
    return present(scope)[family]


def _take_back(scope: Scope, family: str, most: int, ours: list[str]) -> list[str]:
    """The last ones first, so that a main address goes last."""
    now = present(scope)[family]
    surplus = len(now) - most
    removable = [address for address in reversed(now) if address in ours][: max(0, surplus)]
    for address in removable:
        try:
            scope.client.act("ipaddr.delete", address)
        except NotFound:
            continue
    gone = {address for address in ours if _kind(address) == family and address not in now}
    return [address for address in ours if address not in {*removable, *gone}]


def _ours(scope: Scope) -> list[str]:
    stored = scope.account.data.get("addresses")
    return [str(address) for address in stored] if isinstance(stored, list) else []


def _adopted(scope: Scope) -> bool:
    return bool(scope.account.data.get("adopted"))


def _is_own(row: Node, login: str) -> bool:
    return row.value("iprole") == "assigned" and owner_of(row) in ("", login)


def _family(row: Node) -> str:
    return row.value("iptype").lower() or _kind(row.value("name"))


def _kind(address: str) -> str:
    try:
        return f"ipv{ipaddress.ip_address(address).version}"
    except ValueError:
        return ""


def _quantity(value: object) -> int:
    text = str(value or "0").strip()
    return min(int(text), MOST) if text.isascii() and text.isdigit() else 0
