"""Which attributes OMA knows, of which type and how long; what it says of passwords."""

from __future__ import annotations

import re
from typing import Any

from provisioning.modules.opensrs.simulator.errors import Refused

STATES = ("enabled", "disabled", "suspended")
SERVICES = (
    "service_imap4", "service_pop3", "service_smtpin", "service_smtprelay",
    "service_smtprelay_webmail", "service_webmail",
)  # fmt: skip
_SPAM = ("Normal", "High", "Very High")
_LOCAL = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z_-]|\.(?!\.)){0,63}")
_DOMAIN = re.compile(r"(?=.{3,160}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*")
_PASSWORD = re.compile(r"[!#-~]{1,54}")
_RECIPIENT = re.compile(r"[^\s@]+@[^\s@]+")
_STRENGTH = {"weak": 1, "medium": 6, "good": 8, "strong": 10}

Rule = Any  # a type, a tuple of values, or a longest length


_SHARED: dict[str, Rule] = {
    **dict.fromkeys(SERVICES, STATES),
    "quota": int, "smtp_sent_limit": int, "spamlevel": _SPAM, "aliases": list, "workgroup": 30,
    "notes_external": 4096, "brand": 64, "language": 16, "timezone": 64, "allow": list,
    "block": list, "filterdelivery": ("quarantine", "passthrough"), "spamfolder": 128,
    "spamheader": 512, "spamtag": 30,
}  # fmt: skip
DOMAIN_RULES: dict[str, Rule] = {
    **_SHARED,
    "disabled": bool, "limit_users": int, "limit_aliases": int, "quota_maximum": int,
    "password_strength": tuple(_STRENGTH), "dkim_selector": 63, "dkim_key": 8192,
    "catchall": 320, "filtermx": 255, "regen_passwords": bool, "wm_domainalias": bool,
}  # fmt: skip
USER_RULES: dict[str, Rule] = {
    **_SHARED,
    "type": ("mailbox", "forward", "filter"), "password": str, "name": 512, "title": 60,
    "phone": 30, "fax": 30, "delivery_local": bool, "delivery_forward": bool,
    "delivery_autoresponder": bool, "delivery_filter": bool, "forward_recipients": list,
    "autoresponder": 4000, "autoresponder_option_interval": int, "reject_spam": bool,
    "forward_option_subject_prefix": 128, "forward_option_reply_to": 320,
}  # fmt: skip


def check(attributes: Any, rules: dict[str, Rule]) -> dict[str, Any]:
    """The attributes themselves. Refused(5) when they are no object, Refused(6) with hints."""
    if not isinstance(attributes, dict):
        raise Refused(5)
    hints = {
        name: reason
        for name, value in attributes.items()
        if (reason := _fault(rules.get(name), value))
    }
    if hints:
        raise Refused(6, hints)
    if len(attributes.get("forward_recipients") or ()) > 1000:
        raise Refused(38)
    return attributes


def check_address(address: Any) -> str:
    if not isinstance(address, str):
        raise Refused(5)
    local, _, domain = address.lower().rpartition("@")
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise Refused(6, {"user": "is not a valid address"})
    return f"{local}@{domain}"


def check_domain_name(name: Any) -> str:
    if not isinstance(name, str):
        raise Refused(5)
    if not _DOMAIN.fullmatch(name.lower()) or "." not in name:
        raise Refused(6, {"domain": "is not a valid name"})
    return name.lower()


def check_password(password: str, address: str, strength: str | None) -> None:
    if password.startswith("{") and "}" in password:
        return  # a hash
    if not _PASSWORD.fullmatch(password):
        raise Refused(6, {"password": "has characters that are not allowed"})
    local, _, domain = address.partition("@")
    if local in password.lower() or domain in password.lower():
        raise Refused(48)
    if len(password) < _STRENGTH.get(strength or "weak", 1):
        raise Refused(40)


def _fault(rule: Rule, value: Any) -> str:
    if rule is None:
        return "unknown attribute"
    if value is None:
        return ""
    if isinstance(rule, tuple):
        return "" if value in rule else f"is none of {', '.join(rule)}"
    if isinstance(rule, int):
        return _text_fault(rule, value)
    if rule is int and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        return "is no number"
    if not isinstance(value, rule):
        return f"is no {rule.__name__}"
    if rule is list and not all(isinstance(one, str) for one in value):
        return "is no list of texts"
    return ""


def _text_fault(longest: int, value: Any) -> str:
    if not isinstance(value, str):
        return "is no text"
    return "" if len(value) <= longest else f"is longer than {longest}"


def check_recipients(recipients: list[str]) -> None:
    if not all(_RECIPIENT.fullmatch(one) for one in recipients):
        raise Refused(6, {"forward_recipients": "is not a list of addresses"})
