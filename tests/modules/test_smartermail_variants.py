"""One long walk through everything, on every build that the vendor is known to have shipped."""

from __future__ import annotations

from typing import Any

import pytest

from provisioning.contract import (
    Alias,
    ConflictError,
    DkimState,
    MailboxChange,
    MailingList,
    NotFound,
    State,
    TemporaryError,
)
from tests.modules.contract_tests import PASSWORD

BOB = "bob@client.example"
VARIANTS: list[dict[str, Any]] = [
    {},
    {"business_errors": 200},
    {"unknown_entity": 400},
    {"unknown_entity": 200},
    {"manage_unknown_domain": "invalid_permissions"},
    {"role_too_low": 401, "empty_401": True},
    {"dkim_enable_no_effect": True},
    {"protocol_patch_switched_off": "403"},
    {"omit_disk_usage": False},
    {"omit_size": True},
    {"omit_disk_usage": False, "omit_size": True, "omit_size_mb": True},
    {"domains_call": False},
    {"domains_call": False, "search_rows_key": "data", "search_name_key": "name"},
    {"domains_call": False, "search_rows_have_usage": False},
    {"domains_call": False, "domain_list_search_call": False},
    {"search_flags_ignored": True},
    {"alias_rows_without_targets": True},
    {"header_identity": False},
    {"header_identity": False, "manage_unknown_domain": "invalid_permissions"},
    {"header_identity": False, "unknown_entity": 200, "business_errors": 200},
    {"access_token_seconds": 1},
    {"auto_login_url": "relative"},
    {"auto_login_url": "empty"},
    {"admin_counts_as_user": False},
    {"dkim_in_domain_call": False},
    {"password_settings_key": "defaults"},
    {"facts_call": "sysadmin-info"},
    {"facts_call": "server-settings"},
    {"facts_call": "none"},
    {"platform": "windows", "edition": "Professional"},
]


def _name(variant: dict[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in variant.items()) or "current build"


@pytest.mark.parametrize("variant", VARIANTS, ids=_name)
def test_a_whole_life_on_every_build(panel, simulator, variant) -> None:
    simulator.set_variants(**variant)
    account = _begin(panel)
    _fill(panel, simulator)
    snapshot = panel.run(lambda m: m.snapshot(account()))
    assert snapshot.unreadable == ()
    assert [box.address for box in snapshot.mailboxes] == [BOB]
    assert snapshot.mailboxes[0].features == {"eas", "mapi"}
    assert [alias.targets for alias in snapshot.aliases] == [(BOB, "x@home.example")]
    assert [alias.flags["hide_from_gal"] for alias in snapshot.aliases] == [True]
    assert [found.member_count for found in snapshot.lists] == [1]
    _measure(panel)
    _end(panel)
    assert not simulator.state.domains


def _begin(panel):
    panel.run(lambda m: m.check_connection())
    assert panel.observe().state is State.MISSING
    done = panel.create()
    assert (done.state, done.notes) == (State.ACTIVE, ())
    key = panel.run(lambda m: m.dkim(panel.account).read())
    assert key.state == DkimState.STANDBY
    return lambda: panel.account


def _fill(panel, simulator) -> None:
    account = panel.account
    change = MailboxChange(password=PASSWORD, features=frozenset({"eas", "mapi"}))
    written = panel.run(lambda m: m.mailboxes(account).create(BOB, change))
    assert written.incomplete == ()
    alias = Alias(
        address="sales@client.example",
        targets=("bob", "x@home.example"),
        flags={"hide_from_gal": True},
    )
    panel.run(lambda m: m.aliases(account).save(alias, create=True))
    wanted = MailingList(address="team@client.example", members=("x@home.example",))
    panel.run(lambda m: m.lists(account).create(wanted))
    panel.run(lambda m: m.domain_aliases(account).add("other.example"))
    with pytest.raises(ConflictError):
        panel.run(lambda m: m.mailboxes(account).create(BOB, change))
    with pytest.raises(NotFound):
        panel.run(lambda m: m.mailboxes(account).get("nobody@client.example"))
    simulator.state.set_disk("client.example", 21 * 1024**3)


def _measure(panel) -> None:
    report = panel.run(lambda m: m.read_usage([panel.account]))
    readings = {r.metric: r.value for r in report.readings[panel.account.key]}
    assert readings["disk"] == 21 * 1024**3
    state = panel.run(lambda m: m.read_features(panel.account))
    assert state.enabled == {"eas": {BOB}, "mapi": {BOB}}


def _end(panel) -> None:
    link = panel.run(lambda m: m.staff_login(panel.account))
    assert link.url.startswith(panel.link.http.base_url)
    assert "redirect=%2Fsettings%2Fdomain%2Fdomain-accounts" in link.url
    panel.run(lambda m: m.change_password(panel.account, PASSWORD))
    assert panel.suspend().state is State.SUSPENDED
    assert panel.unsuspend().state is State.ACTIVE
    assert panel.change_package(max_users=7).state is State.ACTIVE
    assert [row.domain for row in panel.run(lambda m: list(m.inventory()))] == ["client.example"]
    for _ in range(2):
        assert panel.terminate().state is State.MISSING


@pytest.mark.parametrize("switched_on", [True, False])
def test_a_patch_without_effect_is_reported_and_not_counted(
    delivered, simulator, switched_on
) -> None:
    flag = {"enableActiveSyncAccountManagement": switched_on}
    simulator.state.domain("client.example").settings.update(flag)
    simulator.set_variants(protocol_patch_no_effect=True)
    change = MailboxChange(password=PASSWORD, features=frozenset({"eas"}))
    written = delivered.run(lambda m: m.mailboxes(delivered.account).create(BOB, change))
    assert "ActiveSync (EAS) could not be switched on" in written.incomplete[0]
    assert delivered.run(lambda m: m.read_features(delivered.account)).enabled["eas"] == set()


def test_a_licence_that_is_used_up_is_reported(delivered, simulator) -> None:
    simulator.set_variants(mapi_licences=0)
    change = MailboxChange(password=PASSWORD, features=frozenset({"eas", "mapi"}))
    written = delivered.run(lambda m: m.mailboxes(delivered.account).create(BOB, change))
    assert len(written.incomplete) == 1
    assert "MAPI/Exchange could not be switched on" in written.incomplete[0]
    assert delivered.run(lambda m: m.mailboxes(delivered.account).get(BOB)).features == {"eas"}


def test_a_path_of_the_wrong_platform_fails_the_order_and_leaves_nothing(panel, simulator) -> None:
    simulator.set_variants(platform="linux")
    with pytest.raises(Exception, match="INVALID_PATH"):
        panel.create()
    assert not simulator.state.domains


def test_a_disabled_domain_refuses_sign_on_but_not_the_panel(delivered, simulator) -> None:
    delivered.suspend()
    assert delivered.run(lambda m: m.snapshot(delivered.account)).mailboxes == ()


def test_without_any_usage_field_usage_is_unknown(delivered, simulator) -> None:
    simulator.set_variants(omit_size=True, omit_size_mb=True)
    report = delivered.run(lambda m: m.read_usage([delivered.account]))
    assert report.readings == {}
    assert "no disk usage" in report.unknown["service-1"]


def test_a_domain_that_is_neither_there_nor_missing_is_not_created(panel, simulator) -> None:
    simulator.fault(
        "status", "*/sysadmin/domain/*", status=200, body='{"success": true}', times=None
    )
    with pytest.raises(TemporaryError):
        panel.create()
    assert not simulator.journal.find("*/domain-put")
