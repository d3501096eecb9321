from __future__ import annotations

from datetime import UTC, datetime

import pytest

from provisioning.dnsguide.answers import Outcome, Question, ask
from provisioning.dnsguide.resolver import Resolver
from tests.dnsguide.build import DOMAIN, HOST, KEY, resolver
from tests.support.dns_server import DnsServer, Fault

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_answer_carries_its_values_and_the_instant_it_was_asked(server: DnsServer) -> None:
    asked = Resolver([server.address], lifetime=2, now=lambda: NOON)
    answer = asked.lookup(ask(DOMAIN, "MX"))
    assert (answer.outcome, answer.values, answer.at) == (Outcome.ANSWER, (f"10 {HOST}",), NOON)


def test_no_such_record_differs_from_no_such_name(server: DnsServer) -> None:
    asked = resolver(server)
    assert asked.lookup(ask(DOMAIN, "SRV")).outcome is Outcome.NO_RECORD
    assert asked.lookup(ask(f"nothing.{DOMAIN}", "A")).outcome is Outcome.NXDOMAIN


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.TIMEOUT, "no answer in time"),
        (Fault.SERVFAIL, "SERVFAIL"),
        (Fault.REFUSED, "REFUSED"),
        (Fault.GARBAGE, "no answer in time"),
    ],
)
def test_a_failing_name_server_is_trouble_and_never_a_no(
    server: DnsServer, fault: Fault, words: str
) -> None:
    server.faults["*"] = fault
    answer = resolver(server, lifetime=0.3).lookup(ask(DOMAIN, "MX"))
    assert (answer.outcome, answer.known, answer.values) == (Outcome.TROUBLE, False, ())
    assert words in answer.trouble


def test_the_second_name_server_is_asked_when_the_first_is_dead(server: DnsServer) -> None:
    with DnsServer() as dead:
        dead.faults["*"] = Fault.TIMEOUT
        servers = [dead.address, server.address]
        asked = Resolver(servers, lifetime=0.9, now=lambda: NOON)
        assert asked.lookup(ask(DOMAIN, "MX")).values == (f"10 {HOST}",)
        assert dead.queries


def test_a_long_key_arrives_whole_from_its_split_strings(server: DnsServer) -> None:
    answer = resolver(server).lookup(ask(f"s1._domainkey.{DOMAIN}", "TXT"))
    assert answer.values == (f"v=DKIM1; k=rsa; p={KEY}",)


def test_an_answer_too_big_for_udp_is_asked_for_over_tcp(server: DnsServer) -> None:
    big = [f"{number} " + "x" * 200 for number in range(10)]
    server.zone["big.example"] = {"TXT": big}
    assert resolver(server).lookup(ask("big.example", "TXT")).values == tuple(sorted(big))
    assert [transport for *_name, transport in server.queries] == ["udp", "tcp"]


def test_a_truncated_reply_is_asked_for_again_over_tcp(server: DnsServer) -> None:
    server.faults[DOMAIN] = Fault.TRUNCATE
    assert resolver(server).lookup(ask(DOMAIN, "MX")).outcome is Outcome.ANSWER


def test_an_international_domain_is_asked_for_as_punycode(server: DnsServer) -> None:
    server.zone["xn--mnchen-3ya.example"] = {"MX": [f"10 {HOST}"]}
    assert resolver(server).lookup(ask("MÜNCHEN.example.", "MX")).values == (f"10 {HOST}",)
    assert server.queries[0][0] == "xn--mnchen-3ya.example"


def test_an_underscore_label_survives_beside_an_international_one() -> None:
    assert ask("_dmarc.münchen.example", "TXT").host == "_dmarc.xn--mnchen-3ya.example"


def test_aliases_are_followed_to_the_address(server: DnsServer) -> None:
    answer = resolver(server).lookup(ask(f"autodiscover.{DOMAIN}", "A"))
    assert answer.values == ("192.0.2.10",)


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example"])
def test_a_name_that_dns_cannot_carry_is_not_sent(server: DnsServer, host: str) -> None:
    assert ask(host.upper(), "A") == Question(host, "A")
    assert resolver(server).lookup(Question(host, "A")).outcome is Outcome.TROUBLE
    assert server.queries == []


@pytest.mark.parametrize("text", ["dns.example", "127.0.0.1:port", "[::1", "999.1.1.1"])
def test_a_wrong_name_server_setting_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Resolver([text], lifetime=1, now=lambda: NOON)


@pytest.mark.parametrize("text", ["127.0.0.1", "127.0.0.1:5353", "::1", "[::1]", "[::1]:5353"])
def test_name_servers_are_addresses_with_or_without_a_port(text: str) -> None:
    Resolver([text], lifetime=1, now=lambda: NOON)
