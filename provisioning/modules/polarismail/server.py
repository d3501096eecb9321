"""Test Connection: does the sign-in work, and how much of the reseller's account is used."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from provisioning.contract import ConnectionReport, ModuleError
from provisioning.modules.polarismail import loose, reading
from provisioning.modules.polarismail.client import Client

# Noun, used, most: names among the account's figures.
_CAPACITY = (
    ("Basic mailboxes", "basic", "most_basic"),
    ("Enhanced mailboxes", "enhanced", "most_enhanced"),
    ("domains", "domains", "most_domains"),
)
_NEARLY = 0.9


def check_connection(client: Client) -> ConnectionReport:
    """Fails only when signing in fails; every fact is optional."""
    started = time.monotonic()
    client.session.sign_in(force=True)
    latency = round((time.monotonic() - started) * 1000)
    try:
        figures = reading.stats(client)
    except ModuleError as error:
        trouble = f"The account's figures could not be read: {error.detail}"
        return ConnectionReport(latency_ms=latency, warnings=(trouble,))
    return ConnectionReport(
        latency_ms=latency,
        edition=", ".join(_used(figures)),
        accounts=loose.whole(figures.get("domains")),
        warnings=tuple(_warnings(figures)),
    )


def _used(figures: Mapping[str, Any]) -> Iterator[str]:
    for noun, used, most in _CAPACITY[:2]:
        count, limit = loose.whole(figures.get(used)), loose.whole(figures.get(most))
        if count is not None:
            yield f"{count} of {limit} {noun}" if limit else f"{count} {noun}"


def _warnings(figures: Mapping[str, Any]) -> Iterator[str]:
    for noun, used, most in _CAPACITY:
        count, limit = loose.whole(figures.get(used)), loose.whole(figures.get(most))
        if count and limit and count >= limit * _NEARLY:
            yield f"{count} of {limit} {noun} of the reseller's account are in use."
