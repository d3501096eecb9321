"""The DNS guide of a service, and what the home page remembers of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache

from provisioning.connection.links import WEB_BUDGET, account_of, open_module
from provisioning.contract.dns import DnsExpectations
from provisioning.dnsguide import guide
from provisioning.dnsguide.cards import STATUS_WORDS, Status
from provisioning.models import Service

KEEP_SECONDS = 4 * 3600
SHORT = {"mx": "MX", "spf": "SPF", "dkim": "DKIM", "autodiscover": "Autodiscover", "dmarc": "DMARC"}
TONES = {
    Status.OK: "good",
    Status.PARTIAL: "warn",
    Status.MISSING: "bad",
    Status.UNKNOWN: "warn",
}


@dataclass(frozen=True)
class Pill:
    """One check in a word."""

    title: str
    status: Status

    @property
    def word(self) -> str:
        return str(STATUS_WORDS[self.status])

    @property
    def tone(self) -> str:
        return TONES.get(self.status, "none")


def expectations(service: Service) -> DnsExpectations:
    """Asks the platform, for it alone knows its keys. ModuleError."""
    if service.server is None:
        raise LookupError(f"{service} has no server")
    with open_module(service.server, service=service, budget=WEB_BUDGET) as module:
        return module.dns_expectations(account_of(service))


def read(service: Service, *, refresh: bool = False) -> guide.Guide:
    found = guide.read(expectations(service), refresh=refresh)
    known = [[SHORT.get(card.code, card.title), card.status.value] for card in found.cards]
    cache.set(_key(service), known, KEEP_SECONDS)
    return found


def remembered(service: Service) -> list[Pill] | None:
    """None: nobody has looked lately."""
    kept = cache.get(_key(service))
    return None if kept is None else [Pill(title, Status(status)) for title, status in kept]


def _key(service: Service) -> str:
    return f"clientarea:dns:{service.pk}"
