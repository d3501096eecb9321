from __future__ import annotations

import pytest

from provisioning.contract import DmarcExpectation
from provisioning.dnsguide import dmarc


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, "v=DMARC1; p=none"),
        (
            {"p": "quarantine", "rua": "a@x.com", "pct": "50"},
            "v=DMARC1; p=quarantine; pct=50; rua=mailto:a@x.com",
        ),
        ({"p": "reject", "sp": "reject"}, "v=DMARC1; p=reject"),
        ({"p": "reject", "sp": "none"}, "v=DMARC1; p=reject; sp=none"),
        ({"adkim": "r", "aspf": "s"}, "v=DMARC1; p=none; aspf=s"),
        ({"pct": "0"}, "v=DMARC1; p=none; pct=0"),
        ({"pct": "100", "rf": "afrf", "ri": "86400"}, "v=DMARC1; p=none"),
        ({"ri": "59"}, "v=DMARC1; p=none; ri=60"),
        ({"ri": "700000"}, "v=DMARC1; p=none; ri=604800"),
        ({"P": "reject"}, "v=DMARC1; p=none"),
        (
            {"rua": "mailto:a@x.com, b@münchen.example;a@x.com", "ruf": "c@x.com"},
            "v=DMARC1; p=none; rua=mailto:a@x.com,mailto:b@xn--mnchen-3ya.example"
            "; ruf=mailto:c@x.com",
        ),
        (
            {
                "p": "reject", "sp": "none", "adkim": "s", "aspf": "s", "pct": "1",
                "rf": "iodef", "ri": "3600", "rua": "a@x.com", "ruf": "b@x.com",
            },
            "v=DMARC1; p=reject; sp=none; adkim=s; aspf=s; pct=1; rf=iodef; ri=3600"
            "; rua=mailto:a@x.com; ruf=mailto:b@x.com",
        ),
    ],
)  # fmt: skip
def test_the_record(data: dict[str, str], expected: str) -> None:
    assert dmarc.generate(data) == dmarc.Draft(record=expected)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("p", "maybe", "none, quarantine, reject"),
        ("sp", "p=none", "none, quarantine, reject"),
        ("adkim", "x", "r, s"),
        ("aspf", "strict", "r, s"),
        ("rf", "xml", "afrf, iodef"),
        ("pct", "101", "0 to 100"),
        ("pct", "-1", "whole number"),
        ("pct", "5.5", "whole number"),
        ("ri", "daily", "whole number"),
        ("ri", "²", "whole number"),
        ("rua", "a@x.com, nobody", "nobody"),
        ("rua", "a@localhost", "a@localhost"),
        ("rua", "a@-x.com", "a@-x.com"),
        ("ruf", "a@x.com!10m", "a@x.com!10m"),
        ("ruf", "https://x.com/report", "https://x.com/report"),
    ],
)
def test_an_error_stands_beside_its_field_and_no_record_is_made(
    name: str, text: str, words: str
) -> None:
    draft = dmarc.generate({"p": "reject", name: text})
    assert draft.record == ""
    assert list(draft.errors) == [name]
    assert words in draft.errors[name]


def test_every_wrong_field_is_named_at_once() -> None:
    draft = dmarc.generate({"p": "x", "pct": "x", "rua": "x", "ri": "60"})
    assert set(draft.errors) == {"p", "pct", "rua"}


@pytest.mark.parametrize(
    ("expected", "record"),
    [
        (DmarcExpectation(policy="reject", rua="d@x.com"), "p=reject; rua=mailto:d@x.com"),
        (DmarcExpectation(policy="odd"), "p=none"),
        (DmarcExpectation(policy="reject", rua="not an address"), "p=reject"),
    ],
)
def test_the_suggestion_survives_a_products_wrong_setting(
    expected: DmarcExpectation, record: str
) -> None:
    assert dmarc.render(dmarc.suggested(expected)) == f"v=DMARC1; {record}"
