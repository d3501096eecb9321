"""vendor API: mailbox forwarding"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from provisioning.modules.smartermail.simulator.call import (
    Access,
    Call,
    Route,
    change,
    envelope,
    get,
    search,
)
from provisioning.modules.smartermail.simulator.errors import INVALID_INPUT, BusinessError
from provisioning.modules.smartermail.simulator.inputs import (
    flag,
    is_target,
    section,
    strings,
    text,
)
from provisioning.modules.smartermail.simulator.model import Forward

SPAM_OPTIONS = frozenset({"None", "Delete", "MoveToJunk", "NoProcessing"})


def parse_forward(given: dict[str, Any]) -> Forward:
    """The whole setting is replaced; an empty list switches forwarding off."""
    targets = strings(given.get("forwardList", []))
    option = text(given, "spamForwardOption", "None")
    if option not in SPAM_OPTIONS or not all(is_target(target) for target in targets):
        raise BusinessError(INVALID_INPUT)
    return Forward(targets, flag(given, "keepRecipients"), flag(given, "deleteOnForward"), option)


def read_forward(call: Call) -> dict[str, Any]:
    user = call.named_user(call.args.get("email") or text(call.body, "email"))
    return envelope({"mailboxForwardList": asdict(user.forward)})


def write_forward(call: Call) -> dict[str, Any]:
    user = call.named_user(text(call.body, "email"))
    user.forward = parse_forward(section(call.body, "mailboxForwardList"))
    return envelope({})


def read_own_forward(call: Call) -> dict[str, Any]:
    return envelope({"mailboxForwardList": asdict(call.user.forward)})


def write_own_forward(call: Call) -> dict[str, Any]:
    call.user.forward = parse_forward(section(call.body, "mailboxForwardList"))
    return envelope({})


DA, U = Access.DOMAIN, Access.USER

ROUTES: tuple[Route, ...] = (
    search("settings/domain/get-mailbox-forward-list", DA, read_forward),
    get("settings/domain/mailbox-forward-list/{email}", DA, read_forward),
    change("settings/domain/post-mailbox-forward-list", DA, write_forward),
    get("settings/mailbox-forward-list", U, read_own_forward),
    change("settings/mailbox-forward-list", U, write_own_forward),
)
