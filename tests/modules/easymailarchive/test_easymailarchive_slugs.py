"""Names of archives: the vendor's rules, generation, typed names, suffixes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.contract import InvalidInput, Owner
from provisioning.modules.easymailarchive import slugs
from tests.modules.easymailarchive.conftest import ordered

words = st.text(max_size=300)
prefixes = st.sampled_from(["", "mycompany-", "Ünïcode Co.", "m", "x" * 24])


@pytest.mark.parametrize(
    ("domain", "slug"),
    [
        ("acme.com", "acme-com"),
        ("www.acme.com", "acme-com"),
        ("WWW.Acme.COM", "acme-com"),
        ("mail.acme.co.uk", "mail-acme-co-uk"),
        ("müller.example", "muller-example"),
        ("3m.com", "a-3m-com"),
        ("a..b__c.example", "a-b-c-example"),
        ("-.x", "x-archive"),
        ("é", "e-archive"),
    ],
)
def test_a_name_is_made_of_the_domain(domain: str, slug: str) -> None:
    assert slugs.generated(ordered(domain=domain)) == slug


def test_without_a_domain_it_is_made_of_the_company_else_of_the_person() -> None:
    account = replace(ordered(domain=""), owner=Owner(name="Jean Martin", company="Acme & Söhne"))
    assert slugs.generated(account) == "acme-sohne"
    assert slugs.generated(replace(account, owner=Owner(name="Jean Martin"))) == "jean-martin"
    assert slugs.generated(replace(account, owner=None)) == "a-archive"


def test_the_prefix_is_cleaned_and_put_in_front_with_one_hyphen() -> None:
    for prefix in ("mycompany", "mycompany-", "My Company--"):
        name = slugs.generated(ordered(slug_prefix=prefix)).replace("my-company", "mycompany")
        assert name == "mycompany-client-example"


def test_a_long_name_is_cut_so_that_a_suffix_still_fits() -> None:
    names = list(slugs.candidates(ordered(domain=f"{'long' * 15}.example")))
    assert len(names[0][0]) == 43
    assert all(len(name) <= 48 for name, _ in names)


def test_conflicts_are_met_by_numbers_and_at_last_by_chance() -> None:
    names = [name for name, _ in slugs.candidates(ordered())]
    numbered = [f"client-example-{number}" for number in range(2, 10)]
    assert names[:-1] == ["client-example", *numbered]
    assert names[-1][:-4] == "client-example-"
    assert names[-1][-4:].isalnum()
    assert len(names) == slugs.TRIES


def test_a_reserved_name_is_as_good_as_taken() -> None:
    names = [name for name, _ in slugs.candidates(ordered(domain="support"))]
    assert names[0] == "support-2"
    assert "support" not in names


@given(words, words, prefixes)
def test_whatever_customers_are_called_the_name_fits_the_rules(
    domain: str, company: str, prefix: str
) -> None:
    account = replace(
        ordered(domain=domain, slug_prefix=prefix), owner=Owner(name="", company=company)
    )
    for name, _ in slugs.candidates(account):
        assert slugs.PATTERN.fullmatch(name), name
        assert name not in slugs.RESERVED


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("acme", "my-acme"),
        (" ACME ", "my-acme"),
        ("my-acme", "my-acme"),
        ("mystery", "my-mystery"),
    ],
)
def test_a_typed_name_has_the_prefix_once(text: str, slug: str) -> None:
    account = ordered(auto_slug=False, slug_prefix="my-")
    assert slugs.typed(replace(account, inputs={"slug": text})) == slug


@pytest.mark.parametrize(
    "text",
    ["", "ab", "1acme", "acme-", "-acme", "a_b", "a.b", "a b", "acme\n", "ä" * 5, "a" * 49, "www"],
)
def test_a_typed_name_that_breaks_a_rule_is_refused_beside_its_field(text: str) -> None:
    account = replace(ordered(auto_slug=False), inputs={"slug": text})
    if text == "acme\n":
        assert slugs.typed(account) == "acme"  # blanks around it are not meant
        return
    with pytest.raises(InvalidInput) as caught:
        slugs.typed(account)
    assert caught.value.field == "slug"


def test_a_typed_name_is_the_only_one_tried() -> None:
    account = replace(ordered(auto_slug=False), inputs={"slug": "acme"})
    assert list(slugs.candidates(account)) == [("acme", "")]
