"""Own IP addresses: as many as ordered, counted before each is given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.contract import PermanentError, Place, TemporaryError, UnsupportedError
from provisioning.modules.ispmanager.editions import edition_in
from provisioning.modules.ispmanager.module import IspManager, IspManagerReseller
from tests.modules.ispmanager.conftest import forms

DEFAULTS = {**IspManager.product_fields.defaults(), "template": "mail-small"}


def ordered(panel, main: str = "shared", **options: int):
    settings = {**panel.account.settings, "main_ip": main}
    panel.account = replace(panel.account, settings=settings, options=options)
    return panel


def owned(simulator, family: str = "ipv4") -> list[str]:
    rows = simulator.state.addresses
    return [one.name for one in rows if one.owner == "client" and one.iptype == family]


@pytest.mark.parametrize(
    ("main", "options", "counts"),
    [
        ("shared", {}, (0, 0)),
        ("shared", {"ip": 2, "ipv6": 1}, (2, 1)),
        ("ipv4", {}, (1, 0)),
        ("ipv4", {"ip": 3}, (3, 0)),
        ("ipv6", {"ip": 1, "ipv6": 1}, (1, 1)),
        ("ipv4", {"ip": 0}, (1, 0)),
    ],
)
def test_the_main_address_is_one_of_those_ordered(panel, simulator, main, options, counts) -> None:
    ordered(panel, main, **options).create()
    assert (len(owned(simulator)), len(owned(simulator, "ipv6"))) == counts


def test_ipaddr_edit_asks_for_any_free_address_of_a_family(panel, simulator) -> None:
    ordered(panel, "ipv4", ip=2).create()
    assert forms(simulator, "ipaddr.edit") == [
        {
            "func": "ipaddr.edit",
            "sok": "ok",
            "iprole": "assigned",
            "iptype": "ipv4",
            "name": "",
            "owner": "client",
        }
    ]
    assert forms(simulator, "ipaddr")[0]["su"] == "client"


def test_an_account_without_addresses_costs_no_call_about_them(delivered, simulator) -> None:
    delivered.change_package(limit_emails="20")
    assert not forms(simulator, "ipaddr", "ipaddr.edit", "license.info")


def test_an_upgrade_adds_what_is_missing_and_a_downgrade_takes_the_last(panel, simulator) -> None:
    ordered(panel, "ipv4", ip=2).create()
    first, second = owned(simulator)
    ordered(panel, "ipv4", ip=3).change_package()
    assert owned(simulator)[:2] == [first, second] and len(owned(simulator)) == 3
    simulator.journal.clear()
    ordered(panel, "ipv4", ip=1).change_package()
    assert owned(simulator) == [first]
    assert len(forms(simulator, "ipaddr.delete")) == 2
    assert panel.account.data["addresses"] == [first]


def test_an_address_whose_answer_was_lost_is_not_given_twice(panel, simulator) -> None:
    simulator.fault("apply-then-close", contains="ipaddr.edit", times=1)
    assert ordered(panel, ip=1).create()
    assert len(owned(simulator)) == 1
    assert len(forms(simulator, "ipaddr.edit")) == 1


def test_an_adopted_account_keeps_the_address_that_it_came_with(panel, simulator) -> None:
    simulator.state.add_user("client", domain=panel.account.domain)
    held = simulator.state.addresses[1]
    held.owner, held.iprole = "client", "assigned"
    panel.adopt()
    ordered(panel, ip=2).change_package()
    assert len(owned(simulator)) == 2
    ordered(panel, ip=0).change_package()
    assert owned(simulator) == [held.name]


def test_termination_frees_the_addresses(panel, simulator) -> None:
    ordered(panel, ip=2).create()
    panel.terminate()
    assert owned(simulator) == []


@pytest.mark.parametrize("options", [{"ip": 1}, {"ipv6": 2}])
@pytest.mark.parametrize("edition", ["Lite", "Pro", "Host"])
def test_where_the_edition_gives_none_nothing_is_created(
    panel, simulator, edition, options
) -> None:
    simulator.set_variants(edition=edition)
    with pytest.raises(UnsupportedError) as caught:
        ordered(panel, **options).create()
    assert f"has the {edition} edition and gives no IP addresses" in caught.value.detail
    assert not simulator.state.of_level(16)


def test_a_package_with_addresses_is_refused_there_and_changes_nothing(
    delivered, simulator
) -> None:
    simulator.set_variants(edition="Pro")
    before = dict(simulator.state.people["client"].limits)
    with pytest.raises(UnsupportedError):
        ordered(delivered, "ipv4").change_package(template="mail-large")
    assert simulator.state.people["client"].limits == before


def test_extended_address_management_is_staffs_word(panel, simulator) -> None:
    simulator.set_variants(edition="Host", extended_ip=True)
    panel.link = replace(panel.link, settings={**panel.link.settings, "ip_addresses": "yes"})
    ordered(panel, ip=1).create()
    assert len(owned(simulator)) == 1


def test_more_addresses_than_there_are_is_a_clear_refusal(panel, simulator) -> None:
    with pytest.raises(PermanentError) as caught:
        ordered(panel, ip=11).create()
    assert "its addresses do not: The panel gave no ipv4 address" in caught.value.detail
    assert len(owned(simulator)) == 10


def test_an_address_that_does_not_show_up_is_not_asked_for_again(panel, simulator) -> None:
    simulator.fault("status", contains="ipaddr.edit", status=200, body='{"doc":{"ok":{}}}')
    with pytest.raises(TemporaryError, match="does not list it yet"):
        ordered(panel, ip=1).create()
    assert len(forms(simulator, "ipaddr.edit")) == 1


@pytest.mark.parametrize(
    ("text", "edition"),
    [
        ("ISPmanager Business", "Business"),
        ("ispmanager 6 host", "Host"),
        ("ISPmanager Pro", "Pro"),
        ("ISPmanager Lite", "Lite"),
        ("provider's hosting panel", ""),
        ("", ""),
    ],
)
def test_the_edition_is_read_from_the_licences_name(text, edition) -> None:
    assert edition_in(text) == edition


def problems(kind, options=(), places=(), **settings):
    return kind.offer_problems({**DEFAULTS, **settings}, frozenset(options), places)


@pytest.mark.parametrize(
    ("place", "refused"),
    [
        (Place(name="a", edition="Pro"), True),
        (Place(name="a", edition="Host"), True),
        (Place(name="a", edition="Host", settings={"ip_addresses": "yes"}), False),
        (Place(name="a", edition="Business"), False),
        (Place(name="a", edition="Business", settings={"ip_addresses": "no"}), True),
        (Place(name="a", edition=""), False),
    ],
)
def test_a_product_says_before_it_is_sold_where_addresses_cannot_be_had(place, refused) -> None:
    found = problems(IspManager, ["ip", "seats"], [place], main_ip="ipv6")
    assert set(found) == ({"ip", "main_ip"} if refused else set())


def test_every_server_of_the_group_must_give_them() -> None:
    places = [Place(name="b1", edition="Business"), Place(name="l1", edition="Lite")]
    [text] = problems(IspManager, ["ipv6"], places)["ipv6"]
    assert "l1" in text and "b1" not in text


def test_resellers_are_refused_on_editions_without_them() -> None:
    places = [Place(name="l1", edition="Lite"), Place(name="h1", edition="Host")]
    assert list(problems(IspManagerReseller, [], places)) == ["template"]
