"""The whole guide: one deadline, what is kept and for how long, and where the zone is edited."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from pytest_django import Settings

from provisioning.contract import MxHost
from provisioning.dnsguide import guide, panels
from provisioning.dnsguide.cards import Status
from tests.dnsguide.build import DOMAIN, HOST, expectations, good_zone
from tests.support.dns_server import DnsServer, Fault

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _name_server(server: DnsServer, settings: Settings) -> None:
    settings.DNS_NAMESERVERS = [server.address]
    settings.DNS_LIFETIME_SECONDS = 1.0


def status(result: guide.Guide, code: str) -> Status:
    return next(card.status for card in result.cards if card.code == code)


def test_the_guide_shows_all_cards_the_name_servers_and_their_time() -> None:
    with time_machine.travel(NOON, tick=False):
        result = guide.read(expectations())
    assert {card.status for card in result.cards} == {Status.OK}
    assert (result.as_of, result.name_servers) == (NOON, ("ns1.dns.example",))
    assert result.panel is panels.GENERIC


def test_a_second_reading_asks_dns_nothing_and_says_how_old_it_is(server: DnsServer) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        first = guide.read(expectations())
        server.reset({})
        clock.shift(timedelta(hours=3, minutes=59))
        second = guide.read(expectations())
    assert (second.cards, second.as_of, server.queries) == (first.cards, NOON, [])


def test_after_four_hours_dns_is_asked_again(server: DnsServer) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        guide.read(expectations())
        server.reset(good_zone(dmarc=None))
        clock.shift(timedelta(hours=4, seconds=1))
        assert status(guide.read(expectations()), "dmarc") is Status.MISSING


def test_a_no_is_kept_like_a_yes(server: DnsServer) -> None:
    server.zone = good_zone(dmarc=None)
    guide.read(expectations())
    server.reset(good_zone())
    assert status(guide.read(expectations()), "dmarc") is Status.MISSING
    assert server.queries == []


def test_trouble_is_never_kept(server: DnsServer) -> None:
    server.faults[f"_dmarc.{DOMAIN}"] = Fault.SERVFAIL
    assert status(guide.read(expectations()), "dmarc") is Status.UNKNOWN
    server.reset(good_zone())
    assert status(guide.read(expectations()), "dmarc") is Status.OK
    assert {host for host, *_rest in server.queries} == {f"_dmarc.{DOMAIN}"}


def test_trouble_in_a_refresh_does_not_wipe_out_what_was_known(server: DnsServer) -> None:
    guide.read(expectations())
    server.faults["*"] = Fault.SERVFAIL
    assert status(guide.read(expectations(), refresh=True), "mx") is Status.UNKNOWN
    assert status(guide.read(expectations()), "mx") is Status.OK


def test_a_forced_refresh_asks_anew_but_not_twice_in_twenty_seconds(server: DnsServer) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        guide.read(expectations())
        server.reset(good_zone(dmarc=None))
        first = guide.read(expectations(), refresh=True)
        server.reset(good_zone())
        clock.shift(19)
        second = guide.read(expectations(), refresh=True)
        assert server.queries == []
        clock.shift(2)
        third = guide.read(expectations(), refresh=True)
    assert [first.refreshed, second.refreshed, third.refreshed] == [True, False, True]
    kept = [status(one, "dmarc") for one in (first, second, third)]
    assert kept == [Status.MISSING, Status.MISSING, Status.OK]


def test_the_cool_down_of_one_domain_holds_no_other_back() -> None:
    other = expectations(domain="other.example")
    assert guide.read(expectations(), refresh=True).refreshed
    assert guide.read(other, refresh=True).refreshed


def test_the_answers_of_one_domain_serve_its_services_alike(server: DnsServer) -> None:
    guide.read(expectations())
    server.reset({})
    stricter = expectations(mx=(MxHost(host="mx2.host.example"),))
    assert status(guide.read(stricter), "mx") is Status.MISSING
    assert server.queries == []


def test_a_name_server_that_never_answers_costs_no_more_than_the_deadline(
    server: DnsServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DNS_LIFETIME_SECONDS = 1.5
    monkeypatch.setattr(guide, "DEADLINE_SECONDS", 0.3)
    server.faults["*"] = Fault.TIMEOUT
    started = time.monotonic()
    result = guide.read(expectations())
    assert time.monotonic() - started < settings.DNS_LIFETIME_SECONDS
    assert {card.status for card in result.cards} == {Status.UNKNOWN}
    assert (result.as_of, result.name_servers) == (None, ())


def test_one_slow_name_leaves_the_other_cards_alone(server: DnsServer, settings: Settings) -> None:
    settings.DNS_LIFETIME_SECONDS = 0.3
    server.faults[f"_dmarc.{DOMAIN}"] = Fault.TIMEOUT
    result = guide.read(expectations())
    assert {card.code for card in result.cards if card.status is not Status.OK} == {"dmarc"}


def test_peeking_never_asks_dns_and_shows_what_is_still_to_be_checked(server: DnsServer) -> None:
    result = guide.peek(expectations())
    assert {card.status_word for card in result.cards} == {"Checking…"}
    assert not any(card.problems for card in result.cards)
    assert server.queries == []


def test_peeking_shows_what_is_kept(server: DnsServer) -> None:
    read = guide.read(expectations())
    server.reset({})
    assert guide.peek(expectations()).cards == read.cards
    assert server.queries == []


@pytest.mark.parametrize(
    ("name_servers", "code"),
    [
        (["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"], "cloudflare"),
        (["ns-1.awsdns-12.org", "ns-2.awsdns-34.co.uk"], "route53"),
        (["ns1.seller.example", "ns2.seller.example"], "cpanel"),
        (["ns1.seller.example", "ada.ns.cloudflare.com"], "generic"),
        (["ns.cloudflare.com.evil.example"], "generic"),
        (["ns1.mystery.example"], "generic"),
        ([], "generic"),
    ],
)
def test_the_dns_panel_is_known_from_the_name_servers(name_servers: list[str], code: str) -> None:
    own = ["*.seller.example=cpanel", "*.mystery.example=no-such-panel"]
    assert panels.detect(name_servers, own).code == code


def test_the_seller_names_its_own_panels_by_setting(server: DnsServer, settings: Settings) -> None:
    settings.DNS_PANELS = ["*.dns.example=plesk"]
    assert guide.read(expectations()).panel.code == "plesk"


def test_every_panel_tells_the_customer_what_to_do() -> None:
    assert all(panel.steps and str(panel.label) for panel in panels.PANELS)
    assert len({panel.code for panel in panels.PANELS}) == len(panels.PANELS)


def test_the_guide_of_an_international_domain_is_read_and_kept(server: DnsServer) -> None:
    server.zone["xn--mnchen-3ya.example"] = {"MX": [f"10 {HOST}"]}
    german = expectations(domain="münchen.example")
    assert status(guide.read(german), "mx") is Status.OK
    assert status(guide.peek(german), "mx") is Status.OK
