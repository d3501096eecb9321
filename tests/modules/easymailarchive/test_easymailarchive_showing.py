"""What is declared and shown: settings, links, facts, first steps, what is kept out of the log."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.modules.easymailarchive.module import EasyMailArchive
from provisioning.modules.easymailarchive.settings import (
    PRODUCT_FIELDS,
    SERVER_FIELDS,
    SERVICE_FIELDS,
)
from tests.modules.easymailarchive.conftest import API_KEY, SLUG, ordered

URL = f"https://{SLUG}.archive.host.example"


def shown(account) -> dict[str, str]:
    return {fact.label: fact.value for fact in EasyMailArchive.facts(account)}


def test_the_customer_gets_a_link_and_the_name_of_the_archive(delivered) -> None:
    (link,) = EasyMailArchive.links(delivered.account)
    assert link.url == URL
    assert shown(delivered.account) == {"Archive": SLUG, "Address": URL}


def test_before_the_creation_and_after_the_end_there_is_no_link(delivered) -> None:
    assert EasyMailArchive.links(ordered()) == ()
    assert EasyMailArchive.facts(ordered()) == ()
    assert EasyMailArchive.first_steps(ordered()) == ()
    delivered.terminate()
    assert EasyMailArchive.links(delivered.account) == ()
    assert shown(delivered.account)["Archive"] == SLUG


def test_a_stored_address_that_is_no_web_address_is_never_a_link(delivered) -> None:
    data = {**delivered.account.data, "url": "javascript:alert(1)"}
    assert EasyMailArchive.links(replace(delivered.account, data=data)) == ()


def test_the_first_password_is_a_secret_fact_and_only_where_an_administrator_was_made(
    panel, simulator
) -> None:
    simulator.set_variants(dialect="apis")
    panel.create()
    facts = {fact.label: fact for fact in EasyMailArchive.facts(panel.account)}
    assert facts["First administrator"].value == "jean@client.example"
    assert facts["First password"].secret
    assert facts["First password"].value == simulator.state.tenant(SLUG).admin_password
    assert "jean@client.example" in EasyMailArchive.first_steps(panel.account)[0]
    assert facts["First password"].value not in repr(facts["First password"])


def test_without_an_administrator_the_invitation_is_the_first_step(delivered) -> None:
    steps = EasyMailArchive.first_steps(delivered.account)
    assert "invitation" in steps[0]
    assert any("_ema-verify" in step for step in steps)


def test_the_journal_address_that_people_typed_is_shown(delivered) -> None:
    account = replace(delivered.account, inputs={"journal_address": "j@in.example"})
    assert shown(account)["Journal address"] == "j@in.example"


def test_neither_key_nor_password_is_in_the_call_log(panel, simulator) -> None:
    panel.create()
    password = (
        panel.account.secrets["admin_password"] or simulator.state.tenant(SLUG).admin_password
    )
    logged = [f"{call.url} {call.request} {call.response} {call.error}" for call in panel.calls]
    assert any('"admin_password": "•' in text for text in logged)
    assert not [text for text in logged if API_KEY in text or (password and password in text)]


@pytest.mark.parametrize(
    ("fields", "code", "good", "bad"),
    [
        (
            SERVER_FIELDS,
            "base_domain",
            ("", "archive.example.com"),
            ("https://x.example", "x", "a b.c"),
        ),
        (PRODUCT_FIELDS, "slug_prefix", ("", "mycompany-", "My"), ("1st", "---", "x" * 25)),
        (SERVICE_FIELDS, "slug", ("", "acme", " ACME "), ("ab", "www", "a_b")),
    ],
)
def test_values_that_make_no_sense_are_refused_in_the_form(fields, code, good, bad) -> None:
    check = fields[code].validate
    assert [check(value) for value in good] == [None] * len(good)
    assert all(check(value) for value in bad)


def test_settings_survive_being_stored() -> None:
    for fields in (SERVER_FIELDS, PRODUCT_FIELDS, SERVICE_FIELDS):
        assert fields.load(fields.dump(fields.defaults())) == fields.defaults()
