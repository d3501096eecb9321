"""vendor API: the auto-responder, in a user context"""

from __future__ import annotations

import html
import re
from typing import Any

from provisioning.modules.smartermail.simulator.call import (
    Access,
    Call,
    Route,
    change,
    envelope,
    get,
)
from provisioning.modules.smartermail.simulator.inputs import merge, section, truth
from provisioning.modules.smartermail.simulator.model import NEVER

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
WRAPPER = "autoResponderSettings"


def read_responder(call: Call) -> dict[str, Any]:
    """The last path segment says whether the body is wanted as HTML."""
    stored = {**RESPONDER_DEFAULTS, **call.user.auto_responder}
    if "html" in call.args and call.variants.responder_converts:
        stored["body"] = _as(stored, html_wanted=truth(call.args["html"]))
        stored["isHTML"] = truth(call.args["html"])
    return envelope(stored if call.variants.responder_at_root else {WRAPPER: stored})


def write_responder(call: Call) -> dict[str, Any]:
    """Where the keys belong at the root, those in a wrapper are unknown ones and ignored."""
    given = call.body if call.variants.responder_at_root else section(call.body, WRAPPER)
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


U = Access.USER

ROUTES: tuple[Route, ...] = (
    get("settings/auto-responder", U, read_responder),
    get("settings/auto-responder/{html}", U, read_responder),
    change("settings/auto-responder", U, write_responder),
    change("settings/auto-responder/{html}", U, write_responder),
)
