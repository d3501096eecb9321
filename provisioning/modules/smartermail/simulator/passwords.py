"""The password policy: server rules, domain overrides, and which rule a password breaks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from provisioning.modules.smartermail.simulator.errors import BusinessError
from provisioning.modules.smartermail.simulator.model import User

COMMON = frozenset({"password", "password1", "12345678", "qwertyuiop", "letmein1", "passw0rd"})
UNMET = "User does not meet password requirements"

SERVER_RULES: dict[str, Any] = {
    "requireCapital": True,
    "requireLower": True,
    "requireNumber": True,
    "requireSymbol": False,
    "notUsername": True,
    "preventCommonPasswords": True,
    "minLength": {"enabled": True, "ruleValue": 8},
    "preventPreviousPasswords": {"enabled": False, "ruleValue": 0},
    "expiration": {"enabled": False, "ruleValue": 0, "gracePeriodDays": 0},
}

CLASSES = (
    ("requireCapital", re.compile(r"[A-Z]"), "a capital letter"),
    ("requireLower", re.compile(r"[a-z]"), "a lower-case letter"),
    ("requireNumber", re.compile(r"\d"), "a number"),
    ("requireSymbol", re.compile(r"[^A-Za-z0-9]"), "a symbol"),
)


def check(password: str, rules: Mapping[str, Any], *, user_name: str, prefix: str) -> None:
    """BusinessError naming the first rule broken; ``prefix`` is ``USER_ADD_ERROR`` or alike."""
    length = rules["minLength"]
    if not password or (length["enabled"] and len(password) < length["ruleValue"]):
        raise BusinessError(f"{prefix}_PASSWORD_TOO_SHORT")
    for rule, pattern, missing in CLASSES:
        if rules[rule] and not pattern.search(password):
            raise BusinessError(f"{UNMET}: {missing} is required")
    if rules["notUsername"] and user_name.lower() in password.lower():
        raise BusinessError(f"{UNMET}: it must not contain the username")
    if rules["preventCommonPasswords"] and password.lower() in COMMON:
        raise BusinessError(f"{UNMET}: it is too common")


def change(user: User, password: str, rules: Mapping[str, Any]) -> None:
    """Check and set; the user's earlier passwords are remembered."""
    check(password, rules, user_name=user.name, prefix="USER_UPDATE_ERROR")
    previous = rules["preventPreviousPasswords"]
    used = [*user.previous_passwords, user.password]
    if previous["enabled"] and password in used[-previous["ruleValue"] :]:
        raise BusinessError(f"{UNMET}: it was used before")
    user.previous_passwords = used[-10:]
    user.password = password
    user.must_change_password = False
