"""Who is calling: name and password with each call, sessions, temporary keys."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from provisioning.modules.ispmanager.simulator.call import Call, Function, Refused, done
from provisioning.modules.ispmanager.simulator.documents import El
from provisioning.modules.ispmanager.simulator.model import ADMIN_LEVEL, Person
from provisioning.modules.ispmanager.simulator.state import State
from provisioning.modules.ispmanager.simulator.variants import Variants

_SHORTEST_KEY = 16


def caller(state: State, variants: Variants, params: Mapping[str, str]) -> Person:
    """Refused("auth") when nobody is signed in."""
    if params.get("auth"):
        return _by_session(state, variants, params["auth"])
    name, colon, password = params.get("authinfo", "").partition(":")
    if not colon or not variants.authinfo_allowed or variants.two_factor:
        raise Refused("auth", "badpassword", "remote_addr: [127.0.0.1]")
    return _by_password(state, name, password)


def _by_password(state: State, name: str, password: str) -> Person:
    person = state.people.get(name)
    if person is None or person.password != password or not person.active:
        raise Refused("auth", "badpassword", "remote_addr: [127.0.0.1]")
    return person


def _by_session(state: State, variants: Variants, sid: str) -> Person:
    """Each request makes the session live on."""
    login, end = state.sessions.get(sid, ("", 0.0))
    if end <= state.now or login not in state.people:
        raise Refused("auth", "session")
    state.sessions[sid] = (login, state.now + variants.session_seconds)
    return state.people[login]


def sign_in(state: State, variants: Variants, params: Mapping[str, str]) -> list[El]:
    """`func=auth`, with a password or with a key that works once."""
    login, key = params.get("username", ""), params.get("key", "")
    if key:
        person = _by_key(state, login, key)
    else:
        if variants.two_factor:
            raise Refused("auth", "badpassword")
        person = _by_password(state, login, params.get("password", ""))
    sid = secrets.token_hex(12)
    state.sessions[sid] = (person.name, state.now + variants.session_seconds)
    return [El("auth", sid, {"id": sid, "level": str(person.level)})]


def _by_key(state: State, login: str, key: str) -> Person:
    end = state.keys.pop((login, key), 0.0)
    person = state.people.get(login)
    if end <= state.now or person is None or not person.active:
        raise Refused("auth", "badkey")
    return person


def new_key(call: Call) -> list[El]:
    login = call.text("username") or call.text("user")
    key = call.text("key")
    if len(key) < _SHORTEST_KEY or not key.isalnum():
        raise Refused("value", "key", key)
    person = call.state.people.get(login)
    if person is None:
        raise Refused("missed", "user", login)
    if login != call.who.name and not _below(call, person):
        raise Refused("access", "session.newkey")
    call.state.keys[(login, key)] = call.now + call.variants.key_seconds
    return done()


def _below(call: Call, person: Person) -> bool:
    return person.level < call.who.level and call.may_see(person.name)


def who_am_i(call: Call) -> list[El]:
    return [El("user", "", {"name": call.who.name, "level": str(call.who.level)})]


def licence(call: Call) -> list[El]:
    return [
        El("panel_name", f"ispmanager {call.variants.edition}"),
        El("panel_info", "6.98.2"),
        El("core_info", "5.400.1"),
        El("repository", "stable"),
    ]


def end_session(call: Call) -> list[El]:
    for sid in call.keys:
        call.state.sessions.pop(sid, None)
    return done()


FUNCTIONS = {
    "session.newkey": Function(new_key, writes=True),
    "session.delete": Function(end_session, ADMIN_LEVEL),
    "whoami": Function(who_am_i),
    "license.info": Function(licence, 24),
}
