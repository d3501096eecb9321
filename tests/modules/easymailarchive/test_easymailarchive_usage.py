"""Users and storage: as few calls as the platform allows, and nothing made up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from provisioning.contract import Account, MisconfiguredError, TemporaryError
from provisioning.contract.metering import Aggregation
from provisioning.modules.easymailarchive.module import EasyMailArchive
from provisioning.modules.easymailarchive.usage import GB, licences
from tests.modules.easymailarchive.conftest import ordered, price, sent


def archive(slug: str, **settings) -> Account:
    account = ordered(key=slug, domain=f"{slug}.example", **settings)
    return replace(account, data={"slug": slug, "linked": True})


@pytest.fixture
def archives(simulator) -> list[Account]:
    for number in range(1, 5):
        simulator.state.add_tenant(f"t{number}0", users=number, storage=number * GB)
    return [archive(f"t{number}0") for number in range(1, 5)]


def read(panel, accounts):
    return panel.run(lambda module: module.read_usage(accounts))


def values(report, key: str) -> dict[str, int]:
    return {reading.metric: int(reading.value) for reading in report.readings[key]}


def test_one_list_tells_the_figures_of_all(panel, simulator, archives) -> None:
    report = read(panel, archives)
    assert values(report, "t30") == {"users": 3, "disk": 3 * GB, "licences": 3}
    assert len(report.readings) == 4
    assert sent(simulator) == [("GET", "")]


def test_a_list_of_many_pages_takes_a_call_for_each(panel, simulator) -> None:
    for number in range(100):
        simulator.state.add_tenant(f"tenant-{number:03}", users=1, storage=1)
    simulator.set_variants(page_size_honoured=True)
    report = read(panel, [archive(f"tenant-{number:03}") for number in range(100)])
    assert len(report.readings) == 100
    assert len(simulator.journal) == 1
    simulator.set_variants(page_size_honoured=False, page_size=50)
    read(panel, [archive("tenant-000")])
    assert len(simulator.journal) == 3


def test_where_the_list_tells_none_each_archive_is_asked(panel, simulator, archives) -> None:
    simulator.set_variants(dialect="apis")
    report = read(panel, archives)
    assert values(report, "t20") == {"users": 2, "disk": 2 * GB, "messages": 0, "licences": 2}
    assert sorted(sent(simulator)) == [("GET", ""), *(("GET", f"/t{n}0") for n in range(1, 5))]


def test_where_the_archive_itself_tells_none_its_usage_is_asked(panel, simulator, archives) -> None:
    simulator.set_variants(list_tells_usage=False, show_tells_usage=False)
    report = read(panel, archives[:1])
    assert values(report, "t10") == {"users": 1, "disk": GB, "messages": 0, "licences": 1}
    assert sent(simulator) == [("GET", ""), ("GET", "/t10"), ("GET", "/t10/usage")]


def test_figures_sent_as_text_are_figures(panel, simulator, archives) -> None:
    simulator.set_variants(figures_as_text=True)
    assert values(read(panel, archives), "t40")["users"] == 4


@pytest.mark.parametrize("raw", ['"n/a"', "-1", "[]", "true", "1e400", '"9e9"'])
def test_figures_that_are_none_are_left_to_a_person(panel, simulator, raw) -> None:
    row = f'{{"slug": "t10", "users_count": {raw}, "storage_bytes": 7}}'
    simulator.fault("status", status=200, body=f'{{"data": [{row}]}}')
    report = read(panel, [archive("t10")])
    assert set(report.absurd["t10"]) == {"users"}
    assert values(report, "t10") == {"disk": 7}


def test_an_archive_missing_from_the_list_is_unknown_and_not_zero(
    panel, simulator, archives
) -> None:
    gone, never = archive("gone"), ordered(key="never")
    report = read(panel, [*archives, gone, never])
    assert set(report.unknown) == {"gone", "never"}
    assert "not found" in report.unknown["gone"]
    assert len(simulator.journal) == 1


def test_what_was_listed_before_a_page_failed_counts(panel, simulator, archives) -> None:
    simulator.set_variants(page_size=2)
    simulator.fault("status", nth=2, times=None, status=500)
    report = read(panel, archives)
    assert set(report.readings) == {"t10", "t20"}
    assert set(report.unknown) == {"t30", "t40"}


def test_one_archive_in_trouble_does_not_stop_the_others(panel, simulator, archives) -> None:
    simulator.set_variants(dialect="apis")
    simulator.fault("status", "*/t20", times=None, status=500)
    report = read(panel, archives)
    assert set(report.readings) == {"t10", "t30", "t40"}
    assert set(report.unknown) == {"t20"}


def test_a_platform_that_fails_in_a_row_is_not_asked_for_everything(panel, simulator) -> None:
    names = [f"tenant-{number}" for number in range(20)]
    for name in names:
        simulator.state.add_tenant(name)
    simulator.set_variants(dialect="apis")
    simulator.fault("status", "*/tenant-*", times=None, status=500)
    with pytest.raises(TemporaryError):
        read(panel, [archive(name) for name in names])
    assert len(simulator.journal) == 1 + 3 * 3


def test_a_refused_key_is_for_staff_to_mend(panel, simulator, archives) -> None:
    panel.link = replace(panel.link, password="wrong")
    with pytest.raises(MisconfiguredError, match="password field"):
        read(panel, archives)


@pytest.mark.parametrize(
    ("users", "gb", "expected"), [(12, 95, 12), (5, 120, 12), (1, 0, 1), (0, 0, 0), (3, 30, 3)]
)
def test_licences_are_counted_as_the_vendor_does(users, gb, expected) -> None:
    assert licences(users, gb * GB, gb_each=10) == expected


def test_a_started_part_of_storage_takes_a_licence() -> None:
    assert licences(1, 30 * GB + 1, gb_each=10) == 4


def test_licences_follow_the_product(panel, simulator) -> None:
    simulator.state.add_tenant("acme", users=1, storage=100 * GB)
    report = read(panel, [archive("acme", gb_per_licence=25)])
    assert values(report, "acme")["licences"] == 4


def test_what_is_priced_is_metered_by_the_unit_and_nothing_else() -> None:
    defaults = EasyMailArchive.product_fields.defaults()
    assert EasyMailArchive.metering(defaults, "EUR").units == ()
    settings = {**defaults, "user_price": price("1.50"), "included_users": 5}
    (terms,) = EasyMailArchive.metering(settings, "EUR").units
    assert (terms.metric.code, terms.included, terms.price) == ("users", 5, Decimal("1.50"))
    assert terms.metric.aggregation is Aggregation.HIGHEST
    assert EasyMailArchive.metering(settings, "USD").units == ()


def test_storage_and_licences_can_be_priced_beside_or_instead() -> None:
    settings = {
        **EasyMailArchive.product_fields.defaults(),
        "gb_price": price("0.10"),
        "licence_price": price("2"),
        "included_gb": 10,
    }
    terms = EasyMailArchive.metering(settings, "EUR")
    assert [(each.metric.code, each.included) for each in terms.units] == [
        ("disk", 10),
        ("licences", 0),
    ]
    assert terms.arrears
