"""vendor API: settings/domain, spam and trusted senders"""

from __future__ import annotations

from typing import Any

from provisioning.modules.smartermail.simulator.call import (
    Access,
    Call,
    Route,
    change,
    envelope,
    get,
)
from provisioning.modules.smartermail.simulator.errors import INVALID_INPUT, BusinessError
from provisioning.modules.smartermail.simulator.inputs import DOMAIN_NAME, is_address, strings

ADDRESS, DOMAIN = 0, 1


def read(call: Call) -> dict[str, Any]:
    settings = call.domain.settings
    return envelope({key: value for key, value in settings.items() if key.startswith("spam")})


def write_whitelist(call: Call) -> dict[str, Any]:
    """Both lists are replaced."""
    emails, domains = (strings(call.body.get(key, [])) for key in ("emails", "domains"))
    if not all(map(is_address, emails)) or not all(map(DOMAIN_NAME.fullmatch, domains)):
        raise BusinessError(INVALID_INPUT)
    settings = call.domain.settings
    settings["whitelistAddresses"] = [_entry(call, *each, ADDRESS) for each in enumerate(emails)]
    settings["whitelistDomains"] = [_entry(call, *each, DOMAIN) for each in enumerate(domains)]
    return envelope({})


def _entry(call: Call, number: int, value: str, kind: int) -> Any:
    if call.variants.whitelist_of_strings:
        return value
    return {"id": number + 1, "value": value, "type": kind, "description": ""}


DA = Access.DOMAIN

ROUTES: tuple[Route, ...] = (
    get("settings/domain/spam-settings", DA, read),
    change("settings/domain/whitelist", DA, write_whitelist),
)
