"""The cards about who may send, SPF and DKIM, with their records right, wrong and absent."""

from __future__ import annotations

import pytest

from provisioning.contract import DkimExpectation, DkimState, DnsRecord, RecordType
from provisioning.dnsguide.cards import Status
from tests.dnsguide.build import DOMAIN, KEY, apex, expectations, good_zone, look, spf
from tests.support.dns_server import DnsServer


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
