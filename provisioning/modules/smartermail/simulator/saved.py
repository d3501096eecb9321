"""The state as a JSON object and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from provisioning.modules.smartermail.simulator.model import (
    DEFAULT_SETTINGS,
    Alias,
    Dkim,
    DkimKey,
    Domain,
    Forward,
    MailingList,
    User,
)
from provisioning.modules.smartermail.simulator.state import State

FORMAT = 1


def dump(state: State) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "domains": [asdict(domain) for domain in state.domains.values()],
        "kept_files": sorted(state.kept_files),
        "txt": state.txt,
        "mx": sorted(state.mx),
        "next_list_id": state.next_list_id,
    }


def restore(state: State, data: dict[str, Any]) -> None:
    if data.get("format") != FORMAT:
        raise ValueError("the state file was written by another version of the simulator")
    for raw in data["domains"]:
        domain = _domain(raw)
        state.domains[domain.name.lower()] = domain
        state.alias_owner.update(dict.fromkeys(domain.domain_aliases, domain.name.lower()))
    state.kept_files = set(data["kept_files"])
    state.txt = data["txt"]
    state.mx = set(data["mx"])
    state.next_list_id = data["next_list_id"]


def _domain(raw: dict[str, Any]) -> Domain:
    raw = {**raw, "settings": {**DEFAULT_SETTINGS, **raw["settings"]}}
    raw["users"] = {name: _user(user) for name, user in raw["users"].items()}
    raw["aliases"] = {name: Alias(**alias) for name, alias in raw["aliases"].items()}
    raw["lists"] = {int(number): MailingList(**one) for number, one in raw["lists"].items()}
    raw["dkim"] = _dkim(raw["dkim"])
    return Domain(**raw)


def _user(raw: dict[str, Any]) -> User:
    return User(**{**raw, "forward": Forward(**raw["forward"])})


def _dkim(raw: dict[str, Any]) -> Dkim:
    keys = {name: DkimKey(**raw[name]) if raw[name] else None for name in ("active", "pending")}
    return Dkim(**{**raw, **keys})
