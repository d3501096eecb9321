"""The simulated panel is as awkward as the real one."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from provisioning.modules.ispmanager.simulator import IspManagerSimulator
from tests.modules.ispmanager.conftest import ADMIN_PASSWORD

Answer = dict[str, Any]


@pytest.fixture
def ask(simulator):
    """A call as a client of another make would send it; gives the text."""

    def call(func: str, method: str = "POST", out: str = "json", **params: str) -> str:
        params = {"authinfo": f"root:{ADMIN_PASSWORD}", "out": out, "func": func, **params}
        where = f"{simulator.url}/ispmgr"
        if method == "POST":
            return requests.post(where, data=params, timeout=5).text
        return requests.get(where, params=params, timeout=5).text

    return call


def doc(text: str) -> Answer:
    answer: Answer = json.loads(text)["doc"]
    return answer


def test_get_and_post_are_the_same_and_both_change_things(ask, simulator) -> None:
    simulator.state.add_user("acme")
    assert "ok" in doc(ask("user.suspend", method="GET", elid="acme"))
    assert not simulator.state.people["acme"].active


def test_without_sok_a_form_is_shown_and_nothing_changed(ask, simulator) -> None:
    simulator.state.add_user("acme", fullname="Acme")
    answer = doc(ask("user.edit", elid="acme", fullname="Other"))
    assert "ok" not in answer and "error" not in answer
    assert answer["fullname"] == {"$": "Acme"} == {"$": simulator.state.people["acme"].fullname}


def test_acts_take_several_keys(ask, simulator) -> None:
    for name in ("a1", "a2", "a3"):
        simulator.state.add_user(name)
    ask("user.delete", elid="a1, a3")
    assert [one.name for one in simulator.state.of_level(16)] == ["a2"]


@pytest.mark.parametrize(
    ("out", "start"),
    [
        ("xml", "<?xml"),
        ("json", '{"doc"'),
        ("JSONdata", '[{"name": "acme"'),
        ("text", "name=acme"),
        ("", "<html>"),
    ],
)
def test_every_format_of_the_panel_is_there(ask, simulator, out, start) -> None:
    simulator.state.add_user("acme")
    assert ask("user", out=out).startswith(start)


def test_an_empty_list_has_no_rows_at_all(ask) -> None:
    answer = doc(ask("user"))
    assert "elem" not in answer and answer["p_elems"] == {"$": "0"}


def test_a_row_alone_may_be_no_array(ask, simulator) -> None:
    simulator.state.add_user("acme")
    assert isinstance(doc(ask("user"))["elem"], list)
    simulator.set_variants(single_as_object=True)
    assert isinstance(doc(ask("user"))["elem"], dict)


def test_what_is_sent_is_echoed_without_secrets(ask, simulator) -> None:
    simulator.state.add_user("acme")
    text = ask("user.edit", elid="acme", sok="ok", passwd="New-Secret-1", comment="x")
    assert doc(text)["tparams"]["comment"] == {"$": "x"}
    assert "New-Secret-1" not in text and ADMIN_PASSWORD not in text


@pytest.mark.parametrize(
    ("params", "kind", "what"),
    [
        ({"name": "acme"}, "exists", "user"),
        ({"name": "dealer"}, "exists", "user"),
        ({"name": "root"}, "exists", "user"),
        ({"name": "mail"}, "exists", "user"),
        ({"name": "9lives"}, "value", "name"),
        ({"passwd": "short"}, "value", "passwd"),
        ({"preset": "none"}, "missed", "preset"),
        ({"owner": "nobody"}, "missed", "owner"),
        ({"limit_emails": "1;2"}, "value", "limit_emails"),
        ({"emaildomain_name": "a b"}, "value", "emaildomain_name"),
        ({"emaildomain_name": "acme.example"}, "exists", "emaildomain"),
        ({"ipsrc": "auto", "iptype": "ipv9"}, "missed", "ipaddr"),
    ],
)
def test_a_refused_creation_leaves_nothing_behind(ask, simulator, params, kind, what) -> None:
    simulator.state.add_user("acme", domain="acme.example")
    simulator.state.add_reseller("dealer")
    before = repr(vars(simulator.state))
    wanted = {"name": "fresh", "passwd": "Long-Enough-1", "sok": "ok", "webdomain": "off"}
    error = doc(ask("user.add.finish", **{**wanted, **params}))["error"]
    assert (error["$type"], error["$object"]) == (kind, what)
    assert repr(vars(simulator.state)) == before


@pytest.mark.parametrize(
    ("edition", "func", "known"),
    [
        ("Lite", "reseller", False),
        ("Host", "reseller", True),
        ("Host", "ipaddr", False),
        ("Business", "ipaddr", True),
        ("Business", "nonsense", False),
    ],
)
def test_functions_are_there_or_not_by_edition(ask, simulator, edition, func, known) -> None:
    simulator.set_variants(edition=edition)
    assert ("error" not in doc(ask(func))) is known


def test_nobody_acts_for_whom_he_may_not_see(ask, simulator) -> None:
    simulator.state.add_reseller("dealer", password="Simulated-D3aler!")
    simulator.state.add_user("his", owner="dealer", domain="his.example")
    simulator.state.add_user("other", domain="other.example")
    dealer = {"authinfo": "dealer:Simulated-D3aler!"}
    assert "error" not in doc(ask("email", su="his", **dealer))
    for refused in (
        ask("email", su="other", **dealer),
        ask("user.delete", elid="other", **dealer),
        ask("emaildomain.delete", elid="other.example", **dealer),
        ask("reseller", **dealer),
        ask("session.newkey", username="root", key="k" * 32, **dealer),
    ):
        assert "error" in doc(refused)
    assert "other" in simulator.state.people


def test_a_reseller_can_have_no_more_users_than_he_bought(ask, simulator) -> None:
    simulator.state.add_reseller(
        "dealer", password="Simulated-D3aler!", limits={"limit_users": "0"}
    )
    answer = doc(
        ask(
            "user.edit", name="fresh", passwd="Long-Enough-1", sok="ok",
            authinfo="dealer:Simulated-D3aler!",
        )
    )  # fmt: skip
    assert answer["error"]["$object"] == "limit_users"


def test_suspending_a_reseller_suspends_his_users(ask, simulator) -> None:
    simulator.state.add_reseller("dealer")
    simulator.state.add_user("his", owner="dealer")
    ask("reseller.suspend", elid="dealer")
    assert not simulator.state.people["his"].active


def test_another_page_or_a_wrong_path_is_html(simulator) -> None:
    assert requests.get(f"{simulator.url}/other", timeout=5).status_code == 404
    assert "Wrong user name" in requests.get(f"{simulator.url}/ispmgr?func=auth", timeout=5).text


def test_a_restarted_panel_finds_everything_again(tmp_path) -> None:
    file = tmp_path / "panel.json"
    with IspManagerSimulator(state_file=file) as first:
        first.state.add_user("acme", domain="acme.example")
        first.state.add_mailbox("a@acme.example", aliases=["b"])
        expected = first.state.dump()
    with IspManagerSimulator(state_file=file) as second:
        assert second.state.dump() == expected
    assert file.stat().st_mode & 0o077 == 0
