"""The panel's editions, and what each lets us sell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioning.contract import ModuleError, Place, UnsupportedError
from provisioning.modules.ispmanager.client import Client
from provisioning.modules.ispmanager.kinds import RESELLER, Kind
from provisioning.modules.ispmanager.settings import IP_OPTIONS, SHARED, setting

BUSINESS, HOST, PRO, LITE = "Business", "Host", "Pro", "Lite"
_WORDS = tuple(
    (name, re.compile(rf"\b{name}\b", re.IGNORECASE)) for name in (BUSINESS, HOST, PRO, LITE)
)
WITH_RESELLERS = (BUSINESS, HOST)
WITH_ADDRESSES = (BUSINESS,)


def edition_in(text: str) -> str:
    """The edition that a name such as "ispmanager Business" tells; "" when it tells none."""
    return next((name for name, word in _WORDS if word.search(text)), "")


def edition_of(client: Client) -> str:
    """ "" when the panel does not tell it."""
    try:
        licence = client.look("license.info", {})
    except ModuleError:
        return ""
    return edition_in(f"{licence.value('panel_name')} {licence.value('mgr')}")


def gives_addresses(edition: str, settings: Mapping[str, Any]) -> bool:
    """Staff's word goes before the edition; an edition that nobody knows may be any."""
    said = {"yes": True, "no": False}.get(str(settings.get("ip_addresses") or ""))
    return said if said is not None else edition in ("", *WITH_ADDRESSES)


def require_addresses(client: Client) -> None:
    settings = client.link.settings
    edition = edition_of(client) if settings.get("ip_addresses", "auto") == "auto" else ""
    if not gives_addresses(edition, settings):
        raise UnsupportedError(_no_addresses("This panel", edition))


def offer_problems(
    kind: Kind, settings: Mapping[str, Any], options: frozenset[str], places: Sequence[Place]
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for place in places:
        for code, text in _problems(kind, settings, options, place):
            found.setdefault(code, []).append(text)
    return found


def _problems(
    kind: Kind, settings: Mapping[str, Any], options: frozenset[str], place: Place
) -> Iterator[tuple[str, str]]:
    edition = edition_in(place.edition)
    if kind is RESELLER:
        if edition and edition not in WITH_RESELLERS:
            yield "template", f"{place.name} has the {edition} edition, which has no resellers."
        return
    if gives_addresses(edition, place.settings):
        return
    for code in IP_OPTIONS:
        if code in options:
            yield code, f'The option "{code}" cannot be sold: {_no_addresses(place.name, edition)}'
    if setting(settings, "main_ip") != SHARED:
        yield "main_ip", _no_addresses(place.name, edition)


def _no_addresses(where: str, edition: str) -> str:
    why = f" has the {edition} edition and" if edition else ""
    return f"{where}{why} gives no IP addresses to accounts."
