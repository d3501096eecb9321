"""Stripe's form encoding: `metadata[attempt]=x`, `line_items[0][quantity]=1`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from billing.gateways.stripe.simulator.errors import Refused

KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
PART = re.compile(r"\[([^\[\]]*)\]")


def decode(text: str) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        found = KEY.match(name)
        if found is None:
            raise Refused(f"Invalid request: {name}")
        _put(tree, [found[1], *PART.findall(found[2])], value)
    return {name: _listed(value) for name, value in tree.items()}


def _put(tree: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
        if not isinstance(tree, dict):
            raise Refused("Invalid request: a value and a hash under one name")
    tree[path[-1] or str(len(tree))] = value


def _listed(value: Any) -> Any:
    """A hash whose keys are numbers is a list."""
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(each) for name, each in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def only(params: dict[str, Any], known: Iterable[str]) -> None:
    for name in params:
        if name not in known and name != "expand":
            raise Refused(
                f"Received unknown parameter: {name}", code="parameter_unknown", param=name
            )


def needed(params: dict[str, Any], name: str) -> Any:
    if params.get(name) in (None, "", [], {}):
        raise Refused(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return params[name]


def integer(params: dict[str, Any], name: str) -> int:
    text = str(needed(params, name))
    if not re.fullmatch(r"-?\d{1,12}", text):
        raise Refused(f"Invalid integer: {text}", code="parameter_invalid_integer", param=name)
    return int(text)


def flag(params: dict[str, Any], name: str) -> bool:
    text = params.get(name, "false")
    if text not in ("true", "false"):
        raise Refused(f"Invalid boolean: {text}", param=name)
    return bool(text == "true")


def texts(params: dict[str, Any], name: str) -> dict[str, str]:
    found = params.get(name) or {}
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise Refused(f"Invalid hash: {name}", param=name)
    return dict(found)
