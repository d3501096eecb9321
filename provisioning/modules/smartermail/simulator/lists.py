"""vendor API: settings/domain/mailing-lists"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from provisioning.modules.smartermail.simulator.call import (
    Access,
    Call,
    Route,
    change,
    envelope,
    get,
    page,
    search,
)
from provisioning.modules.smartermail.simulator.errors import (
    INVALID_INPUT,
    NO_LIST,
    BusinessError,
    UnknownEntity,
)
from provisioning.modules.smartermail.simulator.inputs import (
    LOCAL_PART,
    is_address,
    merge,
    strings,
    text,
)
from provisioning.modules.smartermail.simulator.model import Domain, MailingList

PREFIX = "settings/domain/mailing-lists"
SUBSCRIBER, DIGEST, POSTER, BANNED = "subscriber", "digest-subscriber", "poster", "banned-user"
KINDS = (SUBSCRIBER, DIGEST, POSTER, BANNED)
POSTING_PERMISSIONS = range(3)

# subscriberType as a number or, in older clients, as a word
SUBSCRIBER_TYPES: dict[str, tuple[str, ...]] = {
    "0": (SUBSCRIBER,),
    "subscriber": (SUBSCRIBER,),
    "1": (DIGEST,),
    "digestsubscriber": (DIGEST,),
    "999": (SUBSCRIBER, DIGEST),
    "all": (SUBSCRIBER, DIGEST),
}

LIST_DEFAULTS: dict[str, Any] = {
    "description": "",
    "moderatorAddress": "",
    "postingPermissions": 1,
    "enableDigest": False,
    "doubleOptIn": False,
    "disableSubscriptions": False,
    "disableListCommand": False,
    "requirePassword": False,
    "password": "",
    "subject": "",
    "listToAddress": "",
    "listFromAddress": "",
    "listReplyToAddress": "",
    "sendSubscribeEmail": False,
    "sendUnsubscribeEmail": False,
    "showInGal": True,
    "disabled": False,
}


def list_all(call: Call) -> dict[str, Any]:
    return envelope({"items": [_item(call.domain, one) for one in call.domain.lists.values()]})


def add(call: Call) -> dict[str, Any]:
    domain, limit = call.domain, call.domain.settings["maxLists"]
    if limit and len(domain.lists) >= limit:
        raise BusinessError("The domain has reached its maximum number of mailing lists.")
    name = _new_name(domain, text(call.body, "listAddress"))
    settings = _merged(LIST_DEFAULTS, call.body)
    one = MailingList(call.state.next_list_id, name, call.state.stamp(), settings)
    call.state.next_list_id += 1
    domain.lists[one.id] = one
    return envelope({"item": _item(domain, one)})


def read_settings(call: Call) -> dict[str, Any]:
    return envelope({"item": _item(call.domain, _existing(call))})


def write_settings(call: Call) -> dict[str, Any]:
    one = _existing(call)
    name = text(call.body, "listAddress", one.name).partition("@")[0]
    if name.lower() != one.name.lower():
        name = _new_name(call.domain, name)
    one.settings = _merged(one.settings, call.body)
    one.name = name
    return envelope({})


def counts(call: Call) -> dict[str, Any]:
    one = _existing(call)
    return envelope(
        {
            "listSubscribers": len(one.of(SUBSCRIBER)),
            "digestSubscribers": len(one.of(DIGEST)),
            "posters": len(one.of(POSTER)),
            "bannedUsers": len(one.of(BANNED)),
            "customFields": 0,
            "messages": 0,
        }
    )


def delete(call: Call) -> dict[str, Any]:
    del call.domain.lists[_existing(call).id]
    return envelope({})


def delete_many(call: Call) -> dict[str, Any]:
    numbers = call.body.get("ints")
    if not isinstance(numbers, list):
        raise BusinessError(INVALID_INPUT)
    found = [_by_id(call.domain, number) for number in numbers]
    for one in found:
        call.domain.lists.pop(one.id, None)
    return envelope({})


def search_subscribers(call: Call) -> dict[str, Any]:
    one = _existing(call)
    wanted = str(call.body.get("subscriberType", 0)).lower()
    if wanted not in SUBSCRIBER_TYPES:
        raise BusinessError(INVALID_INPUT)
    addresses = [address for kind in SUBSCRIBER_TYPES[wanted] for address in one.of(kind)]
    return _found(call, addresses)


def searcher(kind: str) -> Callable[[Call], dict[str, Any]]:
    return lambda call: _found(call, _existing(call).of(kind))


def adder(kind: str) -> Callable[[Call], dict[str, Any]]:
    """A JSON array of addresses, or ``{"data": [...]}``; those already there are left alone."""

    def add_members(call: Call) -> dict[str, Any]:
        one, given = _existing(call), _addresses(call)
        if not all(is_address(address) for address in given):
            raise BusinessError("MAILING_LIST_ERROR_INVALID_ADDRESS")
        members = one.of(kind)
        known = {address.lower() for address in members}
        for address in given:
            if address.lower() not in known:
                members.append(address)
                known.add(address.lower())
        return envelope({})

    return add_members


def remover(kind: str) -> Callable[[Call], dict[str, Any]]:
    def remove_members(call: Call) -> dict[str, Any]:
        gone = {address.lower() for address in _addresses(call)}
        _keep(_existing(call), kind, gone)
        return envelope({})

    return remove_members


def remove_all(call: Call) -> dict[str, Any]:
    _existing(call).members[SUBSCRIBER] = []
    return envelope({})


def read_subscriptions(call: Call) -> dict[str, Any]:
    email = call.args["email"].lower()
    numbers = [one.id for one in call.domain.lists.values() if _has(one, email)]
    return envelope({"emailAddress": call.args["email"], "subscribedLists": numbers})


def write_subscriptions(call: Call) -> dict[str, Any]:
    """The address ends up on exactly the lists named."""
    email, wanted = call.args["email"], call.body.get("subscribedLists")
    if not isinstance(wanted, list) or not is_address(email):
        raise BusinessError(INVALID_INPUT)
    chosen = {_by_id(call.domain, number).id for number in wanted}
    for one in call.domain.lists.values():
        if one.id not in chosen:
            _keep(one, SUBSCRIBER, {email.lower()})
        elif not _has(one, email.lower()):
            one.of(SUBSCRIBER).append(email)
    return envelope({})


def _item(domain: Domain, one: MailingList) -> dict[str, Any]:
    return {
        "id": one.id,
        "listAddress": one.name,
        "listCommandAddress": domain.address("stserv"),
        "status": "Disabled" if one.settings["disabled"] else "Enabled",
        "createdOn": one.created,
        "listSubscriberCount": len(one.of(SUBSCRIBER)),
        "digestSubscriberCount": len(one.of(DIGEST)),
        "posterCount": len(one.of(POSTER)),
        "bannedUserCount": len(one.of(BANNED)),
        **one.settings,
        "prependSubject": bool(one.settings["subject"]),
    }


def _merged(old: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    merged = merge(old, given, LIST_DEFAULTS)
    if merged["postingPermissions"] not in POSTING_PERMISSIONS:
        raise BusinessError(INVALID_INPUT)
    return merged


def _existing(call: Call) -> MailingList:
    return _by_id(call.domain, call.args["id"])


def _by_id(domain: Domain, number: object) -> MailingList:
    digits = str(number)
    one = domain.lists.get(int(digits)) if digits.isdecimal() else None
    if one is None:
        raise UnknownEntity(NO_LIST)
    return one


def _new_name(domain: Domain, given: str) -> str:
    local, at, host = given.partition("@")
    if not LOCAL_PART.fullmatch(local) or (at and host.lower() != domain.name.lower()):
        raise BusinessError("MAILING_LIST_ADD_ERROR_INVALID_NAME")
    if domain.name_in_use(local):
        raise BusinessError("MAILING_LIST_ADD_ERROR_NAME_IN_USE")
    return local


def _addresses(call: Call) -> list[str]:
    sent = call.json()
    return strings(sent.get("data") if isinstance(sent, dict) else sent)


def _found(call: Call, addresses: list[str]) -> dict[str, Any]:
    rows = [{"emailAddress": address, "bounceCount": 0} for address in addresses]
    found, total = page(rows, call.body, fields=("emailAddress",))
    return envelope({"items": found, "total": total})


def _has(one: MailingList, email: str) -> bool:
    return any(address.lower() == email for address in one.of(SUBSCRIBER))


def _keep(one: MailingList, kind: str, gone: set[str]) -> None:
    one.members[kind] = [address for address in one.of(kind) if address.lower() not in gone]


DA = Access.DOMAIN

ROUTES: tuple[Route, ...] = (
    get(f"{PREFIX}/list", DA, list_all),
    change(f"{PREFIX}/add", DA, add),
    change(f"{PREFIX}/delete-bulk", DA, delete_many),
    get(f"{PREFIX}/{{id}}/settings", DA, read_settings),
    change(f"{PREFIX}/{{id}}/settings", DA, write_settings),
    get(f"{PREFIX}/{{id}}/counts", DA, counts),
    change(f"{PREFIX}/{{id}}/delete", DA, delete),
    search(f"{PREFIX}/{{id}}/subscriber-search", DA, search_subscribers),
    search(f"{PREFIX}/{{id}}/poster-search", DA, searcher(POSTER)),
    search(f"{PREFIX}/{{id}}/banned-user-search", DA, searcher(BANNED)),
    change(f"{PREFIX}/{{id}}/subscriber-remove-all", DA, remove_all),
    *(change(f"{PREFIX}/{{id}}/{kind}-add", DA, adder(kind)) for kind in KINDS),
    *(change(f"{PREFIX}/{{id}}/{kind}-remove", DA, remover(kind)) for kind in KINDS),
    get(f"{PREFIX}/subscribers/{{email}}/{{id}}", DA, read_subscriptions),
    change(f"{PREFIX}/subscribers/{{email}}/edit/{{id}}", DA, write_subscriptions),
)
