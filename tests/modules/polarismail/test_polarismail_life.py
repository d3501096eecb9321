"""A domain's life once it is proven: package, end, sign-on, DNS."""

from __future__ import annotations

import base64
import urllib.request
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from provisioning.contract import (
    DoesNotFit,
    MailboxChange,
    MisconfiguredError,
    PermanentError,
    State,
    TemporaryError,
)
from provisioning.modules.polarismail.module import PolarisMail
from tests.modules.contract_tests import PASSWORD
from tests.modules.panel import MemoryTokens
from tests.modules.polarismail.conftest import DOMAIN, forms

GB = 1024**3


def buy(panel, **options) -> None:
    panel.account = replace(panel.account, options={**panel.account.options, **options})


# Package


def test_a_smaller_package_says_what_must_go_and_changes_nothing(delivered, simulator) -> None:
    for local in ("a", "b", "c"):
        simulator.state.add_user(f"{local}@{DOMAIN}", usage=6_200)
    simulator.state.add_alias(f"x@{DOMAIN}", f"a@{DOMAIN}")
    buy(delivered, total_mailboxes=1, total_aliases=0, mailbox_quota_gb=5)
    blockers = delivered.run(lambda m: m.plan_change(delivered.account))
    assert blockers[:2] == [
        "3 Basic mailboxes exist, the new limit is 1",
        "1 aliases exist, the new limit is 0",
    ]
    assert blockers[2] == f"a@{DOMAIN} uses 6.2 GB, the new mailbox size is 5 GB"
    with pytest.raises(DoesNotFit) as caught:
        delivered.change_package()
    assert list(caught.value.blockers) == list(blockers)
    assert not forms(simulator, "updateUser")
    assert delivered.account.data["quota_gb"] == "10"


def test_disabled_mailboxes_count_and_types_are_counted_apart(delivered, simulator) -> None:
    simulator.state.add_user(f"a@{DOMAIN}", disabled=True)
    simulator.state.add_user(f"b@{DOMAIN}", account_type=2)
    buy(delivered, total_mailboxes=0, total_enhanced_mailboxes=1)
    blockers = delivered.run(lambda m: m.plan_change(delivered.account))
    assert blockers == ["1 Basic mailboxes exist, the new limit is 0"]


def test_a_new_size_reaches_full_and_too_large_mailboxes_and_no_others(
    delivered, simulator
) -> None:
    sizes = {"full": 10_000, "own": 3_000, "large": 7_000}
    for local, quota in sizes.items():
        simulator.state.add_user(f"{local}@{DOMAIN}", quota=quota)
    buy(delivered, mailbox_quota_gb=5)
    delivered.change_package()
    users = simulator.state.domain(DOMAIN).users
    assert {local: users[local].quota for local in sizes} == {
        "full": 5_000, "own": 3_000, "large": 5_000,
    }  # fmt: skip
    assert delivered.account.data["quota_gb"] == "5"


def test_the_same_package_again_changes_no_mailbox(delivered, simulator) -> None:
    simulator.state.add_user(f"full@{DOMAIN}", quota=10_000)
    delivered.change_package()
    assert not forms(simulator, "updateUser")


# The end, and adoption


def test_data_can_be_kept_on_termination_and_staff_are_told(delivered, simulator) -> None:
    settings = {**delivered.account.settings, "keep_data": True}
    delivered.account = replace(delivered.account, settings=settings)
    ended = [delivered.terminate() for _ in range(2)]
    assert {seen.state for seen in ended} == {State.SUSPENDED}
    assert State.SUSPENDED in PolarisMail.after_terminate
    assert "The data is kept" in ended[0].notes[0]
    assert not simulator.state.domain(DOMAIN).active
    assert not forms(simulator, "removeDomain")


def test_an_adopted_domain_tells_what_does_not_fit(panel, simulator) -> None:
    simulator.state.add_domain(DOMAIN)
    simulator.state.add_user(f"a@{DOMAIN}", account_type=2)
    buy(panel, total_enhanced_mailboxes=0)
    seen = panel.adopt()
    assert seen.state is State.ACTIVE
    assert "1 Enhanced mailboxes exist" in seen.notes[0]


def test_an_adopted_domain_may_still_have_to_be_proven(panel, simulator) -> None:
    simulator.state.add_domain(DOMAIN, verified=False)
    assert panel.adopt().state is State.WAITING
    assert panel.account.data["verification"]["value"] == simulator.state.domain(DOMAIN).txt


# Signing on


def test_a_mailbox_is_entered_by_a_password_that_works_once(delivered, bob) -> None:
    link = delivered.run(lambda m: m.mailbox_login(delivered.account, bob))
    query = parse_qs(urlsplit(link.url).query)
    assert base64.b64decode(query["u"][0]).decode() == bob
    with urllib.request.urlopen(link.url) as page:
        assert b"Welcome" in page.read()
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(link.url)
    assert query["p"][0] not in f"{link!r} {delivered.calls!r}"


def test_the_one_time_password_reaches_no_log_even_in_a_broken_answer(
    delivered, simulator, bob
) -> None:
    body = '{"returncode": 1, "returndata": "0ne-t1me-secret"'
    simulator.fault("status", status=200, body=body, contains="action=getOTPass")
    with pytest.raises(TemporaryError, match="return code") as caught:
        delivered.run(lambda m: m.mailbox_login(delivered.account, bob))
    logged = " ".join(call.response for call in delivered.calls)
    assert "0ne-t1me-secret" not in f"{logged} {caught.value.message}"


def test_a_disabled_mailbox_and_a_suspended_domain_get_no_link(delivered, simulator, bob) -> None:
    simulator.state.domain(DOMAIN).users["bob"].disabled = True
    with pytest.raises(PermanentError):
        delivered.run(lambda m: m.mailbox_login(delivered.account, bob))
    simulator.state.domain(DOMAIN).users["bob"].disabled = False
    delivered.suspend()
    with pytest.raises(PermanentError):
        delivered.run(lambda m: m.mailbox_login(delivered.account, bob))
    assert not forms(simulator, "getOTPass")


def test_staff_are_led_to_the_resellers_panel(delivered, simulator) -> None:
    link = delivered.run(lambda m: m.staff_login(delivered.account))
    assert (link.url, link.fields) == (f"{simulator.url}/admin", {})
    assert delivered.run(lambda m: m.server_login()) == link


# The account behind it


@pytest.mark.parametrize("trouble", [{"two_factor": True}, {"account_locked": True}])
def test_a_refused_sign_in_tells_staff_what_to_look_at(panel, simulator, trouble) -> None:
    simulator.set_variants(**trouble)
    with pytest.raises(MisconfiguredError) as caught:
        panel.run(lambda m: m.check_connection())
    for hint in ("password", "two-factor", "list of addresses", "locked", "subscription"):
        assert hint in caught.value.detail


def test_a_refused_sign_in_is_not_repeated_by_every_worker(panel, simulator) -> None:
    panel.link = replace(panel.link, password="wrong", tokens=MemoryTokens())
    for _ in range(3):
        with pytest.raises(MisconfiguredError):
            panel.observe()
    assert len(forms(simulator, "login")) == 1


def test_one_sign_in_serves_all_workers(panel, simulator) -> None:
    for _ in range(3):
        panel.observe()
    assert len(forms(simulator, "login")) == 1


def test_a_token_that_ran_out_is_renewed_once(panel, simulator) -> None:
    panel.observe()
    simulator.clock.advance(400)
    assert panel.observe().state is State.MISSING
    assert len(forms(simulator, "login")) == 2


def test_a_refusal_of_a_new_token_is_final(panel, simulator) -> None:
    simulator.fault("refusal", contains="action=getAllDomains", times=None)
    simulator.fault("refusal", contains="action=getAdminStats", times=None)
    with pytest.raises(PermanentError):
        panel.observe()
    assert len(forms(simulator, "getAllDomains")) == 1


def test_test_connection_shows_what_is_used_and_warns_near_the_limit(delivered, simulator) -> None:
    simulator.set_variants(max_basic=10, max_enhanced=4)
    for number in range(9):
        simulator.state.add_user(f"u{number}@{DOMAIN}")
    report = delivered.run(lambda m: m.check_connection())
    assert report.edition == "9 of 10 Basic mailboxes, 0 of 4 Enhanced mailboxes"
    assert report.warnings == ("9 of 10 Basic mailboxes of the reseller's account are in use.",)
    assert report.accounts == 1


def test_the_dns_guide_knows_the_vendors_hosts_and_the_key(delivered) -> None:
    delivered.run(lambda m: m.dkim(delivered.account).enable())
    wanted = delivered.run(lambda m: m.dns_expectations(delivered.account))
    assert [(mx.host, mx.priority) for mx in wanted.mx] == [
        ("mx.emailarray.com", 5),
        ("mx2.emailarray.com", 10),
    ]
    assert wanted.spf.primary == "include:emailarray.com"
    assert (wanted.dkim.state, wanted.dkim.selector) == ("active", "ea1")
    assert {r.name for r in wanted.extra if not r.optional} == {"webmail"}


def test_the_dns_guide_is_alive_while_the_platform_is_not(delivered, simulator) -> None:
    simulator.stop()
    wanted = delivered.run(lambda m: m.dns_expectations(delivered.account))
    assert wanted.mx
    assert wanted.dkim.state == "none"


def test_a_password_that_a_person_chose_for_a_mailbox_is_in_no_error(delivered, simulator) -> None:
    words = f"The password {PASSWORD} is on a list"
    simulator.fault("refusal", contains="action=addUser", message=words, times=None)
    change = MailboxChange(password=PASSWORD)
    with pytest.raises(PermanentError) as caught:
        delivered.run(lambda m: m.mailboxes(delivered.account).create(f"a@{DOMAIN}", change))
    assert "is on a list" in caught.value.detail
    assert PASSWORD not in f"{caught.value.detail} {caught.value.message}"
