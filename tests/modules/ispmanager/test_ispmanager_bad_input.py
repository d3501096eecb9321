"""Whatever is typed or answered, a call names what it means and an answer is read or refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provisioning.contract import (
    ConflictError,
    HttpClient,
    HttpOptions,
    HttpResponse,
    InvalidInput,
    MailboxChange,
    MailingList,
    MisconfiguredError,
    ModuleError,
    NotFound,
    PermanentError,
    ServerLink,
    TemporaryError,
    UnsupportedError,
)
from provisioning.modules.ispmanager.answers import Node, parse
from provisioning.modules.ispmanager.client import Client
from provisioning.modules.ispmanager.failures import read
from provisioning.modules.ispmanager.simulator import IspManagerSimulator
from tests.modules.contract_tests import PASSWORD
from tests.modules.ispmanager.conftest import ADMIN_PASSWORD, DOMAIN, forms
from tests.modules.panel import MemoryTokens

BOB = f"bob@{DOMAIN}"


@pytest.fixture(scope="module")
def living() -> Iterator[tuple[IspManagerSimulator, Client]]:
    """A panel that lives through all examples of a property."""
    with IspManagerSimulator(admin_password=ADMIN_PASSWORD) as simulator:
        simulator.state.add_user("client", domain=DOMAIN)
        http = HttpClient(simulator.url, HttpOptions(allow_private=True, budget=300))
        link = ServerLink(
            hostname="panel.host.example",
            port=simulator.port,
            secure=False,
            username="root",
            password=ADMIN_PASSWORD,
            settings={},
            http=http,
            tokens=MemoryTokens(),
        )
        yield simulator, Client(link)
        http.close()


@given(text=st.text(max_size=60))
@example(text="a&func=user.delete&elid=client")
@example(text="a\r\n\r\nfunc=user.delete")
@example(text="\ud800%26&#38;<x/>]]>")
def test_no_text_becomes_a_parameter_of_its_own(living, text) -> None:
    simulator, client = living
    simulator.journal.clear()
    client.apply("user.edit", {"elid": "client", "fullname": text})
    [form] = forms(simulator, "user.edit")
    assert set(form) == {"func", "elid", "fullname", "sok"}
    assert form["fullname"] == text.encode("utf-8", "replace").decode()


@given(text=st.text(max_size=40))
@example(text="nobody, client")
@example(text="client, ")
@example(text="client,client")
@example(text="nobody,\u00a0client")
def test_no_key_names_a_second_object(living, text) -> None:
    simulator, client = living
    simulator.state.people["client"].active = True
    with suppress(ModuleError):
        client.act("user.suspend", text)
    assert simulator.state.people["client"].active is (text != "client")


@given(body=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(body=b"[" * 100_000)
@example(body=b'{"doc":' * 100_000)
@example(body=b"<doc>" * 5000)
@example(body=b"<doc><elem></doc>")
@example(body=b"<html><body>Sign in</body></html>")
@example(body=b'<!DOCTYPE doc [<!ENTITY a "aaaa">]><doc>&a;</doc>')
@example(body=b'<?xml version="1.0" encoding="nonsense"?><doc/>')
@example(body=b'{"doc": []}')
@example(body=b"null")
def test_an_answer_is_a_document_or_a_temporary_error(body) -> None:
    try:
        assert isinstance(read(HttpResponse(status=200, headers={}, content=body)), Node)
    except TemporaryError as error:
        assert error.maybe_applied
    except ModuleError as refused:
        assert b"error" in body, refused.detail


@pytest.mark.parametrize(
    "shape",
    [
        {"elem": [{"name": {"$": "a"}, "n": {"$orig": "x", "$": "1"}}]},
        {"elem": {"name": {"$": "a"}, "n": {"$orig": "x", "$": "1"}}},
        {"elem": [{"name": "a", "n": {"$orig": "x", "$": 1}}]},
    ],
)
def test_one_row_or_many_text_or_object_are_read_alike(shape) -> None:
    document = parse(json.dumps({"doc": shape}).encode())
    [row] = document.all("elem")
    assert (row.value("name"), row.value("n"), row.all("n")[0].attributes["orig"]) == (
        "a",
        "1",
        "x",
    )


def test_xml_and_json_give_the_same_document() -> None:
    xml = '<doc func="user"><elem><name>a</name><n orig="x">ü &amp; 1</n><off/></elem><ok/></doc>'
    body = {
        "$func": "user",
        "elem": [{"name": {"$": "a"}, "n": {"$orig": "x", "$": "ü & 1"}, "off": {}}],
        "ok": {},
    }
    assert parse(xml.encode()) == parse(json.dumps({"doc": body}).encode())
    assert "ok" in parse(xml.encode()) and "other" not in parse(xml.encode())


ERRORS: dict[str, type[ModuleError]] = {
    "auth": MisconfiguredError,
    "access": MisconfiguredError,
    "missed": NotFound,
    "exists": ConflictError,
    "value": InvalidInput,
    "limit": PermanentError,
    "license": UnsupportedError,
    "error": PermanentError,
    "something new": PermanentError,
}


@pytest.mark.parametrize("kind", ERRORS)
@pytest.mark.parametrize("form", ["json", "xml", "flat"])
def test_every_type_of_error_says_what_to_do_next(kind, form) -> None:
    bodies = {
        "json": json.dumps(
            {"doc": {"error": {"$type": kind, "$object": "passwd", "msg": {"$": "No s3cret! "}}}}
        ),
        "xml": f'<doc><error type="{kind}" object="passwd"><msg>No s3cret! </msg></error></doc>',
        "flat": json.dumps({"error": {"code": kind, "object": "passwd", "msg": "No s3cret!"}}),
    }
    answer = HttpResponse(status=200, headers={}, content=bodies[form].encode())
    with pytest.raises(ERRORS[kind]) as caught:
        read(answer, secrets=["s3cret!"])
    assert "passwd" in caught.value.detail
    assert "s3cret!" not in caught.value.detail + caught.value.message


def test_place_holders_of_a_message_are_filled() -> None:
    error = {
        "$type": "exists",
        "$object": "user",
        "detail": {"$": "__object__ with '__value__' already exists"},
        "param": [{"$name": "object", "$": "user"}, {"$name": "value", "$": "acme01"}],
    }
    body = json.dumps({"doc": {"error": error}}).encode()
    with pytest.raises(ConflictError, match="user with 'acme01' already exists"):
        read(HttpResponse(status=200, headers={}, content=body))


@pytest.mark.parametrize(
    ("status", "family", "maybe"),
    [
        (301, MisconfiguredError, None),
        (401, MisconfiguredError, None),
        (404, MisconfiguredError, None),
        (429, TemporaryError, False),
        (500, TemporaryError, True),
        (502, TemporaryError, True),
        (503, TemporaryError, False),
    ],
)
def test_http_without_a_document_is_for_staff_or_for_later(status, family, maybe) -> None:
    headers = {"Location": "https://elsewhere.example/", "Retry-After": "7"}
    with pytest.raises(family) as caught:
        read(HttpResponse(status=status, headers=headers, content=b"<html>Nothing</html>"))
    assert getattr(caught.value, "maybe_applied", None) is maybe
    assert getattr(caught.value, "retry_after", None) == (None if maybe is None else 7.0)


BAD_CHANGES = [
    MailboxChange(forward_to=("a@home.example b@home.example",)),
    MailboxChange(forward_to=("a@home.example\nb@home.example",)),
    MailboxChange(forward_to=("a@home.example,b@home.example",)),
    MailboxChange(forward_to=("nobody",)),
    MailboxChange(forward_to=(BOB,)),
    MailboxChange(aliases=(f"sales team@{DOMAIN}",)),
    MailboxChange(aliases=("sales@other.example",)),
    MailboxChange(display_name="[list] Not a list"),
    MailboxChange(display_name="x" * 101),
    MailboxChange(quota_bytes=-1),
    MailboxChange(password="short"),
    MailboxChange(password="Long-enough-1\n"),
    MailboxChange(password="Long-enough-1\ud800"),
    MailboxChange(password="x" * 129),
]


@pytest.mark.parametrize("change", BAD_CHANGES)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(
    delivered, simulator, bob, change
) -> None:
    before = repr(simulator.state.mailboxes)
    with pytest.raises(InvalidInput):
        delivered.run(lambda m: m.mailboxes(delivered.account).update(bob, change))
    assert repr(simulator.state.mailboxes) == before
    assert simulator.journal.total == 0


@pytest.mark.parametrize(
    "local", ["", "a b", "a,b", "a, b", "é", "-a", ".a", "a.", "x" * 65, "a@b"]
)
def test_local_parts_that_the_panel_would_not_take_are_refused_here(
    delivered, simulator, local
) -> None:
    address, change = f"{local}@{DOMAIN}", MailboxChange(password=PASSWORD)
    for act in (
        lambda m: m.mailboxes(delivered.account).create(address, change),
        lambda m: m.mailboxes(delivered.account).delete(address),
        lambda m: m.lists(delivered.account).create(
            MailingList(address=address, members=("a@home.example",))
        ),
    ):
        with pytest.raises(InvalidInput):
            delivered.run(act)
    assert simulator.journal.total == 0


@given(password=st.text(st.characters(codec="utf-8"), min_size=8, max_size=40))
@example(password="%&+:@ü=;#? 1")
def test_a_password_arrives_as_it_was_typed(living, password) -> None:
    simulator, client = living
    if not password.isprintable():
        return
    client.apply("usrparam", {"su": "client", "passwd": password, "confirm": password})
    assert simulator.state.people["client"].password == password
