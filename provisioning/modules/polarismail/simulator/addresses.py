"""Actions on aliases, distribution lists and forwards."""

from __future__ import annotations

import re
from typing import Any

from provisioning.modules.polarismail.simulator.call import DONE, Action, Call, Refused
from provisioning.modules.polarismail.simulator.model import User

ADDRESS = re.compile(r"[^\s@<>,;\"]{1,64}@[a-z0-9.-]+\.[a-z0-9-]{2,}", re.IGNORECASE)


def add_alias(call: Call) -> str:
    domain = call.verified_domain()
    local = call.new_name(domain, "alias")
    target = call.text("forward").lower()
    name, _, host = target.partition("@")
    if host != domain.name or name not in domain.users:
        raise Refused("The mailbox of the alias does not exist")
    domain.aliases[local] = target
    return DONE


def remove_alias(call: Call) -> str:
    if call.domain().aliases.pop(call.text("alias").lower(), None) is None:
        raise Refused("Alias not found")
    return DONE


def list_aliases(call: Call) -> Any:
    domain = call.domain()
    rows = domain.aliases.items()
    return call.listing(
        [{"alias": local, "domain": domain.name, "forward": to} for local, to in rows]
    )


def add_list(call: Call) -> str:
    domain = call.verified_domain()
    if call.text("newlisttype") != "1":
        raise Refused("Invalid list type")
    domain.lists[call.new_name(domain, "newlname")] = []
    return DONE


def remove_list(call: Call) -> str:
    _members(call, "lname", "domain")
    del call.domain().lists[call.text("lname").lower()]
    return DONE


def list_lists(call: Call) -> Any:
    return call.listing([{"lname": name, "listtype": "1"} for name in call.domain().lists])


def list_members(call: Call) -> Any:
    return call.listing([{"member": member} for member in _members(call, "lname", "domain")])


def add_member(call: Call) -> str:
    members, member = _members(call, "editlname", "editdomain"), _address(call, "newmember")
    if member in members:
        raise Refused("This address is a member already")
    members.append(member)
    return DONE


def remove_member(call: Call) -> str:
    members, member = _members(call, "lname", "domain"), call.text("member").lower()
    if member not in members:
        raise Refused("Member not found")
    members.remove(member)
    return DONE


def all_forwards(call: Call) -> Any:
    users = call.domain().users.values()
    return call.listing(
        [
            {"username": user.username, "forward": forward}
            for user in users
            for forward in user.forwards
        ]
    )


def forwards(call: Call) -> Any:
    return call.listing([{"forward": forward} for forward in _owner(call).forwards])


def add_forward(call: Call) -> str:
    user, target = _owner(call), _address(call, "newforward")
    if target in user.forwards:
        raise Refused("This forward already exists")
    user.forwards.append(target)
    return DONE


def remove_forward(call: Call) -> str:
    user, target = _owner(call), call.text("forward").lower()
    if target not in user.forwards:
        raise Refused("Forward not found")
    user.forwards.remove(target)
    return DONE


def _members(call: Call, name: str, domain: str) -> list[str]:
    found = call.domain(domain).lists.get(call.text(name).lower())
    if found is None:
        raise Refused("List not found")
    return found


def _address(call: Call, name: str) -> str:
    value = call.text(name).lower()
    if not ADDRESS.fullmatch(value):
        raise Refused("Invalid email address")
    return value


def _owner(call: Call) -> User:
    local, _, name = call.owner.partition("@")
    domain = call.state.domains.get(name)
    user = domain.users.get(local) if domain else None
    if user is None:
        raise Refused("User not found")
    return user


ALIAS = ("alias", "domain")
LIST = ("lname", "domain")

ACTIONS: dict[str, Action] = {
    "addAlias": Action(add_alias, (*ALIAS, "forward"), writes=True),
    "removeAlias": Action(remove_alias, ALIAS, writes=True),
    "getAllAliasesDomain": Action(list_aliases, ("domain",)),
    "addList": Action(add_list, ("newlname", "domain", "newlisttype"), writes=True),
    "removeList": Action(remove_list, LIST, writes=True),
    "getAllListsDomain": Action(list_lists, ("domain",)),
    "getListMembers": Action(list_members, LIST),
    "addListMember": Action(add_member, ("editlname", "editdomain", "newmember"), writes=True),
    "removeListMember": Action(remove_member, (*LIST, "member"), writes=True),
    "getAllForwardsDomain": Action(all_forwards, ("domain",)),
}
USER_ACTIONS: dict[str, Action] = {
    "getForwards": Action(forwards),
    "addForward": Action(add_forward, ("newforward",), writes=True),
    "removeForward": Action(remove_forward, ("forward",), writes=True),
}
