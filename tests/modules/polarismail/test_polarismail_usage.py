"""Usage: two calls a domain, nothing invented, and no domain starved."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from provisioning.contract import Account, TemporaryError
from tests.modules.polarismail.conftest import DOMAIN, forms

GB = 1024**3


def readings(report, key: str = "service-1") -> dict[str, Decimal]:
    return {reading.metric: reading.value for reading in report.readings.get(key, ())}


@pytest.fixture
def usage(delivered):
    return lambda: delivered.run(lambda m: m.read_usage([delivered.account]))


@pytest.fixture
def many(delivered, simulator) -> list[Account]:
    """Five proven domains, each with one mailbox."""
    accounts = []
    for number in range(5):
        name = simulator.state.add_domain(f"d{number}.example")
        simulator.state.add_user(f"a@{name}", usage=1_000)
        data = {"claim": name, "verified": True}
        accounts.append(replace(delivered.account, key=f"s{number}", domain=name, data=data))
    return accounts


def test_disk_and_every_count_are_measured(simulator, usage) -> None:
    state = simulator.state
    state.add_user(f"a@{DOMAIN}", usage=1_500, quota=5_000)
    state.add_user(f"b@{DOMAIN}", usage=500.5, quota=5_120, account_type=2, disabled=True)
    state.add_alias(f"x@{DOMAIN}", f"a@{DOMAIN}")
    state.domain(DOMAIN).lists["team"] = []
    seen = readings(usage())
    assert seen.pop("disk") == round(1.5 * GB) + round(500.5 / 1024 * GB)
    assert seen.pop("disk_limit") == 10 * GB
    assert seen == {
        "mailboxes": 2, "mailboxes_basic": 1, "mailboxes_enhanced": 1,
        "mailboxes_disabled": 1, "aliases": 1, "lists": 1,
    }  # fmt: skip


def test_an_empty_domain_uses_nothing(usage) -> None:
    assert readings(usage())["disk"] == 0


@pytest.mark.parametrize("raw", ["n/a", "-5", "NaN", "1e400"])
def test_usage_that_is_no_number_is_set_apart_and_the_counts_stay(simulator, usage, raw) -> None:
    simulator.state.add_user(f"a@{DOMAIN}", usage=1_000)
    row = f'{{"username": "a", "account_type": 1, "quota": 5000, "usage": "{raw}"}}'
    body = f'{{"returncode": 1, "returndata": [{row}], "meta": {{"all": 1}}}}'
    simulator.fault("status", status=200, body=body, contains="action=getAllUsersDomain")
    report = usage()
    assert report.absurd == {"service-1": {"disk": raw}}
    assert "disk" not in readings(report)
    assert readings(report)["mailboxes"] == 1


def test_a_domain_that_fails_does_not_stop_the_others(delivered, simulator, many) -> None:
    simulator.fault("refusal", contains="domain=d2.example", times=None)
    report = delivered.run(lambda m: m.read_usage(many))
    assert set(report.readings) == {"s0", "s1", "s3", "s4"}
    assert set(report.unknown) == {"s2"}


def test_a_platform_that_stopped_answering_is_left_alone(delivered, simulator, many) -> None:
    simulator.fault("close", contains="action=getAllUsersDomain", times=None)
    with pytest.raises(TemporaryError):
        delivered.run(lambda m: m.read_usage(many))
    assert len(forms(simulator, "getAllUsersDomain")) == 3


def test_the_next_run_begins_where_the_last_one_had_to_stop(delivered, simulator, many) -> None:
    simulator.fault("close", contains="domain=d2.example", times=None)
    simulator.fault("close", contains="domain=d3.example", times=None)
    simulator.fault("close", contains="domain=d4.example", times=None)
    delivered.run(lambda m: m.read_usage(many))
    simulator.faults.clear()
    simulator.journal.clear()
    report = delivered.run(lambda m: m.read_usage(many))
    order = [form["domain"] for form in forms(simulator, "getAllUsersDomain")]
    assert order == [f"d{number}.example" for number in (2, 3, 4, 0, 1)]
    assert len(report.readings) == 5


def test_a_stranger_of_the_same_name_is_not_measured(delivered, simulator, usage) -> None:
    simulator.state.remove_domain(DOMAIN)
    simulator.state.add_domain(DOMAIN)
    assert set(usage().unknown) == {"service-1"}


def test_the_inventory_is_one_call(delivered, simulator, many) -> None:
    simulator.state.domain("d1.example").active = False
    simulator.journal.clear()
    rows = delivered.run(lambda m: list(m.inventory()))
    assert [(row.domain, row.state) for row in rows][:3] == [
        (DOMAIN, "active"), ("d0.example", "active"), ("d1.example", "suspended"),
    ]  # fmt: skip
    assert simulator.journal.total == 1
