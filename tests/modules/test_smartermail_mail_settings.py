"""Catch-all, spam, trusted senders and automatic replies: on the wire and beyond."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from provisioning.contract import InvalidInput, UnsupportedError, Written
from provisioning.modules.smartermail.mail_settings import PAGES
from provisioning.modules.smartermail.words import RESPONDER_KEYS
from tests.modules.contract_tests import PASSWORD
from tests.modules.settings_contract import read, write

SETTINGS, DOMAIN = "/api/v1/settings/", "/api/v1/settings/domain/"
PUSH = "/api/v1/settings/sysadmin/domain-settings/client.example"
BOB = "bob@client.example"
PAGE = {page.code: page for page in PAGES}
AWAY = {"enabled": True, "subject": "Away", "body": "Back soon"}


@pytest.fixture
def domain(delivered, simulator):
    simulator.state.add_user(BOB, password=PASSWORD)
    simulator.state.add_user("amy@client.example", password=PASSWORD)
    simulator.state.add_alias("info@client.example", [BOB])
    delivered.run(lambda m: m.mailboxes(delivered.account).get(BOB))
    return simulator.state.domain("client.example")


@pytest.fixture
def save(delivered, simulator, domain):
    """Writes a page and gives [(method, path, body)] of what changed something."""

    def run(code: str, **changes: Any) -> list[tuple[str, str, Any]]:
        simulator.journal.clear()
        assert write(delivered, PAGE[code], changes) == Written()
        posts = [entry for entry in simulator.journal if entry.method == "POST"]
        sent = [(entry.method, entry.path, entry.json()) for entry in posts]
        return [each for each in sent if not each[1].endswith("get-user")]

    return run


@pytest.fixture
def seen(delivered, domain):
    return lambda code: read(delivered, PAGE[code])


def test_the_catch_all_is_an_alias_by_its_local_name(save, domain) -> None:
    assert save("catch-all", alias="info") == [("POST", DOMAIN + "set-catch-all/info", None)]
    assert domain.settings["catchAll"] == "info"
    assert save("catch-all", alias="") == [("POST", DOMAIN + "set-catch-all", None)]
    assert domain.settings["catchAll"] == ""


def test_aliases_are_offered_as_catch_all_and_refusing_comes_first(seen, domain) -> None:
    assert seen("catch-all").choices["alias"] == (
        ("", "Refuse mail to unknown addresses"),
        ("info", f"info@client.example → {BOB}"),
    )
    domain.aliases.clear()
    assert "There is no alias yet" in seen("catch-all").notices[0]


def test_a_catch_all_of_another_kind_is_shown_as_it_stands(seen, domain) -> None:
    domain.settings["catchAll"] = BOB
    shown = seen("catch-all")
    assert shown.values == {"alias": "bob"}
    assert shown.choices["alias"][-1] == ("bob", f"{BOB} (as set on the server)")


@pytest.mark.parametrize("name", ["bob", "no-such", "../signature-delete/1", "a b"])
def test_what_is_no_alias_cannot_be_the_catch_all(delivered, domain, simulator, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        write(delivered, PAGE["catch-all"], {"alias": name})
    assert caught.value.field == "alias"
    assert not simulator.journal.find("*/set-catch-all*")


def test_spam_rules_are_merged_key_by_key(save, domain) -> None:
    assert save("spam", override=True) == [
        ("POST", PUSH, {"domainSettings": {"spamCheckOverrideActive": True}})
    ]
    sent = save("spam", medium_action="junk", high_weight=40, high_action="delete")
    assert sent == [
        (
            "POST",
            PUSH,
            {
                "domainSettings": {
                    "spamLevelMedAction": {"actionType": 4, "argument": "Junk E-Mail"},
                    "spamLevelHighWeight": 40,
                    "spamLevelHighAction": {"actionType": 1, "argument": ""},
                }
            },
        )
    ]
    assert domain.settings["spamLevelMedWeight"] == 20


def test_an_action_of_another_kind_stays_until_one_is_chosen(save, seen, domain) -> None:
    domain.settings["spamLevelLowAction"] = {"actionType": 4, "argument": "Suspicious"}
    shown = seen("spam")
    assert shown.values["low_action"] == "kept"
    assert shown.choices["low_action"][-1] == (
        "kept",
        "Move to folder Suspicious (as set on the server)",
    )
    assert len(shown.choices["high_action"]) == 4
    save("spam", low_weight=3)
    assert domain.settings["spamLevelLowAction"] == {"actionType": 4, "argument": "Suspicious"}
    save("spam", low_action="nothing")
    assert domain.settings["spamLevelLowAction"] == {"actionType": 0, "argument": ""}


REFUSED = {
    "low above medium": ({"low_weight": 20}, "medium_weight"),
    "medium above high": ({"medium_weight": 31}, "high_weight"),
    "a prefix without a text": ({"low_action": "prefix"}, "low_prefix"),
    "a prefix taken away": ({"medium_prefix": " "}, "medium_prefix"),
    "a text without the choice": ({"high_prefix": "[x]"}, "high_prefix"),
    "an action that is not there": ({"low_action": "kept"}, "low_action"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_spam_rules_that_make_no_sense_are_refused_beside_their_field(
    delivered, domain, simulator, what: str
) -> None:
    changes, field = REFUSED[what]
    before = dict(domain.settings)
    with pytest.raises(InvalidInput) as caught:
        write(delivered, PAGE["spam"], changes)
    assert caught.value.field == field
    assert domain.settings == before
    assert not simulator.journal.find("*/domain-settings/*", method="POST")[1:]


def test_spam_rules_the_operator_keeps_are_a_sentence_and_no_form(
    delivered, domain, simulator
) -> None:
    domain.settings["allowSpamActionOverride"] = False
    before = dict(domain.settings)
    with pytest.raises(UnsupportedError) as caught:
        read(delivered, PAGE["spam"])
    assert "Your provider" in caught.value.message
    with pytest.raises(UnsupportedError):
        write(delivered, PAGE["spam"], {"override": True})
    assert domain.settings == before


@pytest.mark.parametrize("of_strings", [False, True])
def test_trusted_senders_replace_both_lists_and_the_other_goes_back(
    save, seen, simulator, of_strings: bool
) -> None:
    simulator.set_variants(whitelist_of_strings=of_strings)
    save("trusted-senders", addresses=("a@x.example",), domains=("x.example",))
    sent = save("trusted-senders", domains=("Bücher.example", "x.example"))
    body = {"emails": ["a@x.example"], "domains": ["xn--bcher-kva.example", "x.example"]}
    assert sent == [("POST", DOMAIN + "whitelist", body)]
    assert seen("trusted-senders").values == {
        "addresses": ("a@x.example",),
        "domains": ("xn--bcher-kva.example", "x.example"),
    }


@pytest.mark.parametrize(
    ("field", "line"), [("addresses", "x.example"), ("domains", "a@x.example"), ("domains", "x")]
)
def test_a_trusted_sender_that_is_none_is_named(delivered, domain, field: str, line: str) -> None:
    with pytest.raises(InvalidInput, match=line) as caught:
        write(delivered, PAGE["trusted-senders"], {field: ("ok@ok.example", line)[1:]})
    assert caught.value.field == field
    assert domain.settings["whitelistAddresses"] == []


def test_lists_that_the_server_does_not_tell_are_not_replaced(delivered, domain) -> None:
    del domain.settings["whitelistDomains"]
    with pytest.raises(UnsupportedError):
        write(delivered, PAGE["trusted-senders"], {"addresses": ("a@x.example",)})
    assert domain.settings["whitelistAddresses"] == []


def test_an_automatic_reply_sends_its_ten_fields_as_the_mailbox(save, simulator) -> None:
    span = {
        "starts": datetime(2026, 8, 1, 6, 30, tzinfo=UTC),
        "ends": datetime(2026, 8, 15, 22, 0, tzinfo=UTC),
    }
    [(method, path, body)] = save("auto-responder", **AWAY, audience="2", **span)
    assert (method, path) == ("POST", SETTINGS + "auto-responder")
    assert body == {
        "autoResponderSettings": {
            "enabled": True,
            "subject": "Away",
            "body": "Back soon",
            "isHTML": False,
            "useActiveDateRange": True,
            "startDateUtc": "2026-08-01T06:30:00Z",
            "endDateUtc": "2026-08-15T22:00:00Z",
            "externalReply": "Back soon",
            "externalAudience": 2,
            "autoRespondOnDirectMailOnly": False,
        }
    }
    assert set(body["autoResponderSettings"]) == set(RESPONDER_KEYS)
    for entry in simulator.journal.find("*/auto-responder*"):
        who = entry.header("X-SmarterMailDomain"), entry.header("X-SmarterMailUser")
        assert who == ("client.example", "bob")
    assert simulator.journal.find("*/auto-responder/false", method="GET")


def test_a_span_taken_away_is_never_on_the_wire(save, seen, domain) -> None:
    span = [datetime(2026, 8, day, tzinfo=UTC) for day in (1, 2)]
    save("auto-responder", **AWAY, starts=span[0], ends=span[1])
    save("auto-responder", starts=None, ends=None)
    stored = domain.users["bob"].auto_responder
    assert (stored["useActiveDateRange"], stored["endDateUtc"]) == (False, "0001-01-01T00:00:00Z")
    assert seen("auto-responder").values["ends"] is None


def test_servers_with_the_reply_at_the_root_are_read_and_written(save, seen, simulator) -> None:
    simulator.set_variants(responder_at_root=True)
    sent = save("auto-responder", **AWAY)
    assert [set(body) & {"enabled", "autoResponderSettings"} for _, _, body in sent] == [
        {"autoResponderSettings"},
        {"enabled"},
    ]
    assert seen("auto-responder").values["subject"] == "Away"


WRONG = {
    "no subject": ({"enabled": True, "body": "x"}, "subject"),
    "no message": ({"enabled": True, "subject": "x"}, "body"),
    "a beginning alone": ({"starts": datetime(2026, 8, 1, tzinfo=UTC)}, "ends"),
    "an end alone": ({"ends": datetime(2026, 8, 1, tzinfo=UTC)}, "starts"),
    "no time between": (
        dict.fromkeys(("starts", "ends"), datetime(2026, 8, 1, tzinfo=UTC)),
        "ends",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_an_automatic_reply_that_makes_no_sense_is_refused_beside_its_field(
    delivered, domain, simulator, what: str
) -> None:
    changes, field = WRONG[what]
    with pytest.raises(InvalidInput) as caught:
        write(delivered, PAGE["auto-responder"], changes)
    assert caught.value.field == field
    assert domain.users["bob"].auto_responder == {}
    assert not simulator.journal.find("*/auto-responder", method="POST")


def test_a_formatted_reply_is_shown_as_text_and_saving_keeps_only_that(
    save, seen, simulator, domain
) -> None:
    simulator.set_variants(responder_converts=False)
    markup = "<p>Back <b>soon</b></p><p>&amp; rested</p>"
    domain.users["bob"].auto_responder = {"subject": "Away", "body": markup, "isHTML": True}
    shown = seen("auto-responder")
    assert shown.values["body"] == "Back soon\n& rested"
    assert "keeps its text alone" in shown.notices[0]
    save("auto-responder", enabled=True)
    stored = domain.users["bob"].auto_responder
    assert (stored["body"], stored["isHTML"]) == ("Back soon\n& rested", False)
    assert seen("auto-responder").notices == ()


def test_servers_without_the_headers_are_entered_as_the_mailbox(
    delivered, save, simulator, domain
) -> None:
    simulator.set_variants(header_identity=False)
    delivered.link.tokens.forget()
    save("auto-responder", **AWAY)
    asked = simulator.journal.find("*/impersonate-user")
    assert [entry.json() for entry in asked] == [{"email": BOB}]
    assert domain.users["bob"].auto_responder["subject"] == "Away"
    save("auto-responder", subject="Gone")
    assert not simulator.journal.find("*/impersonate-user")


def test_no_mailbox_but_the_one_named_is_touched(save, domain) -> None:
    for code, changes in (("auto-responder", AWAY), ("own-signature", {"text": "Bob"})):
        save(code, **changes)
    for name, user in domain.users.items():
        assert bool(user.auto_responder or user.signatures) == (name == "bob")


SILENT: dict[str, tuple[str, dict[str, Any]]] = {
    "set-catch-all": ("catch-all", {"alias": "info"}),
    "domain-settings": ("spam", {"override": True}),
    "whitelist": ("trusted-senders", {"domains": ("x.example",)}),
    "auto-responder": ("auto-responder", AWAY),
    "user-signature": ("own-signature", {"text": "Bob"}),
    "domain/signature-mappings": ("signature", {"text": "Client Ltd"}),
}


@pytest.mark.parametrize("call", SILENT)
def test_a_yes_that_changes_nothing_is_an_error_beside_the_field(
    delivered, simulator, domain, call: str
) -> None:
    code, changes = SILENT[call]
    before = read(delivered, PAGE[code])
    simulator.set_variants(no_effect=(call,))
    with pytest.raises(InvalidInput) as caught:
        write(delivered, PAGE[code], changes)
    assert caught.value.field in changes
    assert "kept what it had" in caught.value.message
    assert read(delivered, PAGE[code]) == before


@pytest.mark.parametrize("code", PAGE)
def test_a_write_that_cannot_be_looked_at_again_says_so(
    delivered, simulator, domain, code: str
) -> None:
    changes = next(changes for page, changes in SILENT.values() if page == code)
    simulator.journal.clear()
    write(delivered, PAGE[code], changes)
    requests = simulator.journal.total
    for rows in (domain.signatures, domain.signature_maps, domain.users["bob"].signatures):
        rows.clear()
    domain.settings |= {"catchAll": "", "spamCheckOverrideActive": False, "whitelistDomains": []}
    domain.users["bob"].auto_responder = {}
    extra = int(code in ("signature", "own-signature"))
    simulator.fault("status", nth=requests - extra, times=2, status=503)
    written = write(delivered, PAGE[code], changes)
    assert "did not answer when it was looked at again" in written.incomplete[-1]
