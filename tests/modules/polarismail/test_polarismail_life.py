"""A domain's life: proof of ownership, package, sign-on, DNS."""

from __future__ import annotations

import base64
import urllib.request
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from provisioning.contract import (
    ConflictError,
    DoesNotFit,
    InvalidInput,
    MailboxChange,
    MisconfiguredError,
    PermanentError,
    State,
)
from provisioning.modules.polarismail import verification
from provisioning.modules.polarismail.client import Client
from provisioning.modules.polarismail.module import PolarisMail
from provisioning.modules.polarismail.verification import Ownership
from tests.modules.contract_tests import PASSWORD
from tests.modules.panel import MemoryTokens
from tests.modules.polarismail.conftest import DOMAIN, OPTIONS, forms

GB = 1024**3


def buy(panel, **options) -> None:
    panel.account = replace(panel.account, options={**panel.account.options, **options})


# What is bought


@pytest.mark.parametrize("code", OPTIONS)
@pytest.mark.parametrize("value", [None, "", "many", -1, "-1"])
def test_an_option_without_a_value_is_named_and_nothing_is_sent(
    panel, simulator, code, value
) -> None:
    buy(panel, **{code: value})
    with pytest.raises(InvalidInput) as caught:
        panel.create()
    assert caught.value.field == f"option_{code}"
    assert simulator.journal.total == 0


def test_a_missing_option_stops_a_change_of_package_too(delivered, simulator) -> None:
    options = {code: value for code, value in OPTIONS.items() if code != "total_aliases"}
    delivered.account = replace(delivered.account, options=options)
    with pytest.raises(InvalidInput, match="Total Aliases"):
        delivered.change_package()
    assert not forms(simulator, "updateUser")


def test_zero_is_a_value_and_means_none(delivered) -> None:
    buy(delivered, total_aliases=0, total_distribution_lists="0", total_enhanced_mailboxes=0)
    limits = PolarisMail.limits(delivered.account.settings, delivered.account.options)
    assert (limits.aliases, limits.lists, limits.mailboxes) == (0, 0, 5)


def test_a_size_of_zero_is_only_for_packages_without_mailboxes(panel) -> None:
    buy(panel, mailbox_quota_gb=0)
    with pytest.raises(InvalidInput, match=r"Mailbox Quota \(GB\)"):
        panel.create()
    buy(panel, total_mailboxes=0, total_enhanced_mailboxes=0)
    assert panel.create().state is State.WAITING


def test_options_are_known_by_the_names_of_other_panels_too(panel) -> None:
    options = {
        " Total Mailboxes ": "1",
        "Enhanced Mailboxes|Enhanced": 0,
        "MAILBOX QUOTA (GB)": "0.5",
        "aliases": 1,
        "Distribution Lists": 1,
    }
    panel.account = replace(panel.account, options=options)
    assert panel.create().state is State.WAITING
    assert PolarisMail.limits({}, options).max_quota_bytes == GB // 2


# Proof of ownership


def test_a_new_domain_waits_for_its_txt_record(panel, simulator) -> None:
    seen = panel.create()
    txt = simulator.state.domain(DOMAIN).txt
    assert seen.state is State.WAITING
    assert txt in seen.detail
    assert seen.data["verification"]["host"] == "mx-verification"
    assert seen.data["verification"]["value"] == txt
    extra = panel.run(lambda m: m.dns_expectations(panel.account)).extra
    assert (extra[0].name, extra[0].value) == ("mx-verification", txt)


def test_the_deadline_is_a_day_after_the_platform_said_so(panel, simulator) -> None:
    panel.create()
    kept = panel.account.data["verification"]
    added, deadline = (datetime.fromisoformat(kept[name]) for name in ("added_at", "deadline"))
    assert deadline - added == timedelta(hours=24)
    assert abs(added - simulator.clock.now()) < timedelta(seconds=5)


def test_looking_again_does_not_move_the_deadline(panel, simulator) -> None:
    panel.create()
    before = dict(panel.account.data["verification"])
    simulator.clock.advance(3600)
    assert panel.keep(panel.observe()).state is State.WAITING
    assert panel.account.data["verification"] == before


def test_a_published_record_makes_the_service_active_and_the_record_goes(panel, simulator) -> None:
    panel.create()
    simulator.state.publish_verification(DOMAIN)
    assert panel.keep(panel.observe()).state is State.ACTIVE
    assert panel.account.data["verified"] is True
    names = [r.name for r in panel.run(lambda m: m.dns_expectations(panel.account)).extra]
    assert "mx-verification" not in names


def test_a_proven_domain_is_never_asked_again(delivered, simulator) -> None:
    delivered.observe()
    assert not forms(simulator, "getDomainVerification")


def test_an_object_that_holds_the_record_is_read_too(panel, simulator) -> None:
    simulator.set_variants(verification="object")
    panel.create()
    assert panel.account.data["verification"]["value"] == simulator.state.domain(DOMAIN).txt


def test_an_error_is_not_taken_for_a_proof(panel, simulator) -> None:
    panel.create()
    simulator.fault("refusal", contains="action=getDomainVerification")
    assert panel.observe().state is State.WAITING


def test_an_expired_token_is_not_taken_for_a_proof(panel, simulator) -> None:
    panel.create()
    simulator.tokens.forget()
    assert panel.observe().state is State.WAITING


def test_a_domain_that_vanished_between_two_questions_is_no_proof(panel, simulator) -> None:
    panel.create()
    simulator.state.remove_domain(DOMAIN)
    found = panel.run(lambda m: verification.look(Client(m.link), DOMAIN))
    assert found.ownership is Ownership.GONE


def test_a_domain_not_proven_in_time_is_missing_and_can_be_started_again(panel, simulator) -> None:
    panel.create()
    first = panel.account.data["verification"]["value"]
    simulator.clock.advance(25 * 3600)
    seen = panel.keep(panel.observe())
    assert seen.state is State.MISSING
    assert "Start again" in seen.detail
    assert panel.account.data["verification"]["expired"] is True
    assert panel.create().state is State.WAITING
    kept = panel.account.data["verification"]
    assert kept["value"] not in ("", first)
    assert "expired" not in kept


def test_an_expired_domain_is_no_failure_of_the_usage_run(panel, simulator) -> None:
    panel.create()
    simulator.clock.advance(25 * 3600)
    report = panel.run(lambda m: m.read_usage([panel.account]))
    assert "not proven" in report.unknown["service-1"]
    assert not report.readings


def test_nothing_can_be_made_in_a_domain_that_is_not_proven(panel, simulator) -> None:
    panel.create()
    simulator.journal.clear()
    for act in (
        lambda m: m.snapshot(panel.account),
        lambda m: m.mailboxes(panel.account).create(f"a@{DOMAIN}", MailboxChange(password="x")),
        lambda m: m.mailbox_login(panel.account, f"a@{DOMAIN}"),
    ):
        with pytest.raises(ConflictError):
            panel.run(act)
    assert simulator.journal.total == 0


def test_a_waiting_domain_can_be_suspended_and_waits_on_afterwards(panel) -> None:
    panel.create()
    assert panel.suspend().state is State.SUSPENDED
    assert panel.unsuspend().state is State.WAITING


def test_a_name_hosted_by_another_reseller_is_a_conflict(panel, simulator) -> None:
    simulator.state.elsewhere.add(DOMAIN)
    with pytest.raises(ConflictError, match="not available"):
        panel.create()
    assert not forms(simulator, "addDomain")


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


def test_data_can_be_kept_on_termination(delivered, simulator) -> None:
    settings = {**delivered.account.settings, "keep_data": True}
    delivered.account = replace(delivered.account, settings=settings)
    assert [delivered.terminate().state for _ in range(2)] == [State.MISSING] * 2
    assert delivered.observe().state is State.MISSING
    assert not simulator.state.domain(DOMAIN).active
    assert not forms(simulator, "removeDomain")
    assert delivered.create().state is State.ACTIVE


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
    with pytest.raises(Exception, match="return code") as caught:
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
