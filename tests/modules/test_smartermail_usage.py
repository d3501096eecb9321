from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from provisioning.contract import Account, MisconfiguredError, State, TemporaryError
from provisioning.modules.smartermail.usage import disk_bytes

GB = 1024**3


@pytest.fixture
def sold(panel, simulator):
    """Accounts of these domains, all on the server."""

    def make(*names: str) -> list[Account]:
        for name in names:
            simulator.state.add_domain(name)
            simulator.state.set_disk(name, 3 * GB)
        return [
            replace(panel.account, key=name, domain=name, data={"adopted": True}) for name in names
        ]

    return make


def read(panel, accounts):
    return panel.run(lambda module: module.read_usage(accounts))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"size": 5, "sizeMb": 99.0}, (5, "")),
        ({"diskUsage": 7, "size": 5}, (7, "")),
        ({"diskUsage": None, "size": 5}, (5, "")),
        ({"diskUsage": "n/a", "size": 5}, (5, "")),
        ({"sizeMb": 1.5}, (1572864, "")),
        ({"size": 0}, (0, "")),
        ({}, (None, "")),
        ({"size": None, "sizeMb": None}, (None, "")),
        ({"size": "lots"}, (None, "lots")),
        ({"size": ""}, (None, "an empty text")),
        ({"size": "lots", "sizeMb": 3.0}, (None, "lots")),
        ({"size": -1}, (None, "-1")),
        ({"size": True}, (None, "True")),
        ({"size": float("nan")}, (None, "nan")),
        ({"size": float("inf")}, (None, "inf")),
        ({"size": 2**63}, (None, str(2**63))),
        ({"size": [1]}, (None, "[1]")),
    ],
)
def test_disk_usage_is_a_plausible_number_absurd_or_unknown(row, expected) -> None:
    assert disk_bytes(row) == expected


def test_all_domains_of_a_server_are_one_call(panel, simulator, sold) -> None:
    accounts = sold(*(f"d{number}.example" for number in range(200)))
    read(panel, [])
    simulator.journal.clear()
    report = read(panel, accounts)
    assert len(report.readings) == 200
    assert [entry.path for entry in simulator.journal] == ["/api/v1/settings/sysadmin/domains"]


def test_readings_are_bytes_and_counts_without_the_hidden_administrator(
    delivered, simulator
) -> None:
    simulator.state.add_user("bob@client.example")
    simulator.state.add_alias("sales@client.example", ["bob"])
    simulator.state.set_disk("client.example", 21 * GB)
    report = read(delivered, [delivered.account])
    readings = {r.metric: r.value for r in report.readings["service-1"]}
    assert readings == {"disk": Decimal(21 * GB), "mailboxes": Decimal(1), "aliases": Decimal(1)}


def test_a_measured_zero_is_a_reading(panel, simulator, sold) -> None:
    [account] = sold("empty.example")
    simulator.state.set_disk("empty.example", 0)
    assert read(panel, [account]).readings["empty.example"][0].value == 0


@pytest.mark.parametrize("nonsense", ["lots", -5, "1e9", [1]])
def test_absurd_usage_is_parked_in_the_servers_own_words(panel, simulator, sold, nonsense) -> None:
    good, odd = sold("good.example", "odd.example")
    simulator.state.set_raw_usage("odd.example", size=nonsense)
    report = read(panel, [good, odd])
    assert list(report.readings) == ["good.example"]
    assert report.absurd == {"odd.example": {"disk": str(nonsense)}}
    assert report.unknown == {}


def test_only_the_domains_left_open_are_asked_for_one_by_one(panel, simulator, sold) -> None:
    accounts = sold("a.example", "b.example")
    simulator.state.set_raw_usage("b.example", size=None, sizeMb=None)
    report = read(panel, accounts)
    assert list(report.readings) == ["a.example"]
    assert list(report.unknown) == ["b.example"]
    single = [e.path.rsplit("/", 1)[1] for e in simulator.journal.find("*/sysadmin/domain/*")]
    assert single == ["b.example"]


@pytest.mark.parametrize("searchable", [True, False])
def test_without_the_bulk_call_there_are_two_fall_backs(panel, simulator, sold, searchable) -> None:
    simulator.set_variants(domains_call=False, domain_list_search_call=searchable)
    accounts = sold("a.example", "b.example")
    assert len(read(panel, accounts).readings) == 2
    assert len(simulator.journal.find("*/sysadmin/domain/*")) == (0 if searchable else 2)


def test_the_paged_search_is_read_to_its_end(panel, simulator, sold) -> None:
    simulator.set_variants(domains_call=False)
    accounts = sold(*(f"d{number}.example" for number in range(501)))
    assert len(read(panel, accounts).readings) == 501
    assert [e.json()["skip"] for e in simulator.journal.find("*/domain-list-search")] == [0, 500]


def test_a_server_in_trouble_is_not_asked_for_every_domain(panel, simulator, sold) -> None:
    accounts = sold(*(f"d{number}.example" for number in range(50)))
    simulator.fault("status", "*/settings/sysadmin/domain*", status=500, times=None)
    with pytest.raises(TemporaryError):
        read(panel, accounts)
    assert simulator.journal.total <= 6


def test_a_failing_bulk_call_alone_loses_nothing(panel, simulator, sold) -> None:
    accounts = sold("a.example", "b.example")
    simulator.fault("status", "*/sysadmin/domains", status=500, times=None)
    assert len(read(panel, accounts).readings) == 2


def test_one_domain_that_fails_leaves_the_others_read(panel, simulator, sold) -> None:
    simulator.set_variants(domains_call=False, domain_list_search_call=False)
    accounts = sold("a.example", "b.example")
    simulator.fault("status", "*/domain/a.example", status=500, times=None)
    report = read(panel, accounts)
    assert (list(report.readings), list(report.unknown)) == (["b.example"], ["a.example"])


def test_a_wrong_password_measures_nothing(panel, sold) -> None:
    panel.link = replace(panel.link, password="wrong")
    with pytest.raises(MisconfiguredError):
        read(panel, sold("a.example"))


def test_a_service_whose_domain_cannot_be_one_is_unknown(panel, sold) -> None:
    odd = [replace(panel.account, key=name, domain=name) for name in ("", "ü" * 70, "a/b")]
    report = read(panel, [*sold("a.example"), *odd])
    assert list(report.readings) == ["a.example"]
    assert set(report.unknown) == {account.key for account in odd}


def test_the_inventory_names_every_domain_and_its_state(panel, simulator, sold) -> None:
    sold("b.example", "a.example")
    simulator.state.domain("b.example").settings["isEnabled"] = False
    rows = panel.run(lambda module: list(module.inventory()))
    assert [(row.domain, row.state, row.disk_bytes) for row in rows] == [
        ("a.example", State.ACTIVE, 3 * GB),
        ("b.example", State.SUSPENDED, 3 * GB),
    ]


def test_the_inventory_falls_back_to_names(panel, simulator, sold) -> None:
    simulator.set_variants(domains_call=False, domain_list_search_call=False)
    sold("a.example")
    [row] = panel.run(lambda module: list(module.inventory()))
    assert (row.domain, row.state, row.disk_bytes) == ("a.example", State.UNKNOWN, None)
