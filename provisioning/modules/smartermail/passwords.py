"""Which passwords a product and its server accept, and making one that both do."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from provisioning.contract import InvalidInput, PasswordPolicy, PermanentError
from provisioning.modules.smartermail.scope import Scope
from provisioning.modules.smartermail.settings import setting

SYMBOLS = "!@#$%^&*-_=+"
GENERATED_LENGTH = 24
ADMIN_NAME_LENGTH = 10
_POLICY_KNOWN_FOR = 3600.0


def product_policy(settings: Mapping[str, Any]) -> PasswordPolicy:
    return PasswordPolicy(
        min_length=setting(settings, "password_min_length") or 8,
        require_upper=setting(settings, "password_upper"),
        require_digit=setting(settings, "password_digit"),
        require_symbol=setting(settings, "password_symbol"),
        symbols=SYMBOLS,
    )


def admin_policy(settings: Mapping[str, Any]) -> PasswordPolicy:
    policy = product_policy(settings)
    return replace(policy, min_length=max(8, policy.min_length))


def effective_policy(scope: Scope) -> PasswordPolicy:
    """The product's rules and the server's own together, the stricter of each."""
    product = product_policy(scope.account.settings)
    rules = _server_rules(scope)
    return replace(
        product,
        min_length=max(product.min_length, int(rules.get("min_length") or 0)),
        require_upper=product.require_upper or bool(rules.get("requireCapital")),
        require_lower=product.require_lower or bool(rules.get("requireLower")),
        require_digit=product.require_digit or bool(rules.get("requireNumber")),
        require_symbol=product.require_symbol or bool(rules.get("requireSymbol")),
    )


def check(password: str, policy: PasswordPolicy, *, address: str, field: str = "password") -> None:
    """InvalidInput that names everything that is missing."""
    missing = [sentence for broken, sentence in _faults(password, policy) if broken]
    if policy.forbid_address_parts and _contains_part(password, address):
        missing.append(_("The password must not contain the user name or the domain."))
    if missing:
        raise InvalidInput(field, " ".join(missing))


def generate(policy: PasswordPolicy, *, address: str) -> str:
    alphabet = string.ascii_letters + string.digits + SYMBOLS
    while True:
        password = "".join(secrets.choice(alphabet) for _ in range(GENERATED_LENGTH))
        strict = replace(
            policy, require_upper=True, require_lower=True, require_digit=True, require_symbol=True
        )
        try:
            check(password, strict, address=address)
        except InvalidInput:
            continue
        return password


def random_name() -> str:
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(ADMIN_NAME_LENGTH))


def _faults(password: str, policy: PasswordPolicy) -> Iterable[tuple[bool, str]]:
    def lacks(wanted: bool, characters: str) -> bool:
        return wanted and not any(character in characters for character in password)

    yield (
        len(password) < policy.min_length,
        _told(_("at least %(number)s characters") % {"number": policy.min_length}),
    )
    yield policy.require_upper and password == password.lower(), _told(_("an upper-case letter"))
    yield policy.require_lower and password == password.upper(), _told(_("a lower-case letter"))
    yield lacks(policy.require_digit, string.digits), _told(_("a digit"))
    yield (
        lacks(policy.require_symbol, policy.symbols),
        _told(_("one of %(symbols)s") % {"symbols": policy.symbols}),
    )


def _told(what: str) -> str:
    return _("The password needs %(names)s.") % {"names": what}


def _contains_part(password: str, address: str) -> bool:
    local, _, domain = address.lower().partition("@")
    label = domain.partition(".")[0]
    parts = [local, domain, label if len(label) >= 4 else ""]
    return any(part and part in password.lower() for part in parts)


def _server_rules(scope: Scope) -> Mapping[str, Any]:
    """Kept for an hour; a server that does not tell its rules checks passwords itself."""
    key = f"passwords:{scope.domain}"
    found = scope.client.session.recall(key)
    if found is None:
        try:
            reply = scope.way.get("password-settings")
        except PermanentError:
            reply = {}
        found = _strictest(_rule_objects(reply))
        scope.client.session.remember(key, found, seconds=_POLICY_KNOWN_FOR)
    return found


def _rule_objects(reply: Any) -> Iterable[Mapping[str, Any]]:
    """The key that holds the rules differs between builds, so they are known by their own names."""
    if not isinstance(reply, Mapping):
        return
    if "requireCapital" in reply or "minLength" in reply:
        yield reply
    for value in reply.values():
        yield from _rule_objects(value)


def _strictest(rule_objects: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    rules: dict[str, Any] = {"min_length": 0}
    for found in rule_objects:
        length = found.get("minLength")
        if isinstance(length, Mapping) and length.get("enabled"):
            rules["min_length"] = max(rules["min_length"], int(length.get("ruleValue") or 0))
        for name in ("requireCapital", "requireLower", "requireNumber", "requireSymbol"):
            rules[name] = rules.get(name) or found.get(name) is True
    return rules
