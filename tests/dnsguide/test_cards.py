"""Each card with each of its records right, wrong, absent or beyond reach."""

from __future__ import annotations

import pytest

from provisioning.contract import (
    AutodiscoverExpectation,
    DkimExpectation,
    DmarcExpectation,
    DnsRecord,
    MxHost,
    RecordType,
    SpfExpectation,
)
from provisioning.dnsguide import checks
from provisioning.dnsguide.cards import Status
from tests.dnsguide.build import (
    DOMAIN,
    HOST,
    HOST_ZONE,
    KEY,
    apex,
    expectations,
    good_zone,
    look,
    spf,
    txt,
)
from tests.support.dns_server import DnsServer, Fault

ALL_CODES = ["mx", "spf", "dkim", "autodiscover", "dmarc", "records"]


def test_a_domain_with_every_record_is_green_and_gets_no_advice(server: DnsServer) -> None:
    cards = look(server)
    assert list(cards) == ALL_CODES
    assert {card.status for card in cards.values()} == {Status.OK}
    assert all(card.status_word == "Configured" for card in cards.values())
    assert not any(card.problems or card.records_to_publish for card in cards.values())


def test_a_domain_that_does_not_exist_is_not_configured_anywhere(server: DnsServer) -> None:
    server.zone = dict(HOST_ZONE)
    cards = look(server)
    assert {card.status_word for card in cards.values()} == {"Not configured"}
    assert all(card.problems and card.records_to_publish for card in cards.values())


@pytest.mark.parametrize("fault", [Fault.SERVFAIL, Fault.REFUSED])
def test_name_server_trouble_is_unknown_on_every_card(server: DnsServer, fault: Fault) -> None:
    server.faults["*"] = fault
    cards = look(server)
    assert {card.status_word for card in cards.values()} == {"Unknown"}
    assert all(fault.value.upper() in card.problems[0] for card in cards.values())


def test_trouble_never_advises_a_text_that_could_double_one_out_of_sight(server: DnsServer) -> None:
    server.faults["*"] = Fault.SERVFAIL
    cards = look(server)
    assert cards["spf"].records_to_publish == cards["dmarc"].records_to_publish == ()
    assert not any(one.replaces for card in cards.values() for one in card.records_to_publish)


def test_a_platform_without_opinions_has_nothing_that_applies(server: DnsServer) -> None:
    bare = {"mx": (), "extra": (), "spf": SpfExpectation(), "dmarc": DmarcExpectation()}
    bare |= {"dkim": DkimExpectation(), "autodiscover": AutodiscoverExpectation()}
    cards = look(server, expectations(**bare))
    assert {code: card.status_word for code, card in cards.items()} == dict.fromkeys(
        ["mx", "spf", "dkim", "autodiscover"], "Not applicable"
    )
    assert server.queries == []


def test_full_set_lists_every_record_of_a_new_domain() -> None:
    listed = [(r.type.value, r.name, r.rdata) for r in checks.full_set(expectations())]
    assert listed == [
        ("MX", "@", f"10 {HOST}"),
        ("TXT", "@", spf()),
        ("TXT", "s1._domainkey", f"v=DKIM1; k=rsa; p={KEY}"),
        ("CNAME", "autodiscover", HOST),
        ("SRV", "_autodiscover._tcp", f"0 0 443 {HOST}"),
        ("TXT", "_dmarc", "v=DMARC1; p=quarantine; rua=mailto:dmarc@host.example"),
        ("TXT", "mx-verification", "token=Abc123"),
    ]


class TestMx:
    @pytest.mark.parametrize("host", [HOST.upper(), f"{HOST}."])
    def test_case_and_the_final_dot_do_not_matter(self, server: DnsServer, host: str) -> None:
        assert look(server, expectations(mx=(MxHost(host=host),)))["mx"].status is Status.OK

    def test_mail_that_goes_elsewhere_is_said_with_what_takes_its_place(
        self, server: DnsServer
    ) -> None:
        server.zone[DOMAIN]["MX"] = ["5 mx.old.example"]
        card = look(server)["mx"]
        assert card.status is Status.MISSING
        assert card.problems == (
            f"{DOMAIN} has MX 5 mx.old.example where MX 10 {HOST} is expected.",
        )
        (advice,) = card.records_to_publish
        assert advice.record.rdata == f"10 {HOST}"
        assert [old.rdata for old in advice.replaces] == ["5 mx.old.example"]

    def test_a_host_that_only_contains_ours_is_a_stranger(self, server: DnsServer) -> None:
        server.zone[DOMAIN]["MX"] = [f"10 x{HOST}"]
        assert look(server)["mx"].status is Status.MISSING

    def test_a_stranger_beside_ours_is_a_note(self, server: DnsServer) -> None:
        server.zone[DOMAIN]["MX"] = ["5 gate.example", f"10 {HOST}"]
        card = look(server)["mx"]
        assert card.status is Status.OK
        assert card.notes == ("Mail may also be delivered elsewhere: MX 5 gate.example.",)

    def test_one_of_two_hosts_is_partial_and_ours_is_never_to_go(self, server: DnsServer) -> None:
        two = (MxHost(host=HOST), MxHost(host="mx2.host.example", priority=20))
        card = look(server, expectations(mx=two))["mx"]
        assert card.status_word == "Partial"
        (advice,) = card.records_to_publish
        assert (advice.record.rdata, advice.replaces) == ("20 mx2.host.example", ())

    def test_an_international_domain_is_checked_under_its_punycode(self, server: DnsServer) -> None:
        server.zone["xn--mnchen-3ya.example"] = apex(spf())
        cards = look(server, expectations(domain="münchen.example"))
        assert (cards["mx"].status, cards["spf"].status) == (Status.OK, Status.OK)
        assert cards["dkim"].status is Status.MISSING


class TestAutodiscover:
    @pytest.mark.parametrize(
        ("auto", "status"),
        [
            ({"CNAME": [HOST.upper()]}, Status.OK),
            ({"A": ["203.0.113.9", "192.0.2.10"]}, Status.OK),  # one address in common
            ({"CNAME": ["hop.example"]}, Status.OK),  # leads to ours in two steps
            ({"CNAME": ["elsewhere.example"]}, Status.PARTIAL),
            ({"A": ["203.0.113.9"]}, Status.PARTIAL),
            (None, Status.PARTIAL),
        ],
    )
    def test_the_host_is_right_by_name_or_by_address(
        self, server: DnsServer, auto: dict[str, list[str]] | None, status: Status
    ) -> None:
        server.zone = {**good_zone(auto=auto), "hop.example": {"CNAME": [HOST]}}
        card = look(server)["autodiscover"]
        assert card.status is status
        assert [one.record.type for one in card.records_to_publish] == (
            [] if status is Status.OK else [RecordType.CNAME]
        )

    @pytest.mark.parametrize(
        "srv", ["0 0 8443 mail.host.example", "0 0 443 mail.host.example.evil.example", None]
    )
    def test_the_srv_needs_both_target_and_port(self, server: DnsServer, srv: str | None) -> None:
        server.zone = good_zone(srv={"SRV": [srv]} if srv else None)
        card = look(server)["autodiscover"]
        assert card.status is Status.PARTIAL
        (advice,) = card.records_to_publish
        assert advice.record.rdata == f"0 0 443 {HOST}"

    def test_neither_is_not_configured(self, server: DnsServer) -> None:
        server.zone = good_zone(auto=None, srv=None)
        card = look(server)["autodiscover"]
        assert (card.status, len(card.problems)) == (Status.MISSING, 2)

    def test_a_platform_may_want_only_one_of_the_two(self, server: DnsServer) -> None:
        server.zone = good_zone(srv=None)
        only = AutodiscoverExpectation(host=HOST)
        assert look(server, expectations(autodiscover=only))["autodiscover"].status is Status.OK

    def test_trouble_with_one_half_makes_the_whole_unknown(self, server: DnsServer) -> None:
        server.faults[f"_autodiscover._tcp.{DOMAIN}"] = Fault.SERVFAIL
        assert look(server)["autodiscover"].status is Status.UNKNOWN

    def test_a_right_cname_needs_no_address(self, server: DnsServer) -> None:
        server.faults[HOST] = Fault.SERVFAIL
        assert look(server)["autodiscover"].status is Status.OK

    def test_addresses_that_cannot_be_compared_are_unknown(self, server: DnsServer) -> None:
        server.zone = good_zone(auto={"A": ["192.0.2.10"]})
        server.faults[HOST] = Fault.SERVFAIL
        assert look(server)["autodiscover"].status is Status.UNKNOWN


class TestDmarc:
    def test_the_card_is_absent_unless_the_product_checks_dmarc(self, server: DnsServer) -> None:
        assert "dmarc" not in look(server, expectations(dmarc=DmarcExpectation()))
        assert f"_dmarc.{DOMAIN}" not in {host for host, *_rest in server.queries}

    @pytest.mark.parametrize(
        ("texts", "status"),
        [
            (["v=DMARC1;p=reject"], Status.OK),
            (["verification=1", "V=dmarc1; p=none"], Status.OK),
            (["v=DMARC1"], Status.PARTIAL),
            (["v=DMARC1; p=maybe"], Status.PARTIAL),
            (["v=DMARC12; p=none"], Status.MISSING),
            (["p=none; v=DMARC1"], Status.MISSING),
            (["v=DMARC1; p=none", "v=DMARC1; p=reject"], Status.MISSING),
        ],
    )
    def test_one_readable_policy_is_needed(
        self, server: DnsServer, texts: list[str], status: Status
    ) -> None:
        server.zone = good_zone(dmarc={"TXT": texts})
        assert look(server)["dmarc"].status is status

    def test_a_customers_own_policy_is_kept_when_doubles_are_merged(
        self, server: DnsServer
    ) -> None:
        server.zone = good_zone(dmarc={"TXT": ["v=DMARC1; p=reject", "v=DMARC1"]})
        (advice,) = look(server)["dmarc"].records_to_publish
        assert (advice.record.rdata, len(advice.replaces)) == ("v=DMARC1; p=reject", 2)


class TestOtherRecords:
    def test_a_text_must_match_to_the_letter(self, server: DnsServer) -> None:
        server.zone = good_zone(extra={"TXT": ["token=abc123", "other"]})
        card = look(server)["records"]
        assert (card.status, card.found) == (Status.MISSING, ())
        assert card.records_to_publish[0].replaces == ()

    @pytest.mark.parametrize(
        ("found", "status"), [("192.0.2.7", Status.OK), ("192.0.2.77", Status.MISSING)]
    )
    def test_a_plain_address_must_be_that_address(
        self, server: DnsServer, found: str, status: Status
    ) -> None:
        server.zone[f"imap.{DOMAIN}"] = {"A": [found]}
        wanted = (DnsRecord(type=RecordType.A, name="imap", value="192.0.2.7"),)
        assert look(server, expectations(extra=wanted))["records"].status is status

    def test_optional_records_do_not_count_but_are_offered(self, server: DnsServer) -> None:
        wanted = (txt("mx-verification", "token=Abc123"), txt("more", "x", optional=True))
        card = look(server, expectations(extra=wanted))["records"]
        assert card.status is Status.OK
        assert [one.record.name for one in card.records_to_publish] == ["more"]

    def test_nothing_but_absent_optional_records_is_partial(self, server: DnsServer) -> None:
        wanted = (txt("more", "x", optional=True),)
        assert look(server, expectations(extra=wanted))["records"].status is Status.PARTIAL

    def test_the_card_is_absent_where_nothing_else_is_wanted(self, server: DnsServer) -> None:
        assert "records" not in look(server, expectations(extra=()))
