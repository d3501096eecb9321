"""Signatures of a mailbox and of a domain: on the wire, and as texts that are kept as HTML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.contract import ModuleError, Written
from provisioning.modules.smartermail.html_text import is_formatted, to_html, to_text
from tests.modules.settings_contract import write
from tests.modules.test_smartermail_mail_settings import (
    DOMAIN,
    PAGE,
    SETTINGS,
    domain,
    save,
    seen,
)

__all__ = ["domain", "save", "seen"]


def test_a_first_signature_is_made_and_then_said_to_be_in_use(save, domain) -> None:
    sent = save("own-signature", text="Bob <Sales>\nQuay 7")
    config = {"name": "Signature", "text": "Bob &lt;Sales&gt;<br>Quay 7", "isDefault": True}
    guid = domain.users["bob"].signatures[0]["guid"]
    use = {
        "allowUsersToOverride": True,
        "key": "bob",
        "mapOption": 2,
        "signatureGuid": guid,
        "type": 4,
    }
    assert sent == [
        ("POST", SETTINGS + "user-signature-put", {"signatureConfig": config}),
        ("POST", SETTINGS + "signature-mappings", {"signatureMaps": [use]}),
    ]


def test_a_signature_changed_twice_is_still_one(save, domain) -> None:
    save("own-signature", text="One")
    sent = save("own-signature", text="Two")
    [found] = domain.users["bob"].signatures
    assert found["text"] == "Two"
    assert sent[0] == ("POST", SETTINGS + "user-signature", {"signatureConfig": found})


def test_a_lost_answer_makes_no_second_signature(delivered, simulator, domain) -> None:
    simulator.fault("apply-then-close", "*/user-signature-put")
    assert write(delivered, PAGE["own-signature"], {"text": "Bob"}) == Written()
    simulator.fault("apply-then-close", "*/domain/signature-put")
    with pytest.raises(ModuleError):
        write(delivered, PAGE["signature"], {"text": "Client Ltd"})
    assert write(delivered, PAGE["signature"], {"text": "Client Ltd"}) == Written()
    assert [len(rows) for rows in (domain.signatures, domain.users["bob"].signatures)] == [1, 1]


def test_a_signature_that_cannot_be_put_to_use_is_saved_and_said(
    delivered, simulator, domain
) -> None:
    simulator.fault("refusal", "/api/v1/settings/signature-mappings")
    written = write(delivered, PAGE["own-signature"], {"text": "Bob"})
    assert "The text was saved" in written.incomplete[0]
    assert domain.users["bob"].signatures[0]["text"] == "Bob"


def test_the_domains_signature_leaves_others_and_their_uses_alone(save, domain) -> None:
    other = {"id": 7, "guid": "g7", "name": "Legal", "text": "<b>L</b>", "isDefault": True}
    legal = {
        "allowUsersToOverride": False,
        "key": "amy",
        "mapOption": 2,
        "signatureGuid": "g7",
        "type": 4,
    }
    domain.signatures, domain.signature_maps = [dict(other)], [dict(legal)]
    sent = save("signature", text="Client Ltd")
    config = {
        "id": 0,
        "guid": "",
        "name": "Signature",
        "text": "Client Ltd",
        "isDefault": False,
    }
    ours = {
        "allowUsersToOverride": True,
        "key": "client.example",
        "mapOption": 2,
        "signatureGuid": domain.signatures[1]["guid"],
        "type": 2,
    }
    maps = {"signatureMaps": [legal], "toAdd": [ours], "toRemove": []}
    assert sent == [
        ("POST", DOMAIN + "signature-put", {"signatureConfig": config}),
        ("POST", DOMAIN + "signature-mappings", maps),
    ]
    save("signature", text="")
    assert (domain.signatures[0], domain.signature_maps) == (other, [legal])


def test_a_signature_in_use_is_changed_with_what_else_it_has(save, seen, domain) -> None:
    row = {"id": 3, "guid": "g3", "name": "House", "text": "<i>Old</i>", "isDefault": True}
    use = {"key": "client.example", "mapOption": 2, "signatureGuid": "g3", "type": 2}
    domain.signatures = [row]
    domain.signature_maps = [{**use, "allowUsersToOverride": False}]
    assert seen("signature").values == {"text": "Old"}
    assert "formatted in the webmail" in seen("signature").notices[0]
    wanted = {"id": 3, "guid": "g3", "name": "House", "text": "New", "isDefault": True}
    assert save("signature", text="New") == [
        ("POST", DOMAIN + "signature", {"signatureConfig": wanted})
    ]


lines = st.text("<>&;\"'/=#!- abr1é日\u202e", max_size=30)
texts = st.lists(lines, max_size=5).map("\n".join).map(str.strip)


@given(texts)
def test_a_text_comes_back_from_html_as_it_was_typed(text: str) -> None:
    assert to_text(to_html(text)).split() == text.split()
    assert not is_formatted(to_html(text))


@given(lines)
def test_no_text_becomes_markup(text: str) -> None:
    assert "<" not in to_html(text)
    assert ">" not in to_html(text)


@pytest.mark.parametrize(
    ("markup", "text", "formatted"),
    [
        ("", "", False),
        ("One<br/>Two", "One\nTwo", False),
        ("<div>One</div>\n<div>Two&nbsp;x</div>", "One\nTwo x", True),
        ("<style>b{}</style><b>One</b>", "One", True),
        ("<ul><li>a<li>b</ul><script>x()</script>", "a\nb", True),
        ("1 < 2 <3", "1 < 2 <3", False),
    ],
)
def test_markup_is_read_as_text(markup: str, text: str, formatted: bool) -> None:
    assert to_text(markup) == text
    assert is_formatted(markup) == formatted
