"""Is the domain proven to be the customer's? The one question whose answer is inverted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from provisioning.modules.polarismail import loose, reading, wire
from provisioning.modules.polarismail.answers import Answer, Refusal
from provisioning.modules.polarismail.client import Client


class Ownership(Enum):
    PROVEN = auto()
    WAITING = auto()
    GONE = auto()  # the domain is not in the account


@dataclass(frozen=True, kw_only=True)
class Verification:
    """`value` is of the TXT record, `at` the platform's own time."""

    ownership: Ownership
    value: str = ""
    at: datetime | None = None


def look(client: Client, domain: str) -> Verification:
    """Return code 1 is "not yet". 0 stands for "done" and for every error alike, so it is believed
    only when the same token is good for listing the domains, the domain is among them, and the
    answer stays the same: once proven, it is never asked again.
    """

    def ask(token: str) -> Verification | None:
        if waiting := _waiting(client, token, domain):
            return waiting
        listed = client.send("domains", token)
        if listed.refused:
            return None
        if domain not in reading.domain_rows(listed):
            return Verification(ownership=Ownership.GONE)
        proven = Verification(ownership=Ownership.PROVEN)
        return _waiting(client, token, domain) or proven

    found = client.with_token(ask)
    if found is None:
        raise Refusal("neither the verification nor the list of domains can be read")
    return found


def _waiting(client: Client, token: str, domain: str) -> Verification | None:
    answer = client.send("verification", token, domain=domain)
    if answer.refused:
        return None
    return Verification(ownership=Ownership.WAITING, value=_value(answer), at=answer.at)


def record(found: Verification, known: Mapping[str, Any]) -> dict[str, str]:
    """What is kept for the DNS guide and the customer. A record that is known already keeps its
    deadline, since the clock of the platform started when it was first seen.
    """
    if known.get("value") == found.value and known.get("deadline"):
        return {name: str(value) for name, value in known.items() if name != "expired"}
    times = {}
    if found.at:
        deadline = found.at + timedelta(hours=wire.VERIFICATION_HOURS)
        times = {"added_at": found.at.isoformat(), "deadline": deadline.isoformat()}
    return {"type": "TXT", "host": wire.VERIFICATION_HOST, "value": found.value, **times}


def sentence(kept: Mapping[str, str]) -> str:
    until = f" before {kept['deadline'][:16].replace('T', ' ')} UTC" if "deadline" in kept else ""
    return (
        f"Waiting for the TXT record {kept['host']} with the value {kept['value']}{until}. The"
        f" platform deletes domains that are not proven within {wire.VERIFICATION_HOURS} hours."
    )


def _value(answer: Answer) -> str:
    data = answer.data
    if isinstance(data, Mapping):
        data = wire.facts("verification", data)["value"]
    return loose.text(data)
