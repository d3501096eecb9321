"""vendor API: mailbox forwarding and the auto-responder"""

from __future__ import annotations

import html
import re
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
    merge,
    section,
    strings,
    text,
    truth,
)
from provisioning.modules.smartermail.simulator.model import NEVER, Forward

SPAM_OPTIONS = frozenset({"None", "Delete", "MoveToJunk", "NoProcessing"})

RESPONDER_DEFAULTS: dict[str, Any] = {
    "enabled": False,
    "subject": "",
    "body": "",
    "isHTML": False,
    "useActiveDateRange": False,
    "startDateUtc": NEVER,
    "endDateUtc": NEVER,
    "externalReply": "",
    "externalAudience": 0,
    "autoRespondOnDirectMailOnly": False,
}


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


def read_responder(call: Call) -> dict[str, Any]:
    """The last path segment says whether the body is wanted as HTML."""
    stored = {**RESPONDER_DEFAULTS, **call.user.auto_responder}
    if "html" in call.args:
        stored["body"] = _as(stored, html_wanted=truth(call.args["html"]))
        stored["isHTML"] = truth(call.args["html"])
    return envelope({"autoResponderSettings": stored})


def write_responder(call: Call) -> dict[str, Any]:
    given = section(call.body, "autoResponderSettings")
    stored = {**RESPONDER_DEFAULTS, **call.user.auto_responder}
    merged = merge(stored, given, RESPONDER_DEFAULTS)
    if "html" in call.args:
        merged["isHTML"] = truth(call.args["html"])
    call.user.auto_responder = merged
    return envelope({})


def _as(stored: dict[str, Any], *, html_wanted: bool) -> str:
    body = str(stored["body"])
    if html_wanted and not stored["isHTML"]:
        return html.escape(body).replace("\n", "<br>")
    if not html_wanted and stored["isHTML"]:
        lines = re.sub(r"<br\s*/?>|</p>", "\n", body, flags=re.I)
        return html.unescape(re.sub(r"<[^>]+>", "", lines)).strip()
    return body


DA, U = Access.DOMAIN, Access.USER

ROUTES: tuple[Route, ...] = (
    search("settings/domain/get-mailbox-forward-list", DA, read_forward),
    get("settings/domain/mailbox-forward-list/{email}", DA, read_forward),
    change("settings/domain/post-mailbox-forward-list", DA, write_forward),
    get("settings/mailbox-forward-list", U, read_own_forward),
    change("settings/mailbox-forward-list", U, write_own_forward),
    get("settings/auto-responder", U, read_responder),
    get("settings/auto-responder/{html}", U, read_responder),
    change("settings/auto-responder", U, write_responder),
    change("settings/auto-responder/{html}", U, write_responder),
)
