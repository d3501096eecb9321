from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import dns.resolver
import pytest

from demo.nameserver import Server

KEY = "v=DKIM1; k=rsa; p=" + "Q" * 392  # as long as that of 2048 bits
ZONES = {
    "harbour.example": {"MX": ["10 mail1.host.example"], "TXT": ["v=spf1 a -all"]},
    "s1._domainkey.harbour.example": {"TXT": [KEY]},
    "autodiscover.harbour.example": {"CNAME": ["mail1.host.example"]},
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "zones.json"
    path.write_text(json.dumps(ZONES))
    return path


@pytest.fixture
def resolver(file: Path) -> Iterator[dns.resolver.Resolver]:
    with Server(0, file) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        asking = dns.resolver.Resolver(configure=False)
        asking.nameservers, asking.port = ["127.0.0.1"], server.server_address[1]
        asking.lifetime = 2
        asking.use_edns(0, 0, 1232)
        yield asking
        server.shutdown()


@pytest.mark.parametrize(
    "host, kind, found",
    [
        ("harbour.example", "MX", "10 mail1.host.example."),
        ("Harbour.Example", "TXT", '"v=spf1 a -all"'),
        ("autodiscover.harbour.example", "CNAME", "mail1.host.example."),
    ],
)
def test_records_are_answered_whatever_the_case(resolver, host, kind, found):
    assert [row.to_text() for row in resolver.resolve(host, kind)] == [found]


def test_a_long_key_comes_whole(resolver):
    (row,) = resolver.resolve("s1._domainkey.harbour.example", "TXT")
    assert b"".join(row.strings).decode() == KEY


def test_no_record_and_no_such_name_differ(resolver):
    with pytest.raises(dns.resolver.NoAnswer):
        resolver.resolve("_domainkey.harbour.example", "TXT")
    with pytest.raises(dns.resolver.NXDOMAIN):
        resolver.resolve("nobody.example", "MX")


def test_records_entered_later_are_found(resolver, file):
    file.write_text(json.dumps({"late.example": {"MX": ["5 mail2.host.example"]}}))
    assert [row.preference for row in resolver.resolve("late.example", "MX")] == [5]
