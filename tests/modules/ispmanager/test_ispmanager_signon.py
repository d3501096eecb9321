"""Sign-on by a key: random, good once, and never in an address or a log."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest
import requests

from provisioning.contract import ConflictError, InvalidInput, MisconfiguredError, State
from tests.modules.contract_tests import PASSWORD
from tests.modules.ispmanager.conftest import DOMAIN, forms

WELCOME, REFUSED = "Welcome", "Wrong user name"


def opened(link) -> str:
    """As a browser does it."""
    return requests.post(link.url, data=link.fields, timeout=5).text


def test_a_key_opens_the_panel_once(delivered, simulator) -> None:
    link = delivered.run(lambda m: m.customer_login(delivered.account))
    assert WELCOME in opened(link)
    assert REFUSED in opened(link)
    [form] = forms(simulator, "session.newkey")
    assert (form["username"], form["key"]) == ("client", link.fields["key"])


def test_the_key_stands_in_the_posted_fields_alone(delivered) -> None:
    link = delivered.run(lambda m: m.staff_login(delivered.account))
    assert set(link.fields) == {"func", "username", "key", "checkcookie"}
    assert link.fields["key"] not in link.url
    assert link.fields["key"] not in repr(link)
    logged = "".join(f"{call.url} {call.request} {call.response}" for call in delivered.calls)
    assert link.fields["key"] not in logged


def test_a_link_as_an_address_would_work_too(delivered) -> None:
    """The vendor's own redirect form, for those who have no use for a POST."""
    link = delivered.run(lambda m: m.customer_login(delivered.account))
    assert WELCOME in requests.get(f"{link.url}?{urlencode(link.fields)}", timeout=5).text


def test_two_keys_of_one_moment_differ_and_are_long(delivered) -> None:
    keys = {
        delivered.run(lambda m: m.customer_login(delivered.account)).fields["key"]
        for _ in range(20)
    }
    assert len(keys) == 20
    assert all(len(key) == 32 and key.isalnum() for key in keys)


def test_a_key_does_not_last(delivered, simulator) -> None:
    link = delivered.run(lambda m: m.customer_login(delivered.account))
    simulator.clock.advance(3600)
    assert REFUSED in opened(link)


def test_staff_go_to_the_server_as_the_administrator(panel) -> None:
    link = panel.run(lambda m: m.server_login())
    assert link.fields["username"] == "root"
    assert WELCOME in opened(link)


def test_a_reseller_signs_on_as_himself(reseller_panel) -> None:
    reseller_panel.create()
    link = reseller_panel.run(lambda m: m.customer_login(reseller_panel.account))
    assert link.fields["username"] == "client"
    assert WELCOME in opened(link)


def test_a_suspended_account_is_let_in_no_more(delivered) -> None:
    delivered.suspend()
    assert REFUSED in opened(delivered.run(lambda m: m.staff_login(delivered.account)))


def test_browsers_go_to_the_panels_public_address(delivered) -> None:
    public = "https://panel.example.com/ispmgr"
    settings = {**delivered.link.settings, "panel_url": f"{public}/"}
    delivered.link = replace(delivered.link, settings=settings)
    assert delivered.run(lambda m: m.server_login()).url == public


def test_without_a_claim_there_is_no_key(panel, simulator) -> None:
    simulator.state.add_user("client", domain=DOMAIN)
    with pytest.raises(ConflictError):
        panel.run(lambda m: m.customer_login(panel.account))
    assert not simulator.state.keys


def by_session(panel):
    panel.link = replace(panel.link, settings={**panel.link.settings, "sign_in": "session"})
    return panel


def test_a_session_is_opened_once_and_shared(panel, simulator) -> None:
    by_session(panel).create()
    panel.observe()
    functions = [form["func"] for form in forms(simulator)]
    assert functions.count("auth") == 1 and functions[0] == "auth"
    assert b"authinfo" not in b"".join(entry.body for entry in simulator.journal)


def test_a_session_that_has_ended_is_opened_anew(panel, simulator) -> None:
    by_session(panel).create()
    simulator.state.sessions.clear()
    simulator.journal.clear()
    assert panel.suspend().state is State.SUSPENDED
    assert [form["func"] for form in forms(simulator)].count("auth") == 1
    assert len(forms(simulator, "user.suspend")) == 1


def test_two_factor_and_closed_doors_are_explained(panel, simulator) -> None:
    for variants in ({"two_factor": True}, {"two_factor": False, "authinfo_allowed": False}):
        simulator.set_variants(**variants)
        with pytest.raises(MisconfiguredError) as caught:
            panel.run(lambda m: m.check_connection())
        assert "two-factor" in caught.value.detail and "address" in caught.value.detail
    assert by_session(panel).run(lambda m: m.check_connection()).edition == "Business"


def test_a_name_with_a_colon_needs_a_session(panel) -> None:
    panel.link = replace(panel.link, username="a:b")
    with pytest.raises(MisconfiguredError, match="colon"):
        panel.observe()


def test_a_new_password_lets_the_customer_in_and_stands_in_no_log(delivered, simulator) -> None:
    done = delivered.run(lambda m: m.change_password(delivered.account, PASSWORD))
    assert done.secrets == {"password": PASSWORD}
    person = simulator.state.people["client"]
    assert (person.password, person.ftp_users) == (PASSWORD, {"client": PASSWORD})
    logged = "".join(f"{call.request} {call.response}" for call in delivered.calls)
    assert PASSWORD not in logged


def test_an_ftp_password_that_stays_is_a_note(delivered, simulator) -> None:
    simulator.state.people["client"].ftp_users.clear()
    done = delivered.run(lambda m: m.change_password(delivered.account, PASSWORD))
    assert "FTP" in done.notes[0]
    assert simulator.state.people["client"].password == PASSWORD


@pytest.mark.parametrize("answers", ["json", "xml"])
def test_a_password_that_the_panel_repeats_in_its_refusal_is_masked(
    delivered, simulator, answers
) -> None:
    delivered.link = replace(
        delivered.link, settings={**delivered.link.settings, "answers": answers}
    )
    simulator.set_variants(shortest_password=40)
    with pytest.raises(InvalidInput, match="passwd") as caught:
        delivered.run(lambda m: m.change_password(delivered.account, PASSWORD))
    shown = f"{caught.value} {caught.value.message}"
    logged = "".join(f"{call.request} {call.response} {call.error}" for call in delivered.calls)
    assert PASSWORD not in shown + logged
    assert caught.value.field == "password"


def test_the_card_shows_login_password_and_the_way_to_the_panel(delivered, simulator) -> None:
    account, kind = delivered.account, delivered.kind
    facts = {fact.label: (fact.value, fact.secret) for fact in kind.facts(account)}
    assert facts["User name"] == ("client", False)
    assert facts["Password"] == (simulator.state.people["client"].password, True)
    assert [link.url for link in kind.links(account)] == [f"{simulator.url}/ispmgr"]
    fresh = replace(account, data={}, secrets={})
    assert (kind.facts(fresh), kind.links(fresh)) == ((), ())
