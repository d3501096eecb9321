"""ActiveSync and MAPI/EWS of mailboxes: two lists, and patches that may silently do nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from provisioning.contract import (
    FeatureState,
    InvalidInput,
    ModuleError,
    PermanentError,
    TemporaryError,
)
from provisioning.modules.smartermail.scope import Scope, push_settings
from provisioning.modules.smartermail.settings import EAS, MAPI


@dataclass(frozen=True)
class Protocol:
    """The wire's names for one feature, and the product setting that offers it."""

    code: str
    label: str
    path: str
    rows: str
    domain_flag: str
    offer: str


FEATURES = (
    Protocol(
        EAS, "ActiveSync (EAS)", "active-sync-mailboxes", "activeSyncAccounts",
        "enableActiveSyncAccountManagement", "offer_eas",
    ),
    Protocol(
        MAPI, "MAPI/Exchange", "mapi-ews-mailboxes", "mapiEwsAccounts",
        "enableMapiEwsAccountManagement", "offer_mapi",
    ),
)  # fmt: skip


def read_features(scope: Scope) -> FeatureState:
    """A protocol the server refuses to list (no licence) is left out; none listed at all raises."""
    enabled: dict[str, frozenset[str]] = {}
    refused: ModuleError | None = None
    for protocol in FEATURES:
        try:
            enabled[protocol.code] = enabled_on(scope, protocol)
        except PermanentError as error:
            refused = error
    if refused and not enabled:
        raise refused
    return FeatureState(enabled=enabled)


def enabled_on(scope: Scope, protocol: Protocol) -> frozenset[str]:
    """Addresses, without the hidden administrator. Only mailboxes that have it are listed."""
    rows = scope.way.get(protocol.path).get(protocol.rows)
    if not isinstance(rows, list):
        raise TemporaryError(f"The server's list of {protocol.label} mailboxes is not readable.")
    on = (row for row in rows if isinstance(row, Mapping) and row.get("isActive") is not False)
    addresses = {scope.full(str(row["emailAddress"])) for row in on if row.get("emailAddress")}
    return frozenset(addresses - {scope.address(scope.hidden)})


def known(codes: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(codes)
    strange = wanted - {protocol.code for protocol in FEATURES}
    if strange:
        raise InvalidInput(
            "features", _("Unknown feature: %(names)s.") % {"names": ", ".join(sorted(strange))}
        )
    return wanted


def of_mailbox(scope: Scope, address: str) -> frozenset[str]:
    state = read_features(scope)
    return frozenset(code for code, addresses in state.enabled.items() if address in addresses)


def set_features(scope: Scope, address: str, wanted: frozenset[str]) -> tuple[str, ...]:
    """Sentences on what did not come to pass. Each patch is read back before it counts."""
    trouble = []
    for protocol in FEATURES:
        on = protocol.code in wanted
        try:
            if _has(scope, protocol, address, unreadable=None if on else False) != on:
                _patch(scope, protocol, address, on=on)
        except ModuleError as error:
            told = _("%(label)s could not be switched off: %(detail)s")
            if on:
                told = _("%(label)s could not be switched on: %(detail)s")
            trouble.append(told % {"label": protocol.label, "detail": error.detail})
    return tuple(trouble)


def _has(scope: Scope, protocol: Protocol, address: str, *, unreadable: bool | None) -> bool:
    """A server without this protocol refuses the list, and has then nothing to switch off."""
    try:
        return address in enabled_on(scope, protocol)
    except PermanentError:
        if unreadable is None:
            raise
        return unreadable


def _patch(scope: Scope, protocol: Protocol, address: str, *, on: bool) -> None:
    _open(scope, protocol)
    change: list[dict[str, Any]] = [{"emailAddress": address, "isActive": on}]
    scope.way.post(f"{protocol.path}-patch", json=change)
    if (address in enabled_on(scope, protocol)) != on:
        raise PermanentError("The server accepted the change and did not make it.")


def _open(scope: Scope, protocol: Protocol) -> None:
    """Without the domain's own switch the patch is ignored."""
    settings = scope.way.get("domain").get("domainSettings")
    if isinstance(settings, Mapping) and settings.get(protocol.domain_flag) is True:
        return
    push_settings(scope.client, scope.domain, {protocol.domain_flag: True})
