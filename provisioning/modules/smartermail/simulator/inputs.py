"""Reading JSON the way the server does: wrong types are refused, unknown keys ignored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from provisioning.modules.smartermail.simulator.errors import INVALID_INPUT, BusinessError

LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.I)
LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN_NAME = re.compile(rf"{LABEL}(\.{LABEL})+", re.I)


def text(data: Mapping[str, Any], key: str, default: str = "", *, longest: int = 0) -> str:
    value = data.get(key)
    if value is None:
        return default
    if not isinstance(value, str) or (longest and len(value) > longest):
        raise BusinessError(INVALID_INPUT)
    return value


def whole(data: Mapping[str, Any], key: str, default: int = 0) -> int:
    """A number of at least 0."""
    value = data.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BusinessError(INVALID_INPUT)
    return value


def flag(data: Mapping[str, Any], key: str, default: bool = False) -> bool:
    value = data.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise BusinessError(INVALID_INPUT)
    return value


def section(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object under ``key``; required."""
    value = data.get(key)
    if not isinstance(value, dict):
        raise BusinessError(INVALID_INPUT)
    return value


def strings(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BusinessError(INVALID_INPUT)
    return value


def truth(segment: str) -> bool:
    """A path segment that is ``true`` or ``false``."""
    if segment.lower() not in ("true", "false"):
        raise BusinessError(INVALID_INPUT)
    return segment.lower() == "true"


def is_address(value: str) -> bool:
    local, at, domain = value.partition("@")
    return bool(at and LOCAL_PART.fullmatch(local) and DOMAIN_NAME.fullmatch(domain))


def is_target(value: str) -> bool:
    """An alias or forward target: a full address or a bare local name."""
    return is_address(value) or bool(LOCAL_PART.fullmatch(value))


def merge(old: dict[str, Any], new: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """``old`` with those keys of ``new`` that are ``known``, refusing another type than known."""
    merged = dict(old)
    for key, model in known.items():
        if key not in new:
            continue
        value = new[key]
        if not _fits(value, model):
            raise BusinessError(INVALID_INPUT)
        merged[key] = {**old.get(key, {}), **value} if isinstance(model, dict) else value
    return merged


def _fits(value: object, model: object) -> bool:
    if isinstance(model, bool):
        return isinstance(value, bool)
    if isinstance(model, int):
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if isinstance(model, dict):
        return isinstance(value, dict) and all(
            _fits(value[key], part) for key, part in model.items() if key in value
        )
    return isinstance(value, type(model))
