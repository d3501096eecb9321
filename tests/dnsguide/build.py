"""A domain, what its platform expects, and ways to put the guide's advice into the zone."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from config import clock
from provisioning.contract import (
    AutodiscoverExpectation,
    DkimExpectation,
    DkimState,
    DmarcExpectation,
    DnsExpectations,
    DnsRecord,
    MxHost,
    RecordType,
    SpfExpectation,
)
from provisioning.dnsguide import checks
from provisioning.dnsguide.cards import Card
from provisioning.dnsguide.names import full_name
from provisioning.dnsguide.resolver import Resolver
from tests.support.dns_server import DnsServer, Zone

DOMAIN = "client.example"
HOST = "mail.host.example"
KEY = base64.b64encode(bytes(range(256)) + b"\x01" * 38).decode()  # as long as a 2048-bit RSA key
HOST_ZONE: Zone = {HOST: {"A": ["192.0.2.10"]}}


def expectations(**changes: Any) -> DnsExpectations:
    full = DnsExpectations(
        domain=DOMAIN,
        mx=(MxHost(host=HOST),),
        spf=SpfExpectation(primary="include:spf.host.example", secondary=("ip4:192.0.2.0/24",)),
        dkim=DkimExpectation(state=DkimState.ACTIVE, selector="s1", public_key=KEY),
        autodiscover=AutodiscoverExpectation(host=HOST, srv_target=HOST),
        dmarc=DmarcExpectation(checked=True, policy="quarantine", rua="dmarc@host.example"),
        extra=(txt("mx-verification", "token=Abc123"),),
    )
    return replace(full, **changes)


def txt(name: str, value: str, **options: Any) -> DnsRecord:
    return DnsRecord(type=RecordType.TXT, name=name, value=value, **options)


def good_zone(**changes: dict[str, list[str]] | None) -> Zone:
    """Every card green. `changes` replace whole names: apex, key, auto, srv, dmarc, extra."""
    names: dict[str, tuple[str, dict[str, list[str]]]] = {
        "apex": (DOMAIN, {"MX": [f"10 {HOST}"], "TXT": [spf()], "NS": ["ns1.dns.example"]}),
        "key": (f"s1._domainkey.{DOMAIN}", {"TXT": [f"v=DKIM1; k=rsa; p={KEY}"]}),
        "auto": (f"autodiscover.{DOMAIN}", {"CNAME": [HOST]}),
        "srv": (f"_autodiscover._tcp.{DOMAIN}", {"SRV": [f"0 0 443 {HOST}"]}),
        "dmarc": (f"_dmarc.{DOMAIN}", {"TXT": ["v=DMARC1; p=none"]}),
        "extra": (f"mx-verification.{DOMAIN}", {"TXT": ["token=Abc123"]}),
    }
    chosen = {name: changes.get(code, records) for code, (name, records) in names.items()}
    return {**HOST_ZONE, **{name: records for name, records in chosen.items() if records}}


def spf(middle: str = "include:spf.host.example") -> str:
    return f"v=spf1 {middle} ~all"


def apex(*texts: str, mx: str = f"10 {HOST}") -> dict[str, list[str]]:
    return {"MX": [mx], "TXT": list(texts)}


def resolver(server: DnsServer, lifetime: float = 2.0) -> Resolver:
    return Resolver([server.address], lifetime=lifetime, now=clock.now)


def look(server: DnsServer, expected: DnsExpectations | None = None) -> dict[str, Card]:
    """The cards by code, from answers that came over the wire."""
    expected = expected or expectations()
    asked = resolver(server, lifetime=0.3)
    answers = {question: asked.lookup(question) for question in checks.questions(expected)}
    return {card.code: card for card in checks.cards(expected, answers)}


def publish(zone: Zone, card: Card, domain: str = DOMAIN) -> None:
    """Do to the zone exactly what the card advises, as a customer would."""
    for advice in card.records_to_publish:
        for old in advice.replaces:
            zone[full_name(old.name, domain)][old.type].remove(old.rdata)
        new = advice.record
        records = zone.setdefault(full_name(new.name, domain), {})
        records.setdefault(new.type, []).append(new.rdata)
