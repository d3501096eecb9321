"""Test Connection: does the sign-in work, and what server is it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from provisioning.contract import ConnectionReport, ModuleError
from provisioning.modules.smartermail.client import Client
from provisioning.modules.smartermail.scope import whole
from provisioning.modules.smartermail.usage import domain_names

_FACTS = ("system-info", "sysadmin-info", "server-settings")
_EDITIONS = {0: "Enterprise", 1: "Professional", 2: "Free", 3: "Lite"}
# Published holes, with the first build that is free of each.
HOLES = (
    ("CVE-2025-52691", 9407, "upload of any file"),
    ("CVE-2026-23760", 9511, "anyone can reset the administrator's password"),
    ("CVE-2026-24423", 9511, "anyone can run commands on the server"),
    ("CVE-2026-25067", 9518, "the server can be made to sign in elsewhere"),
    ("CVE-2026-7807", 9560, "users can read the server's files"),
)


def check_connection(client: Client) -> ConnectionReport:
    """Fails only when signing in fails; every fact is optional."""
    started = time.monotonic()
    client.session.sign_in(force=True)
    latency = round((time.monotonic() - started) * 1000)
    facts = _facts(client)
    version = str(facts.get("productVersion") or facts.get("version") or "")
    return ConnectionReport(
        latency_ms=latency,
        version=version,
        edition=_edition(client, facts),
        accounts=_domains(client, facts),
        warnings=warnings(version),
    )


def warnings(version: str) -> tuple[str, ...]:
    build = build_of(version)
    if build is None:
        return ()
    open_holes = [f"{name} ({what})" for name, fixed, what in HOLES if build < fixed]
    if not open_holes:
        return ()
    last = max(fixed for _, fixed, _ in HOLES)
    return (
        f"Build {build} has published security holes: {', '.join(open_holes)}."
        f" Update the server to build {last} or later.",
    )


def build_of(version: str) -> int | None:
    """The build in "100.0.9504.12345" or "Build 9504": the first number of four digits or more."""
    match = re.search(r"(?<!\d)\d{4,5}(?!\d)", version)
    return int(match[0]) if match else None


def _facts(client: Client) -> Mapping[str, Any]:
    for name in _FACTS:
        try:
            reply = client.sysadmin.get(name)
        except ModuleError:
            continue
        found = _unwrapped(reply)
        if any(found.get(key) for key in ("productVersion", "version")):
            return found
    return {}


def _unwrapped(reply: Mapping[str, Any]) -> Mapping[str, Any]:
    envelope = {"success", "message", "resultCode", "debugInfo", "variables"}
    inner = [value for key, value in reply.items() if key not in envelope]
    return inner[0] if len(inner) == 1 and isinstance(inner[0], Mapping) else reply


def _edition(client: Client, facts: Mapping[str, Any]) -> str:
    said = facts.get("productEdition") or facts.get("edition")
    if said:
        return str(said)
    try:
        found = _unwrapped(client.licensing.get("info")).get("edition")
    except ModuleError:
        return ""
    return _EDITIONS.get(found, "") if isinstance(found, int) else str(found or "")


def _domains(client: Client, facts: Mapping[str, Any]) -> int | None:
    said = whole(facts.get("totalDomains", facts.get("domainCount")))
    if said is not None:
        return said
    try:
        return len(domain_names(client))
    except ModuleError:
        return None
