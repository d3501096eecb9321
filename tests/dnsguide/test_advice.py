"""Whatever is broken: a customer who does what the cards say ends up green, and stays so."""

from __future__ import annotations

from copy import deepcopy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioning.dnsguide.cards import Status
from tests.dnsguide.build import DOMAIN, KEY, apex, good_zone, look, publish, spf
from tests.support.dns_server import DnsServer, Zone

BROKEN: dict[str, list[dict[str, list[str]] | None]] = {
    "apex": [
        None,
        {"A": ["203.0.113.1"]},
        apex(mx="5 mx.old.example"),
        apex("v=spf1 -all", "unrelated"),
        apex("v=spf1 a -include:spf.host.example ?all"),
        apex("v=spf1 redirect=other.example"),
        apex("v=spf1 -all include:spf.host.example"),
        apex(spf(), "v=spf1 redirect=other.example", mx="0 a.example"),
        apex("v=spf1 mx ip4:192.0.2.0/24", "v=spf1 a -all"),
        apex("v=spf1"),
    ],
    "key": [
        None,
        {"TXT": ["v=DKIM1; p="]},
        {"TXT": [f"v=DKIM1; p={KEY}", "v=DKIM1; p=AAAA", "unrelated"]},
        {"TXT": [f"p={KEY}"]},
        {"TXT": ["v=DKIM1; k=rsa; p=AAAA"]},
    ],
    "auto": [
        None,
        {"A": ["203.0.113.1", "203.0.113.2"]},
        {"CNAME": ["elsewhere.example"]},
    ],
    "srv": [None, {"SRV": ["0 0 80 mail.host.example", "5 5 443 other.example"]}],
    "dmarc": [
        None,
        {"TXT": ["v=DMARC1"]},
        {"TXT": ["v=DMARC1; p=reject", "v=DMARC1; p=none", "unrelated"]},
    ],
    "extra": [None, {"TXT": ["token=old"]}],
}

broken_zones = st.fixed_dictionaries(
    {}, optional={code: st.sampled_from(variants) for code, variants in BROKEN.items()}
).map(lambda changes: deepcopy(good_zone(**changes)))


@given(zone=broken_zones)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_advice_put_into_the_zone_turns_every_card_green(server: DnsServer, zone: Zone) -> None:
    server.reset(zone)
    for card in look(server).values():
        publish(zone, card)
    after = look(server).values()
    assert {card.code: (card.status, card.problems) for card in after} == {
        card.code: (Status.OK, ()) for card in after
    }
    assert not any(card.records_to_publish for card in after)


@given(zone=broken_zones)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_advice_leaves_unrelated_texts_alone(server: DnsServer, zone: Zone) -> None:
    server.reset(zone)
    before = {name for name, records in zone.items() if "unrelated" in records.get("TXT", [])}
    for card in look(server).values():
        publish(zone, card)
    assert all("unrelated" in zone[name]["TXT"] for name in before)


def test_every_broken_variant_really_is_broken(server: DnsServer) -> None:
    for code, variants in BROKEN.items():
        for records in variants:
            server.reset(deepcopy(good_zone(**{code: records})))
            green = {card.status for card in look(server).values()} == {Status.OK}
            assert not green, (code, records)
    assert DOMAIN in server.zone
