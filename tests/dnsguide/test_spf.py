"""SPF as a list of terms, without any DNS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.dnsguide import spf

OWN = "client.example"
hosts = st.sampled_from(["a.example", "b.example", "spf.host.example", "c.d.example"])
mechanisms = st.one_of(
    st.sampled_from(["a", "mx", "ip4:192.0.2.1", "ip6:2001:db8::/32", "a:x.example/24"]),
    hosts.map("include:{}".format),
    hosts.map("exists:%{{i}}.{}".format),
)
qualifiers = st.sampled_from(["", "+", "-", "~", "?"])
terms = st.tuples(qualifiers, mechanisms).map("".join)
endings: st.SearchStrategy[list[str]] = st.one_of(
    st.just([]),
    st.sampled_from([["~all"], ["-all"], ["?all"], ["all"]]),
    hosts.map(lambda host: [f"redirect={host}"]),
)
records = st.builds(
    lambda first, last: " ".join(["v=spf1", *first, *last]), st.lists(terms, max_size=6), endings
)
wishes = st.one_of(mechanisms, hosts.map("redirect={}".format))


def insert(text: str, wish: str) -> str:
    return spf.insert(spf.parse(text, OWN), spf.wanted_terms(wish, OWN))


def authorises(text: str, wish: str) -> bool:
    return spf.authorises(spf.parse(text, OWN), spf.wanted_terms(wish, OWN))


@given(records, wishes)
def test_after_insertion_the_mechanism_is_allowed(text: str, wish: str) -> None:
    assert authorises(insert(text, wish), wish)


@given(records, wishes)
def test_insertion_into_a_record_that_allows_it_changes_nothing(text: str, wish: str) -> None:
    once = insert(text, wish)
    assert insert(once, wish) == once


@given(records, wishes)
def test_insertion_keeps_every_other_term_in_its_order(text: str, wish: str) -> None:
    keys = {term.key for term in spf.wanted_terms(wish, OWN)}
    others = [term.text for term in spf.parse(text, OWN) if term.key not in keys]
    after = [term.text for term in spf.parse(insert(text, wish), OWN) if term.key not in keys]
    assert after == others


@given(records, wishes)
def test_insertion_yields_one_record_whose_all_term_stays_last(text: str, wish: str) -> None:
    result = insert(text, wish)
    assert result.split().count("v=spf1") == 1
    alls = [i for i, term in enumerate(spf.parse(result, OWN)) if term.is_all]
    assert alls in ([], [len(spf.parse(result, OWN)) - 1])


@given(st.lists(records, min_size=2, max_size=4), wishes)
def test_merging_loses_no_mechanism_and_allows_the_wanted_one(texts: list[str], wish: str) -> None:
    parsed = [spf.parse(text, OWN) for text in texts]
    merged = spf.parse(spf.insert(spf.merge(parsed), spf.wanted_terms(wish, OWN)), OWN)
    every = {term.key for record in parsed for term in record if not term.is_all}
    assert every <= {term.key for term in merged}
    assert [term.is_all for term in merged].count(True) == 1
    assert merged[-1].is_all
    assert spf.authorises(merged, spf.wanted_terms(wish, OWN))


@given(wishes)
def test_a_fresh_record_allows_what_was_wanted(wish: str) -> None:
    assert authorises(spf.fresh(spf.wanted_terms(wish, OWN)), wish)


@pytest.mark.parametrize(
    ("text", "wish", "expected"),
    [
        ("v=spf1 ~all", "include:x.example", "v=spf1 include:x.example ~all"),
        ("v=spf1 a mx -all", "include:x.example", "v=spf1 a mx include:x.example -all"),
        ("v=spf1 a", "include:x.example", "v=spf1 a include:x.example"),
        ("v=spf1 redirect=y.example", "a:x.example", "v=spf1 a:x.example redirect=y.example"),
        ("v=spf1 mx -all", "redirect=x.example", "v=spf1 mx include:x.example -all"),
        ("v=spf1 -include:x.example ~all", "include:x.example", "v=spf1 include:x.example ~all"),
        ("v=spf1 ~all include:x.example", "include:x.example", "v=spf1 include:x.example ~all"),
    ],
)
def test_where_the_mechanism_goes(text: str, wish: str, expected: str) -> None:
    assert insert(text, wish) == expected


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("include:x.example", "v=spf1 include:x.example ~all"),
        ("+include:x.example", "v=spf1 include:x.example ~all"),
        ("redirect=x.example", "v=spf1 redirect=x.example"),
        ("v=spf1 a include:x.example -all", "v=spf1 a include:x.example ~all"),
    ],
)
def test_a_fresh_record(wish: str, expected: str) -> None:
    assert spf.fresh(spf.wanted_terms(wish, OWN)) == expected


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("v=spf1 ip4:192.0.2.1 -all", "ip4:192.0.2.1/32"),
        ("v=spf1 ip6:2001:DB8:0::1 -all", "ip6:2001:db8::1"),
        ("v=spf1 a -all", f"a:{OWN}"),
        ("v=spf1 mx/24 -all", f"mx:{OWN}/24"),
        ("v=spf1 include:MÜNCHEN.example -all", "include:xn--mnchen-3ya.example"),
    ],
)
def test_spellings_of_one_mechanism_are_equal(text: str, wish: str) -> None:
    assert authorises(text, wish)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("v=spf1 ip4:192.0.2.10 -all", "ip4:192.0.2.1"),
        ("v=spf1 a/24 -all", "a"),
        ("v=spf1 mx -all", "a"),
        ("v=spf1 include:x.example -all", ""),
        ("v=spf1 include:x.example -all", "include:x.example include:y.example"),
    ],
)
def test_different_mechanisms_are_not(text: str, wish: str) -> None:
    assert not authorises(text, wish)


@pytest.mark.parametrize("text", ["v=spf1", "V=SPF1 -all", " v=spf1 a"])
def test_what_is_an_spf_record(text: str) -> None:
    assert spf.is_spf(text)


@pytest.mark.parametrize("text", ["", "v=spf10 -all", "spf2.0/pra -all", "x v=spf1 -all"])
def test_what_is_not_an_spf_record(text: str) -> None:
    assert not spf.is_spf(text)


@pytest.mark.parametrize("term", ["inlcude:x.example", "include:", "ip4:", "4you", "mail.example"])
def test_terms_that_break_a_record_are_named(term: str) -> None:
    record = spf.parse(f"v=spf1 a exp=why.example x-new=1 {term} ip4:1.2.3/24 -all", OWN)
    assert spf.unknown_terms(record) == [term, "ip4:1.2.3/24"]
