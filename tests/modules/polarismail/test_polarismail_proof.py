"""What is bought, and the proof of ownership that comes before everything else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from provisioning.contract import (
    ConflictError,
    InvalidInput,
    MailboxChange,
    State,
)
from provisioning.modules.polarismail import verification
from provisioning.modules.polarismail.client import Client
from provisioning.modules.polarismail.module import PolarisMail
from provisioning.modules.polarismail.verification import Ownership
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


def test_the_page_of_a_waiting_service_shows_the_record_and_what_to_do(panel, simulator) -> None:
    panel.create()
    txt = simulator.state.domain(DOMAIN).txt
    shown = {fact.label: fact.value for fact in PolarisMail.facts(panel.account)}
    proof = PolarisMail.proof(panel.account)
    assert proof is not None
    assert (proof.record.name, proof.record.value) == ("mx-verification", txt)
    assert proof.deadline is not None
    left = proof.deadline - simulator.clock.now()
    assert timedelta(hours=23) < left <= timedelta(hours=24)
    assert (shown["Basic mailboxes"], shown["Size of each mailbox"]) == ("5", "10 GB")
    assert txt in PolarisMail.first_steps(panel.account)[0]
    simulator.clock.advance(25 * 3600)
    panel.keep(panel.observe())
    proof = PolarisMail.proof(panel.account)
    assert proof is not None
    assert proof.expired
    assert "started again" in PolarisMail.first_steps(panel.account)[0]


def test_the_page_of_a_proven_service_shows_no_record(delivered) -> None:
    assert PolarisMail.proof(delivered.account) is None
    assert "mailboxes" in PolarisMail.first_steps(delivered.account)[-1]
