"""vendor API: settings/sysadmin and licensing, facts about the server itself"""

from __future__ import annotations

from typing import Any

from provisioning.modules.smartermail.simulator.call import (
    Access,
    Call,
    Handler,
    Route,
    envelope,
    get,
)
from provisioning.modules.smartermail.simulator.errors import NoSuchCall

EDITIONS = ("Enterprise", "Professional", "Free", "Lite")


def version(call: Call) -> str:
    return f"100.0.{call.variants.build}"


def _facts(call: Call) -> dict[str, Any]:
    return {
        "productVersion": version(call),
        "productEdition": call.variants.edition,
        "totalDomains": len(call.state.domains),
    }


def _system_info(call: Call) -> dict[str, Any]:
    return envelope({"systemInfo": _facts(call)})


def _sysadmin_info(call: Call) -> dict[str, Any]:
    return {"sysAdminInfo": _facts(call)}


def _server_settings(call: Call) -> dict[str, Any]:
    facts = _facts(call)
    return envelope(
        {
            "version": facts["productVersion"],
            "edition": facts["productEdition"],
            "domainCount": facts["totalDomains"],
        }
    )


def _only(name: str, handler: Handler) -> Handler:
    """Which of the three calls exists differs between builds."""

    def if_there(call: Call) -> Any:
        if call.variants.facts_call != name:
            raise NoSuchCall
        return handler(call)

    return if_there


def _get_version(call: Call) -> dict[str, Any]:
    return envelope({"version": version(call)})


def _services(call: Call) -> dict[str, Any]:
    names = ("SMTP", "IMAP", "POP", "Spool", "XMPP")
    return envelope({"services": [{"name": name, "isRunning": True} for name in names]})


def _dashboard(call: Call) -> dict[str, Any]:
    return envelope({"stats": call.state.summary()})


def _licence(call: Call) -> dict[str, Any]:
    return envelope(
        {
            "edition": EDITIONS.index(call.variants.edition),
            "isLicensed": True,
            "easMailboxes": call.variants.eas_licences,
            "mapiMailboxes": call.variants.mapi_licences,
        }
    )


SA = Access.SYSADMIN

ROUTES: tuple[Route, ...] = (
    get("settings/sysadmin/system-info", SA, _only("system-info", _system_info)),
    get("settings/sysadmin/sysadmin-info", SA, _only("sysadmin-info", _sysadmin_info)),
    get("settings/sysadmin/server-settings", SA, _only("server-settings", _server_settings)),
    get("settings/sysadmin/get-version", SA, _get_version),
    get("settings/sysadmin/services", SA, _services),
    get("settings/sysadmin/dashboard-stats", SA, _dashboard),
    get("licensing/info", SA, _licence),
)
