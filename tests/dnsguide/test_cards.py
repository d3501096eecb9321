"""Each card with each of its records right, wrong, absent or beyond reach."""

from __future__ import annotations

import pytest

from provisioning.contract import (
    AutodiscoverExpectation,
    DkimExpectation,
    DkimState,
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


class TestSpf:
    @pytest.mark.parametrize(
        "middle",
        [
            "include:spf.host.example",
            "+INCLUDE:SPF.host.example.",
            "mx include:spf.host.example ip4:203.0.113.1",
            "ip4:192.0.2.0/24",  # secondary
        ],
    )
    def test_a_whole_mechanism_is_accepted(self, server: DnsServer, middle: str) -> None:
        server.zone[DOMAIN] = apex("site-verification=1", spf(middle))
        assert look(server)["spf"].status is Status.OK

    @pytest.mark.parametrize(
        "text",
        [
            spf("include:spf.host.example.evil.example"),
            spf("include:xspf.host.example"),
            spf("-include:spf.host.example"),
            spf("?include:spf.host.example"),
            spf("include=spf.host.example"),
            "v=spf1 ~all include:spf.host.example",
            "v=spf1 -all redirect=spf.host.example",
            spf("exists:include:spf.host.example"),
            "v=spf10 include:spf.host.example ~all",
        ],
    )
    def test_what_does_not_let_the_platform_send_is_refused(
        self, server: DnsServer, text: str
    ) -> None:
        server.zone[DOMAIN] = apex(text)
        assert look(server)["spf"].status is Status.MISSING

    def test_a_redirect_to_the_platform_counts_where_no_all_term_stands(
        self, server: DnsServer
    ) -> None:
        server.zone[DOMAIN] = apex("v=spf1 redirect=spf.host.example")
        assert look(server)["spf"].status is Status.OK

    def test_the_mechanism_goes_before_the_all_term_of_the_one_record(
        self, server: DnsServer
    ) -> None:
        server.zone[DOMAIN] = apex("v=spf1 mx -all")
        (advice,) = look(server)["spf"].records_to_publish
        assert advice.record.rdata == "v=spf1 mx include:spf.host.example -all"
        assert [old.rdata for old in advice.replaces] == ["v=spf1 mx -all"]

    def test_two_records_are_an_error_even_if_one_is_right(self, server: DnsServer) -> None:
        server.zone[DOMAIN] = apex(spf(), "v=spf1 a -all")
        card = look(server)["spf"]
        assert card.status is Status.MISSING
        assert "2 SPF records" in card.problems[0]
        (advice,) = card.records_to_publish
        assert sorted(advice.record.rdata.split()[1:-1]) == ["a", "include:spf.host.example"]
        assert advice.record.rdata.endswith(" ~all")
        assert len(advice.replaces) == 2

    def test_secondary_mechanisms_are_never_shown(self, server: DnsServer) -> None:
        server.zone[DOMAIN] = apex("v=spf1 -all")
        assert "192.0.2.0/24" not in str(look(server)["spf"])

    @pytest.mark.parametrize(
        ("middle", "words"),
        [
            ("inlcude:other.example include:spf.host.example", "“inlcude:other.example”"),
            ("include: other.example include:spf.host.example", "“include:”"),
            ("include:spf.host.example " + "a:x.example " * 11, "more than 10 lookups"),
        ],
    )
    def test_what_else_ails_a_good_record_is_a_note(
        self, server: DnsServer, middle: str, words: str
    ) -> None:
        server.zone[DOMAIN] = apex(spf(middle))
        card = look(server)["spf"]
        assert card.status is Status.OK
        assert words in " ".join(card.notes)

    def test_plus_all_is_pointed_out(self, server: DnsServer) -> None:
        server.zone[DOMAIN] = apex("v=spf1 include:spf.host.example +all")
        assert "anyone" in look(server)["spf"].notes[0]


class TestDkim:
    def key(self, server: DnsServer, *texts: str) -> None:
        server.zone[f"s1._domainkey.{DOMAIN}"] = {"TXT": list(texts)}

    def test_spaces_within_the_key_do_not_matter(self, server: DnsServer) -> None:
        self.key(server, f"v=DKIM1;k=rsa;p={KEY[:100]} {KEY[100:]}; t=s")
        assert look(server)["dkim"].status is Status.OK

    def test_the_platform_may_tell_its_key_as_a_whole_record(self, server: DnsServer) -> None:
        whole = DkimExpectation(
            state=DkimState.ACTIVE, selector="s1", public_key=f"v=DKIM1; k=rsa; p={KEY}"
        )
        assert look(server, expectations(dkim=whole))["dkim"].status is Status.OK

    def test_another_key_is_replaced(self, server: DnsServer) -> None:
        other = f"v=DKIM1; k=rsa; p={KEY.swapcase()}"
        self.key(server, other)
        card = look(server)["dkim"]
        assert (card.status, len(card.problems)) == (Status.MISSING, 1)
        (advice,) = card.records_to_publish
        assert advice.record.rdata == f"v=DKIM1; k=rsa; p={KEY}"
        assert [old.rdata for old in advice.replaces] == [other]

    @pytest.mark.parametrize(
        ("text", "status"),
        [
            ("v=DKIM1; k=rsa; p=", Status.MISSING),  # withdrawn
            ("hello", Status.MISSING),
            (f"k=rsa; p={KEY}", Status.PARTIAL),
            (f"p={KEY}; v=DKIM1", Status.PARTIAL),
            (f"v=DKIM2; p={KEY}", Status.PARTIAL),
        ],
    )
    def test_a_record_that_receivers_cannot_use(
        self, server: DnsServer, text: str, status: Status
    ) -> None:
        self.key(server, text)
        assert look(server)["dkim"].status is status

    def test_a_second_key_under_the_name_is_partial(self, server: DnsServer) -> None:
        self.key(server, f"v=DKIM1; p={KEY}", "v=DKIM1; p=AAAA")
        card = look(server)["dkim"]
        assert card.status is Status.PARTIAL
        assert len(card.records_to_publish[0].replaces) == 2

    def test_any_key_does_where_the_platform_tells_none(self, server: DnsServer) -> None:
        silent = DkimExpectation(state=DkimState.ACTIVE, selector="s1")
        assert look(server, expectations(dkim=silent))["dkim"].status is Status.OK
        self.key(server, "v=DKIM1; p=")
        card = look(server, expectations(dkim=silent))["dkim"]
        assert (card.status, card.records_to_publish) == (Status.MISSING, ())

    @pytest.mark.parametrize(
        ("state", "status", "word"),
        [
            (DkimState.DISABLED, Status.MISSING, "disabled"),
            (DkimState.STANDBY, Status.PARTIAL, "standby"),
        ],
    )
    @pytest.mark.parametrize("published", [True, False])
    def test_the_platforms_state_comes_before_dns(
        self, server: DnsServer, state: DkimState, status: Status, word: str, *, published: bool
    ) -> None:
        server.zone = good_zone() if published else good_zone(key=None)
        dkim = DkimExpectation(state=state, selector="s1", public_key=KEY)
        card = look(server, expectations(dkim=dkim))["dkim"]
        assert card.status is status
        assert word in card.problems[0]
        assert bool(card.records_to_publish) is not published

    @pytest.mark.parametrize(
        ("targets", "status"),
        [
            (["a.dkim.example", "b.dkim.example"], Status.OK),
            (["a.dkim.example", "x.dkim.example"], Status.PARTIAL),
            ([], Status.MISSING),
        ],
    )
    def test_keys_that_the_platform_publishes_are_pointed_to(
        self, server: DnsServer, targets: list[str], status: Status
    ) -> None:
        for number, target in enumerate(targets, 1):
            server.zone[f"key{number}._domainkey.{DOMAIN}"] = {"CNAME": [target]}
        wanted = [("key1", "a.dkim.example"), ("key2", "b.dkim.example")]
        cnames = tuple(
            DnsRecord(type=RecordType.CNAME, name=f"{name}._domainkey", value=target)
            for name, target in wanted
        )
        dkim = DkimExpectation(state=DkimState.ACTIVE, cnames=cnames)
        assert look(server, expectations(dkim=dkim))["dkim"].status is status


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
