"""Everybody's usage in three lists, whatever their length; what nobody tells is never 0."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from provisioning.contract import MisconfiguredError, State, TemporaryError
from provisioning.modules.ispmanager.mail_rows import mebibytes
from provisioning.modules.ispmanager.module import IspManager
from provisioning.modules.ispmanager.usage import DISK
from tests.modules.ispmanager.conftest import DOMAIN, forms

MIB = 1024**2


def sold(panel, simulator, *names: str):
    """Accounts that are on the panel and ours."""
    for name in names:
        simulator.state.add_user(name, domain=f"{name}.example")
    return [
        replace(
            panel.account,
            key=name,
            domain=f"{name}.example",
            data={"login": name, "linked": name},
        )
        for name in names
    ]


def read(panel, accounts):
    return panel.run(lambda module: module.read_usage(accounts))


def values(report, key: str) -> dict[str, Decimal]:
    return {reading.metric: reading.value for reading in report.readings[key]}


def test_readings_are_bytes_and_counts_of_all_that_the_login_has(delivered, simulator) -> None:
    simulator.state.new_mail_domain("second.example", "client")
    simulator.state.add_mailbox(f"bob@{DOMAIN}", used="10")
    simulator.state.add_mailbox("amy@second.example", used="5")
    simulator.state.add_mailbox(f"team@{DOMAIN}", used="0", note="[list]")
    simulator.state.set_usage("client", files="100")
    assert values(read(delivered, [delivered.account]), "service-1") == {
        "disk": 115 * MIB,
        "mail_disk": 15 * MIB,
        "mailboxes": 2,
        "mail_domains": 2,
    }


def test_all_accounts_of_a_panel_are_three_lists(panel, simulator) -> None:
    accounts = sold(panel, simulator, *(f"u{number}" for number in range(200)))
    report = read(panel, accounts)
    assert len(report.readings) == 200
    assert [form["func"] for form in forms(simulator)] == ["user", "emaildomain", "email"]


def test_lists_longer_than_a_page_are_read_to_their_end(panel, simulator) -> None:
    simulator.set_variants(page_rows=50)
    accounts = sold(panel, simulator, *(f"u{number}" for number in range(120)))
    assert len(read(panel, accounts).readings) == 120
    called = Counter(form["func"] for form in forms(simulator))
    assert called == {"user": 3, "emaildomain": 3, "email": 1}


def test_a_list_that_is_cut_and_cannot_be_paged_is_trouble_and_not_the_whole(
    panel, simulator
) -> None:
    simulator.set_variants(page_rows=50, follows_pages=False)
    accounts = sold(panel, simulator, *(f"u{number}" for number in range(51)))
    with pytest.raises(TemporaryError, match="ends after 50 of 51"):
        read(panel, accounts)


def test_disk_space_that_the_panel_does_not_measure_is_left_out(delivered, simulator) -> None:
    simulator.set_variants(quotas=False)
    simulator.state.add_mailbox(f"bob@{DOMAIN}", used="10")
    found = values(read(delivered, [delivered.account]), "service-1")
    assert "disk" not in found
    assert found["mail_disk"] == 10 * MIB


def test_one_mailbox_of_unknown_size_makes_the_sum_unknown(delivered, simulator) -> None:
    simulator.state.add_mailbox(f"bob@{DOMAIN}", used="10")
    simulator.state.add_mailbox(f"amy@{DOMAIN}", used="")
    found = values(read(delivered, [delivered.account]), "service-1")
    assert "mail_disk" not in found
    assert found["mailboxes"] == 2


@pytest.mark.parametrize("text", ["-5", "lots", "NaN", "1e40", "Infinity"])
def test_what_is_no_plausible_size_is_reported_in_the_panels_words(
    delivered, simulator, text
) -> None:
    simulator.state.set_usage("client", files=text)
    report = read(delivered, [delivered.account])
    assert report.absurd == {"service-1": {"disk": text}}
    assert "disk" not in values(report, "service-1")


def test_a_measured_zero_is_a_reading(delivered) -> None:
    assert values(read(delivered, [delivered.account]), "service-1")["disk"] == 0


@pytest.mark.parametrize("text", ["0", "1.5", "3", "20480"])
def test_sizes_are_whole_bytes(text) -> None:
    assert mebibytes(text) == Decimal(text) * MIB


def test_a_panel_that_names_no_owner_of_a_mailbox_is_understood_by_its_domain(
    delivered, simulator
) -> None:
    simulator.set_variants(mail_owner=False)
    simulator.state.add_mailbox(f"bob@{DOMAIN}", used="10")
    assert values(read(delivered, [delivered.account]), "service-1")["mailboxes"] == 1


def test_another_service_with_a_copy_of_our_login_has_no_usage(delivered) -> None:
    other = replace(delivered.account, key="service-2")
    report = read(delivered, [delivered.account, other])
    assert (set(report.readings), set(report.unknown)) == ({"service-1"}, {"service-2"})


def test_traffic_costs_a_call_of_its_own_and_is_read_only_when_wanted(delivered, simulator) -> None:
    simulator.state.set_usage("client", traffic="7")
    assert "traffic" not in values(read(delivered, [delivered.account]), "service-1")
    settings = {**delivered.account.settings, "read_traffic": True}
    wanting = replace(delivered.account, settings=settings)
    simulator.journal.clear()
    assert values(read(delivered, [wanting]), "service-1")["traffic"] == 7 * MIB
    assert forms(simulator, "userstat")[0]["su"] == "client"


def test_traffic_that_cannot_be_read_costs_nothing_else(delivered, simulator) -> None:
    simulator.fault("status", contains="func=userstat", status=500)
    settings = {**delivered.account.settings, "read_traffic": True}
    found = values(read(delivered, [replace(delivered.account, settings=settings)]), "service-1")
    assert "traffic" not in found and found["disk"] == 0


def test_after_an_outage_or_a_changed_password_nothing_is_billed_as_zero(
    delivered, simulator
) -> None:
    simulator.fault("status", contains="func=email&", status=500)
    with pytest.raises(TemporaryError):
        read(delivered, [delivered.account])
    simulator.state.people["root"].password = "changed"
    with pytest.raises(MisconfiguredError):
        read(delivered, [delivered.account])


def test_a_reseller_is_the_sum_of_his_users(reseller_panel, simulator) -> None:
    reseller_panel.create()
    for name, files in (("s1", "10"), ("s2", "20")):
        simulator.state.add_user(name, owner="client", domain=f"{name}.example")
        simulator.state.set_usage(name, files=files)
    simulator.state.add_user("foreign", domain="foreign.example")
    simulator.state.add_mailbox("a@s1.example", used="5")
    simulator.state.add_mailbox("a@foreign.example", used="5")
    simulator.journal.clear()
    report = read(reseller_panel, [reseller_panel.account])
    assert values(report, "service-r") == {
        "users": 2,
        "disk": 35 * MIB,
        "mail_disk": 5 * MIB,
        "mailboxes": 1,
        "mail_domains": 2,
    }
    called = [form["func"] for form in forms(simulator)]
    assert called == ["reseller", "user", "emaildomain", "email"]


def test_a_product_may_sell_disk_space_in_tranches() -> None:
    settings = IspManager.product_fields.defaults()
    assert IspManager.metering(settings, "EUR").tranche is None
    terms = IspManager.metering({**settings, "tranche_gb": 5}, "EUR").tranche
    assert terms is not None and (terms.metric, terms.size_gb) == (DISK, 5)


def test_the_inventory_has_a_row_for_each_domain_and_for_accounts_without_one(
    panel, simulator
) -> None:
    simulator.state.add_user("acme", domain="acme.example")
    simulator.state.new_mail_domain("zeta.example", "acme")
    simulator.state.add_mailbox("a@acme.example", used="3")
    simulator.state.add_user("bare", active=False)
    simulator.state.add_user("web")
    simulator.state.sites["web.example"] = "web"
    rows = {row.domain: row for row in panel.run(lambda m: m.inventory())}
    assert set(rows) == {"acme.example", "zeta.example", "bare", "web.example"}
    assert (rows["acme.example"].mailboxes, rows["acme.example"].disk_bytes) == (1, None)
    assert rows["bare"].state is State.SUSPENDED
    assert rows["web.example"].data == {"login": "web"}
    assert len(forms(simulator)) == 4


def test_resellers_are_listed_by_their_mark_their_address_or_their_login(
    reseller_panel, simulator
) -> None:
    reseller_panel.create()
    simulator.state.add_reseller("brand", domain="brand.example")
    simulator.state.add_reseller("plain")
    found = [row.domain for row in reseller_panel.run(lambda m: m.inventory())]
    assert found == [DOMAIN, "brand.example", "plain.panel.host.example"]
