"""One call: who asks, as whom, with which parameters, and the ways to refuse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from provisioning.modules.ispmanager.simulator.documents import El
from provisioning.modules.ispmanager.simulator.model import (
    ADMIN_LEVEL,
    RESELLER_LEVEL,
    USER_LEVEL,
    Person,
)
from provisioning.modules.ispmanager.simulator.state import State
from provisioning.modules.ispmanager.simulator.variants import Variants

T = TypeVar("T")
DOMAIN_NAME = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
LOCAL_PART = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_MESSAGES = {
    "exists": "__object__ with '__value__' already exists",
    "missed": "__object__ '__value__' not found",
    "value": "Field '__object__' has invalid value '__value__'",
    "limit": "Limit '__object__' is reached: __value__",
    "access": "Insufficient privileges to access '__object__'",
    "auth": "Invalid username or password",
    "license": "Your licence does not allow '__object__'",
}


class Refused(Exception):
    def __init__(self, type: str, object: str = "", value: str = "") -> None:
        super().__init__(type, object, value)
        self.type = type
        self.object = object
        self.value = value

    def element(self, variants: Variants) -> El:
        value = self.value if variants.echoes_values else ""
        text = _MESSAGES.get(self.type, self.value)
        said = text.replace("__object__", self.object).replace("__value__", value)
        attributes = {"type": self.type, "object": self.object, "lang": "en", "code": "1"}
        children = [
            El("param", self.object, {"name": "object", "type": "msg"}),
            El("param", value, {"name": "value"}),
            El("stack", "", {}, [El("action", self.object, {"level": str(ADMIN_LEVEL)})]),
            El("group", text),
            El("detail", said + " "),
            El("msg", said + " "),
        ]
        return El("error", "", attributes, children)


@dataclass(slots=True)
class Call:
    """`who` acts (after `su`), `caller` signed in."""

    state: State
    variants: Variants
    params: Mapping[str, str]
    who: Person
    caller: Person
    key: str = field(default="")

    def text(self, name: str, default: str = "") -> str:
        return self.params.get(name, default)

    def has(self, name: str) -> bool:
        return name in self.params

    def switch(self, name: str, present: bool) -> bool:
        return self.params[name] == "on" if name in self.params else present

    @property
    def applies(self) -> bool:
        return bool(self.params.get("sok"))

    @property
    def elid(self) -> str:
        return self.text("elid")

    @property
    def keys(self) -> list[str]:
        """Group actions take several, joined by a comma and a space."""
        found = [key for key in self.elid.split(", ") if key]
        if not found:
            raise Refused("missed", "elid")
        return found

    @property
    def now(self) -> float:
        return self.state.now

    def may_see(self, owner: str) -> bool:
        """Whether what belongs to this login is shown to whom we act as."""
        if self.who.level >= ADMIN_LEVEL or owner == self.who.name:
            return True
        person = self.state.people.get(owner)
        mine = person is not None and person.owner == self.who.name
        return self.who.level == RESELLER_LEVEL and mine

    def persons(self, level: int) -> list[Person]:
        """Listed ones of this level that we may see."""
        return [
            person
            for person in self.state.people.values()
            if person.level == level and person.listed(self.now) and self.may_see(person.name)
        ]

    def person(self, name: str, level: int) -> Person:
        found = self.state.people.get(name)
        gone = found is None or found.level != level or found.seen_until is not None
        if found is None or gone or not self.may_see(name):
            raise Refused("missed", "user" if level == USER_LEVEL else "reseller", name)
        return found


def done(key: str = "") -> list[El]:
    return [El("ok"), *([El("id", key)] if key else [])]


def listing(
    call: Call, items: Iterable[T], row: Callable[[T], El], *, key: str = "name"
) -> list[El]:
    """One page, with what the panel says of all of them."""
    everything = list(items)
    asked = call.text("p_cnt")
    size = min(int(asked) if asked.isdigit() and int(asked) else 50, call.variants.page_rows)
    number = int(call.text("p_num", "1")) if call.variants.follows_pages else 1
    page = everything[(number - 1) * size : number * size]
    func = call.text("func")
    notes = [El("metadata", "", {"name": func, "type": "list", "key": key, "mgr": "ispmgr"})]
    if call.variants.tells_total:
        notes += [El("p_cnt", str(size)), El("p_elems", str(len(everything)))]
        notes += [El("p_num", str(number))]
    return [*map(row, page), *notes]


Handler = Callable[[Call], list[El]]


@dataclass(frozen=True, slots=True)
class Function:
    """`level` is the lowest that may call it; `needs` a property of the variants."""

    run: Handler
    level: int = USER_LEVEL
    needs: str = ""
    writes: bool = False
