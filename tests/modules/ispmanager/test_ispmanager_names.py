"""Logins, domains and templates: what a new account is called and what may be in its way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.contract import (
    ConflictError,
    MisconfiguredError,
    State,
    UnsupportedError,
)
from tests.modules.ispmanager.conftest import DOMAIN, forms


def configured(panel, **settings):
    panel.account = replace(panel.account, settings={**panel.account.settings, **settings})
    return panel


@pytest.mark.parametrize(
    ("domain", "template", "expected"),
    [
        ("client.example", "", "client"),
        ("a-very-long-company-name.example", "", "averylongcompany"),
        ("123.example", "", "u123"),
        ("root.example", "", "root1"),
        ("client.example", "m@ID@", "mservice1"),
        ("client.example", "@DOMAIN@", "clientexample"),
        ("xn--bcher-kva.example", "", "xnbcherkva"),
    ],
)
def test_a_login_is_legal_short_and_free(panel, simulator, domain, template, expected) -> None:
    panel.account = replace(panel.account, domain=domain)
    configured(panel, username_template=template).create()
    assert [one.name for one in simulator.state.of_level(16)] == [expected]


def test_a_login_taken_by_a_user_or_a_reseller_gets_a_number(panel, simulator) -> None:
    simulator.state.add_user("client")
    simulator.state.add_reseller("client1")
    panel.create()
    assert panel.account.data["login"] == "client2"


def test_a_login_that_the_panel_does_not_list_as_taken_costs_one_try(panel, simulator) -> None:
    simulator.state.add_admin("client", "Simulated-Adm1n!")
    panel.create()
    assert [form["name"] for form in forms(simulator, "user.add.finish")] == ["client", "client1"]
    assert [one.name for one in simulator.state.of_level(16)] == ["client1"]


def test_a_long_login_keeps_its_length_when_it_is_numbered(panel, simulator) -> None:
    simulator.state.add_user("averylongcompany")
    panel.account = replace(panel.account, domain="a-very-long-company-name.example")
    panel.create()
    assert panel.account.data["login"] == "averylongcompan1"


@pytest.mark.parametrize("held", ["mail_domains", "sites", "zones"])
def test_a_domain_that_somebody_has_fails_before_anything_is_made(panel, simulator, held) -> None:
    simulator.state.add_user("other")
    if held == "mail_domains":
        simulator.state.new_mail_domain(DOMAIN, "other")
    else:
        getattr(simulator.state, held)[DOMAIN] = "other"
    with pytest.raises(ConflictError) as caught:
        panel.create()
    assert '"other"' in caught.value.detail
    assert not forms(simulator, "user.add.finish")


def test_a_domain_hidden_from_a_resellers_login_is_refused_by_the_panel(panel, simulator) -> None:
    simulator.state.add_reseller("dealer", password="Simulated-D3aler!")
    simulator.state.add_user("other", domain=DOMAIN)
    panel.link = replace(panel.link, username="dealer", password="Simulated-D3aler!")
    with pytest.raises(ConflictError):
        panel.create()
    assert [one.name for one in simulator.state.of_level(16)] == ["other"]


def test_a_resellers_login_sells_accounts_of_his_own(panel, simulator) -> None:
    simulator.state.add_reseller("dealer", password="Simulated-D3aler!")
    simulator.state.add_user("other", domain="other.example")
    panel.link = replace(panel.link, username="dealer", password="Simulated-D3aler!")
    assert panel.create().state is State.ACTIVE
    assert simulator.state.people["client"].owner == "dealer"
    found = panel.run(lambda m: m.inventory())
    assert [row.domain for row in found] == [DOMAIN]


@pytest.mark.parametrize("template", ["gone", "reseller-base", ""])
def test_a_template_that_is_gone_or_of_another_kind_stops_before_anything(
    panel, simulator, template
) -> None:
    with pytest.raises(MisconfiguredError) as caught:
        configured(panel, template=template).create()
    assert "template" in caught.value.detail
    assert not simulator.state.of_level(16)


def test_a_panel_that_tells_no_levels_offers_every_template(panel, simulator) -> None:
    simulator.set_variants(template_levels=False)
    assert len(panel.run(lambda m: m.live_choices("template"))) == 3


@pytest.mark.parametrize("edition", ["Lite", "Pro"])
def test_resellers_on_an_edition_without_them_are_explained(
    reseller_panel, simulator, edition
) -> None:
    simulator.set_variants(edition=edition)
    with pytest.raises(MisconfiguredError) as caught:
        reseller_panel.run(lambda m: m.check_connection())
    assert f"({edition})" in caught.value.detail
    with pytest.raises(UnsupportedError):
        reseller_panel.create()
    assert not simulator.state.of_level(24)


@pytest.mark.parametrize("edition", ["Lite", "Pro", "Host", "Business"])
def test_a_mail_account_lives_on_every_edition(panel, simulator, edition) -> None:
    simulator.set_variants(edition=edition)
    assert panel.create().state is State.ACTIVE
    assert panel.run(lambda m: m.check_connection()).edition == edition
    panel.change_package(template="mail-large")
    assert [panel.suspend().state, panel.unsuspend().state] == [State.SUSPENDED, State.ACTIVE]
    assert panel.terminate().state is State.MISSING
