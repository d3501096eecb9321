"""Test Connection, and what a product's form reads from the panel."""

from __future__ import annotations

import time
from collections.abc import Sequence

from provisioning.contract import (
    ConnectionReport,
    MisconfiguredError,
    ModuleError,
    PermanentError,
    TemporaryError,
    UnsupportedError,
)
from provisioning.modules.ispmanager import editions
from provisioning.modules.ispmanager.client import Client, NoSuchList
from provisioning.modules.ispmanager.creation import template_names
from provisioning.modules.ispmanager.failures import AccessDenied
from provisioning.modules.ispmanager.kinds import RESELLER, Kind


def check_connection(client: Client, kind: Kind) -> ConnectionReport:
    """Fails when we are not let in, or when this kind of accounts cannot be sold here."""
    started = time.monotonic()
    _who_am_i(client)
    latency = round((time.monotonic() - started) * 1000)
    edition, version = _licence(client)
    return ConnectionReport(
        latency_ms=latency,
        version=version,
        edition=edition,
        accounts=_count(client, kind, edition),
        warnings=_warnings(client, kind),
    )


def template_choices(client: Client, kind: Kind) -> Sequence[tuple[str, str]]:
    return [(name, name) for name in template_names(client, kind)]


def _who_am_i(client: Client) -> None:
    found = client.look("whoami", {}).first("user")
    name = (found.attributes.get("name") or found.text) if found else ""
    if not name:
        raise TemporaryError("The panel does not say as whom we are signed in.")


def _licence(client: Client) -> tuple[str, str]:
    try:
        licence = client.look("license.info", {})
    except ModuleError:
        return "", ""
    names = f"{licence.value('panel_name')} {licence.value('mgr')}"
    return editions.edition_in(names) or licence.value("panel_name"), licence.value("panel_info")


def _count(client: Client, kind: Kind, edition: str) -> int | None:
    try:
        return client.count(kind.list)
    except (NoSuchList, AccessDenied) as error:
        if kind is RESELLER:
            raise _no_resellers(error, edition) from None
        raise
    except (PermanentError, TemporaryError):
        return None


def _no_resellers(error: ModuleError, edition: str) -> MisconfiguredError:
    of = f" ({edition})" if edition else ""
    return MisconfiguredError(
        f"No resellers can be sold on this panel{of}: it takes the Host or Business edition and an"
        f" administrator's login. {error.detail}"
    )


def _warnings(client: Client, kind: Kind) -> tuple[str, ...]:
    try:
        names = template_names(client, kind)
    except (PermanentError, UnsupportedError, AccessDenied) as error:
        return (f"Templates cannot be read: {error.detail}",)
    return () if names else (f"The panel has no template for a {kind.noun} yet.",)
