"""Counts and bytes of many domains in as few calls as the platform allows; unknown is never 0."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from provisioning.contract import (
    Account,
    MisconfiguredError,
    PermanentError,
    TemporaryError,
    UsageReport,
)
from provisioning.modules.opensrs import reports
from provisioning.modules.opensrs.module import OpenSrs
from tests.modules.opensrs.conftest import bodies
from tests.modules.panel import MemoryTokens, Panel

MB = 1024**2
oma_only = pytest.mark.parametrize("protocol", ["oma"])


@pytest.fixture
def accounts(simulator) -> list[Account]:
    """Three domains with 1, 2 and 3 mailboxes of 10 MB each, and one forward in each."""
    made = []
    for number in range(1, 4):
        name = f"d{number}.example"
        simulator.state.add_domain(name)
        simulator.state.add_user(f"all@{name}", kind="forward")
        for mailbox in range(number):
            simulator.state.add_user(f"u{mailbox}@{name}", bytes_used=10 * MB)
        made.append(Account(key=name, domain=name, data={"linked": True}))
    return made


def values(report: UsageReport, key: str) -> dict[str, int]:
    return {reading.metric: int(reading.value) for reading in report.readings[key]}


def read(panel: Panel, accounts: list[Account], **settings: Any) -> UsageReport:
    link = replace(panel.link, settings={**panel.link.settings, **settings})
    panel.link = link
    return panel.run(lambda module: module.read_usage(accounts))


@oma_only
def test_all_domains_are_counted_and_weighed_in_four_calls_and_a_download(
    panel, simulator, accounts
) -> None:
    report = read(panel, accounts)
    assert values(report, "d3.example") == {"disk": 30 * MB, "mailboxes": 3, "forwards": 1}
    assert values(report, "d1.example") == {"disk": 10 * MB, "mailboxes": 1, "forwards": 1}
    assert [each.path for each in simulator.journal] == [
        "/api/authenticate",
        "/api/search_domains",
        "/api/stats_list",
        "/api/stats_snapshot",
        "/api/oma_file/get",
    ]
    assert not report.unknown and report.source == "OMA"


@oma_only
def test_the_list_of_domains_is_read_page_by_page(panel, simulator, accounts) -> None:
    simulator.set_variants(largest_page=2)
    report = read(panel, accounts, disk_source="none")
    assert set(report.readings) == {account.key for account in accounts}
    ranges = [body["range"]["first"] for _, body in bodies(simulator, "search_domains")]
    assert ranges == [0, 2]


@oma_only
def test_a_list_that_does_not_tell_its_length_is_read_to_its_end(
    panel, simulator, accounts
) -> None:
    simulator.set_variants(largest_page=2, total_count=False)
    report = read(panel, accounts, disk_source="none")
    assert set(report.readings) == {account.key for account in accounts}


def test_a_list_without_counts_is_asked_for_domain_by_domain(panel, simulator, accounts) -> None:
    simulator.set_variants(domain_rows_have_counts=False)
    report = read(panel, accounts, disk_source="none")
    assert values(report, "d2.example") == {"mailboxes": 2, "forwards": 1}


VARIANTS: dict[str, dict[str, Any]] = {
    "no sizes in the report": {"report_has_sizes": False},
    "no report": {"has_reports": False},
    "summary by period": {"has_reports": False, "summary": "by_period"},
    "neither report nor summary": {"report_has_sizes": False, "summary": "without storage"},
}


@oma_only
@pytest.mark.parametrize("variant", VARIANTS)
def test_what_the_report_leaves_open_is_asked_one_by_one(
    panel, simulator, accounts, variant
) -> None:
    simulator.set_variants(**VARIANTS[variant])
    report = read(panel, accounts)
    assert {key: values(report, key)["disk"] for key in report.readings} == {
        "d1.example": 10 * MB,
        "d2.example": 20 * MB,
        "d3.example": 30 * MB,
    }


@oma_only
@pytest.mark.parametrize(
    ("source", "calls"),
    [("none", set()), ("summary", {"stats_summary"}), ("mailboxes", {"search_users", "get_user"})],
)
def test_the_server_record_says_how_disk_is_read(panel, simulator, accounts, source, calls) -> None:
    read(panel, accounts, disk_source=source)
    asked = {name for name, _ in bodies(simulator)} - {"authenticate", "search_domains"}
    assert asked == calls


@oma_only
def test_disk_that_cannot_be_read_leaves_the_counts_and_no_zero(panel, simulator, accounts) -> None:
    simulator.fault("status", "/api/stats*", status=500, times=None)
    simulator.fault("status", "/api/get_user", status=500, times=None)
    report = read(panel, accounts)
    assert values(report, "d3.example") == {"mailboxes": 3, "forwards": 1}


@oma_only
def test_a_platform_that_keeps_failing_is_left_alone(panel, simulator, accounts) -> None:
    simulator.fault("status", "/api/stats*", status=500, times=None)
    read(panel, accounts * 20, disk_source="summary")
    assert len(simulator.journal.find("/api/stats_summary")) == 3


@oma_only
@pytest.mark.parametrize("raw", [-1, "many", None, 1.5e300, True])
def test_counts_that_are_no_numbers_are_parked(panel, simulator, accounts, raw) -> None:
    body = '{"success": true, "total_count": 1, "domains": [{"domain": "d1.example", "users": %s}]}'
    counts = json.dumps({"mailbox": raw, "forward": 2})
    simulator.fault("status", "/api/search_domains", status=200, body=body % counts)
    report = read(panel, accounts[:1], disk_source="none")
    assert report.absurd == {"d1.example": {"mailboxes": str(raw)}}
    assert values(report, "d1.example") == {"forwards": 2}


def test_a_domain_that_is_not_listed_is_unknown(panel, accounts) -> None:
    gone = Account(key="gone", domain="gone.example")
    report = read(panel, [*accounts, gone], disk_source="none")
    assert report.unknown == {"gone": "The platform does not list this domain."}
    assert "gone" not in report.readings


@pytest.mark.parametrize("protocol", ["app"])
def test_app_counts_and_one_broken_domain_spoils_no_other(panel, simulator, accounts) -> None:
    simulator.fault("refusal", "/app/get_num_domain_mailboxes", nth=2)
    report = read(panel, accounts)
    assert values(report, "d1.example") == {"mailboxes": 1, "forwards": 1}
    assert set(report.unknown) == {"d2.example"}
    assert values(report, "d3.example") == {"mailboxes": 3, "forwards": 1}


def test_usage_of_nothing_asks_for_little_and_says_nothing(panel) -> None:
    assert read(panel, []).readings == {}


@oma_only
def test_a_wrong_password_is_not_mistaken_for_no_usage(panel, accounts) -> None:
    panel.link = replace(panel.link, password="wrong", tokens=MemoryTokens())
    with pytest.raises(MisconfiguredError):
        read(panel, accounts)


@oma_only
def test_a_report_is_fetched_from_the_platform_and_nowhere_else(panel, simulator, accounts) -> None:
    body = '{"success": true, "snapshot": "http://169.254.169.254/secret"}'
    simulator.fault("status", "/api/stats_snapshot", status=200, body=body, times=None)
    report = read(panel, accounts)
    assert values(report, "d1.example")["disk"] == 10 * MB  # by the next source
    assert not simulator.journal.find("/secret")


@oma_only
def test_the_token_of_the_report_is_in_no_log(panel, simulator, accounts) -> None:
    read(panel, accounts)
    logged = " ".join(f"{call.url} {call.request} {call.response}" for call in panel.calls)
    token = simulator.journal.find("/api/oma_file/get")[0].query["token"]
    assert token not in logged


@oma_only
def test_inventory_lists_our_domains_and_no_aliases(panel, simulator, accounts) -> None:
    simulator.state.add_domain("theirs.example", owner="others")
    simulator.state.domains["d1.example"].aliases = ["twin.example"]
    found = panel.run(lambda module: list(module.inventory()))
    assert [(row.domain, row.mailboxes) for row in found] == [
        ("d1.example", 1),
        ("d2.example", 2),
        ("d3.example", 3),
    ]


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "account,type\nx@y.example,mailbox\n", "\x00\x01", "size,type\n1,2\n"],
)
def test_a_report_without_the_columns_is_no_report(text) -> None:
    with pytest.raises(PermanentError, match="no column"):
        reports.bytes_by_domain(text)


def test_a_report_is_read_by_its_header_and_a_domain_with_a_hole_is_left_out() -> None:
    text = "\ufeffType,STORAGE,Account\nmailbox,5,a@x.example\nmailbox,7,b@x.example\n"
    text += "mailbox,oops,c@y.example\nmailbox,9,d@y.example\n"
    assert reports.bytes_by_domain(text) == {"x.example": 12}


@pytest.mark.parametrize(
    "summary", [None, [], {}, "text", [{}], [{"storage": None}], {"2026-01": "x"}, [1, 2]]
)
def test_a_summary_that_says_nothing_is_unknown(summary) -> None:
    assert reports.latest_storage(summary) is None


def test_the_newest_period_counts_in_whatever_order_they_come() -> None:
    rows = [
        {"date": "2026-01-02", "storage": {"storage_current_size": 2}},
        {"date": "2026-01-03", "storage": {"storage_current_size": 3}},
        {"date": "2026-01-01", "storage": {"storage_current_size": 1}},
    ]
    assert reports.latest_storage(rows) == 3


def test_a_product_has_a_flat_price_and_its_quantities_are_options() -> None:
    terms = OpenSrs.metering(OpenSrs.product_fields.defaults(), "EUR")
    assert (terms.tranche, terms.features) == (None, None)
    assert OpenSrs.required_options == ("mailboxes", "forwards")


@oma_only
def test_a_server_in_trouble_raises_instead_of_telling_nothing(panel, simulator, accounts) -> None:
    simulator.set_variants(domain_rows_have_counts=False)
    simulator.fault("status", "/api/search_users", status=500, times=None)
    with pytest.raises(TemporaryError):
        read(panel, accounts)


def test_readings_are_decimals(panel, accounts) -> None:
    report = read(panel, accounts)
    assert all(isinstance(one.value, Decimal) for one in report.readings["d1.example"])
    assert {one.metric for one in report.readings["d1.example"]} <= {
        metric.code for metric in OpenSrs.metrics
    }
