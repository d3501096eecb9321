"""Users and resellers: lists, forms, creation, suspension, removal."""

from __future__ import annotations

import re
from collections.abc import Callable

from provisioning.modules.ispmanager.simulator import hosting
from provisioning.modules.ispmanager.simulator.call import (
    DOMAIN_NAME,
    Call,
    Function,
    Refused,
    done,
    listing,
)
from provisioning.modules.ispmanager.simulator.documents import El, fields, row
from provisioning.modules.ispmanager.simulator.model import (
    ADMIN_LEVEL,
    RESELLER_LEVEL,
    USER_LEVEL,
    Mailbox,
    Person,
)
from provisioning.modules.ispmanager.simulator.stats import check_use, disk_used

LOGIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,31}")
NOUNS = {USER_LEVEL: "user", RESELLER_LEVEL: "reseller"}
_RESOURCES = ("limit_cpu", "limit_memory", "limit_process", "limit_email_quota", "limit_dbsize")
_TEXTS = ("fullname", "comment", "email")


def persons(level: int) -> Callable[[Call], list[El]]:
    def run(call: Call) -> list[El]:
        boxes = call.state.mail_by_owner()

        def row_of(person: Person) -> El:
            return _row(call, person, boxes.get(person.name, []))

        return listing(call, call.persons(level), row_of)

    return run


def _row(call: Call, person: Person, boxes: list[Mailbox]) -> El:
    marked = call.variants.marks == "list"
    limits = {name: text or None for name, text in person.limits.items() if text.isdigit()}
    quota = person.limits.get("limit_quota") or None
    with_owner = call.variants.has_resellers
    group = "*admins" if call.variants.edition == "Business" and person.owner == "root" else ""
    return row(
        {
            "name": person.name,
            "fullname": person.fullname or None,
            "comment": person.comment if marked and person.comment else None,
            "owner": person.owner + group if with_owner else None,
            "level": str(person.level),
            "preset": person.preset or None,
            "active": "on" if person.active else "off",
            "quota_total": quota if call.variants.quotas else None,
            "quota_used": disk_used(person, boxes) if call.variants.quotas else None,
            **limits,
        }
    )


def edit(level: int) -> Callable[[Call], list[El]]:
    """Without `sok` the form; with it a change, or a creation when no key is named."""

    def run(call: Call) -> list[El]:
        if not call.elid:
            return create(call, level) if call.applies else fields({"name": "", "passwd": ""})
        person = call.person(call.elid, level)
        return _change(call, person) if call.applies else _form(call, person)

    return run


def _form(call: Call, person: Person) -> list[El]:
    comment = person.comment if call.variants.marks != "nowhere" else ""
    return fields(
        {
            "name": person.name,
            "fullname": person.fullname,
            "comment": comment,
            "preset": person.preset,
            "limit_brand_domain": person.brand_domain,
            **person.limits,
        }
    )


def _change(call: Call, person: Person) -> list[El]:
    limits = dict(person.limits)
    if call.has("preset") and call.text("preset") != "#custom":
        limits |= _preset(call, person.level)
    limits |= _limits(call, changing=True)
    check_use(call, person, limits)
    if call.has("passwd"):
        person.password = _password(call)
    person.preset = call.text("preset", person.preset)
    person.limits = limits
    _texts(call, person)
    return done()


def _texts(call: Call, person: Person) -> None:
    for name in _TEXTS[:2]:
        if call.has(name):
            setattr(person, name, call.text(name))


def create(call: Call, level: int) -> list[El]:
    """Every check comes first: a refused creation leaves nothing behind."""
    name = call.text("name")
    if not LOGIN.fullmatch(name):
        raise Refused("value", "name", name)
    if call.state.taken(name):
        raise Refused("exists", NOUNS[level], name)
    password, owner = _password(call), _owner(call)
    limits = _preset(call, level) | _limits(call, changing=False)
    brand = _brand_domain(call) if level == RESELLER_LEVEL else ""
    first = hosting.FirstThings.wanted(call) if level == USER_LEVEL else None
    late = call.now + call.variants.late_seconds
    person = Person(name, password, level=level, owner=owner, preset=call.text("preset"))
    person.limits, person.brand_domain, person.seen_from = limits, brand, late
    _texts(call, person)
    call.state.people[name] = person
    if first:
        first.give(call, person, late)
    return done(name)


def _owner(call: Call) -> str:
    if call.caller.level == RESELLER_LEVEL:
        users = [one for one in call.state.people.values() if one.owner == call.caller.name]
        most = call.caller.limits.get("limit_users", "")
        if most.isdigit() and len(users) >= int(most):
            raise Refused("limit", "limit_users", most)
        return call.caller.name
    wanted = call.text("owner", "root")
    if wanted != "root" and wanted not in call.state.people:
        raise Refused("missed", "owner", wanted)
    return wanted


def _password(call: Call) -> str:
    password = call.text("passwd")
    if not call.variants.shortest_password <= len(password) <= 128:
        raise Refused("value", "passwd", password)
    if call.has("confirm") and call.text("confirm") not in (password, "*"):
        raise Refused("value", "confirm", call.text("confirm"))
    return password


def _preset(call: Call, level: int) -> dict[str, str]:
    name = call.text("preset")
    if name in ("", "#custom"):
        return {}
    found = call.state.presets.get(name)
    if found is None or found.level != level:
        raise Refused("missed", "preset", name)
    return dict(found.limits)


def _limits(call: Call, *, changing: bool) -> dict[str, str]:
    sent = {name: text for name, text in call.params.items() if name.startswith("limit_")}
    sent.pop("limit_brand_domain", None)
    for name, text in sent.items():
        if not re.fullmatch(r"[a-z0-9_-]*", text):
            raise Refused("value", name, text)
    if changing and call.variants.edit_reset == "ignored":
        sent = {name: text for name, text in sent.items() if text}
    if not call.variants.has_resource_limits:
        sent = {name: text for name, text in sent.items() if name not in _RESOURCES}
    return sent


def _brand_domain(call: Call) -> str:
    name = call.text("limit_brand_domain")
    if not name:
        return ""
    if not DOMAIN_NAME.fullmatch(name):
        raise Refused("value", "limit_brand_domain", name)
    if any(one.brand_domain == name for one in call.state.people.values()):
        raise Refused("exists", "limit_brand_domain", name)
    return name


def switch(level: int, *, active: bool) -> Callable[[Call], list[El]]:
    def run(call: Call) -> list[El]:
        for person in [call.person(key, level) for key in call.keys]:
            person.active = active
            for other in call.state.people.values():
                if other.owner == person.name and level == RESELLER_LEVEL:
                    other.active = active
        return done()

    return run


def delete(level: int) -> Callable[[Call], list[El]]:
    def run(call: Call) -> list[El]:
        for person in [call.person(key, level) for key in call.keys]:
            users = [one for one in call.state.people.values() if one.owner == person.name]
            for each in [*users, person]:
                _remove(call, each)
        return done()

    return run


def _remove(call: Call, person: Person) -> None:
    call.state.forget(person.name)
    if call.variants.late_seconds:
        person.seen_until = call.now + call.variants.late_seconds
    else:
        del call.state.people[person.name]


def own_settings(call: Call) -> list[El]:
    """`usrparam`, of whom we act as."""
    if not call.applies:
        return fields({"name": call.who.name})
    if call.has("passwd"):
        call.who.password = _password(call)
    return done()


def ftp_user(call: Call) -> list[El]:
    if call.elid not in call.who.ftp_users:
        raise Refused("missed", "ftp_user", call.elid)
    if call.applies:
        call.who.ftp_users[call.elid] = _password(call)
        return done()
    return fields({"name": call.elid, "home": "/"})


def _of(level: int, *, caller: int, needs: str = "") -> dict[str, Function]:
    noun = NOUNS[level]
    return {
        noun: Function(persons(level), caller, needs),
        f"{noun}.edit": Function(edit(level), caller, needs, writes=True),
        f"{noun}.suspend": Function(switch(level, active=False), caller, needs, writes=True),
        f"{noun}.resume": Function(switch(level, active=True), caller, needs, writes=True),
        f"{noun}.delete": Function(delete(level), caller, needs, writes=True),
    }


def _add_user(call: Call) -> list[El]:
    return create(call, USER_LEVEL) if call.applies else fields({"name": "", "passwd": ""})


FUNCTIONS = {
    **_of(USER_LEVEL, caller=RESELLER_LEVEL),
    **_of(RESELLER_LEVEL, caller=ADMIN_LEVEL, needs="has_resellers"),
    "user.add": Function(_add_user, RESELLER_LEVEL, writes=True),
    "user.add.finish": Function(_add_user, RESELLER_LEVEL, writes=True),
    "usrparam": Function(own_settings, writes=True),
    "ftp.user.edit": Function(ftp_user, writes=True),
}
