"""Outgoing mail of a domain is stopped and allowed again; all else goes on."""

from __future__ import annotations

import pytest

from provisioning.contract import MailboxChange, TemporaryError, UnsupportedError
from tests.modules.opensrs.conftest import DOMAIN, PASSWORD, add, bodies, lines, oma_only

SENDING = ("smtprelay", "smtprelay_webmail")
OTHERS = ("smtpin", "imap4", "pop3", "webmail")


def may(simulator, address: str) -> dict[str, bool]:
    account = simulator.state.account(address)
    return {name: account.may(name) for name in (*SENDING, *OTHERS)}


ALL = dict.fromkeys((*SENDING, *OTHERS), True)
NO_SENDING = ALL | dict.fromkeys(SENDING, False)


@oma_only
def test_sending_alone_stops_for_old_and_new_mailboxes_and_comes_back(
    delivered, simulator, bob
) -> None:
    delivered.restrict()
    late = add(delivered, "late")
    assert may(simulator, bob) == may(simulator, late) == NO_SENDING

    delivered.unrestrict()
    latest = add(delivered, "latest")
    assert may(simulator, bob) == may(simulator, late) == may(simulator, latest) == ALL


@oma_only
def test_what_is_written_is_the_domain_first_then_each_mailbox(delivered, simulator, bob) -> None:
    delivered.restrict()

    attributes = {f"service_{name}": "suspended" for name in SENDING}
    assert bodies(simulator, "change_domain", "change_user") == [
        ("change_domain", {"domain": DOMAIN, "attributes": attributes}),
        ("change_user", {"user": bob, "attributes": attributes}),
    ]


@oma_only
def test_a_mailbox_that_was_switched_off_stays_off(delivered, simulator, bob) -> None:
    def switch(*, on: bool) -> None:
        change = MailboxChange(enabled=on)
        delivered.run(lambda module: module.mailboxes(delivered.account).update(bob, change))

    switch(on=False)
    delivered.restrict()
    delivered.unrestrict()
    off = dict.fromkeys((*SENDING, *OTHERS[1:]), False)
    assert may(simulator, bob) == ALL | off

    delivered.restrict()
    switch(on=True)
    assert may(simulator, bob) == NO_SENDING


@oma_only
def test_what_the_product_does_not_allow_is_not_allowed_by_lifting(delivered, simulator) -> None:
    delivered.change_package(allow_smtp=False)
    ann = add(delivered, "ann")
    delivered.restrict()
    assert may(simulator, ann) == NO_SENDING

    delivered.unrestrict()
    assert may(simulator, ann) == ALL | {"smtprelay": False}


@oma_only
def test_mailboxes_are_shown_as_switched_on_while_their_mail_is_stopped(delivered, bob) -> None:
    delivered.restrict()
    for details in (0, 100):
        delivered.link.settings["details_up_to"] = details
        found = delivered.run(lambda module: module.snapshot(delivered.account))
        assert [(box.address, box.enabled) for box in found.mailboxes] == [(bob, True)]


@oma_only
def test_a_restored_mailbox_sends_nothing_either(delivered, simulator, bob) -> None:
    delivered.run(lambda module: module.mailboxes(delivered.account).delete(bob))
    delivered.restrict()
    [row] = delivered.run(lambda module: module.deleted(delivered.account).all())

    delivered.run(lambda module: module.deleted(delivered.account).restore(row.id))

    assert may(simulator, bob) == NO_SENDING


@oma_only
@pytest.mark.parametrize("method", ["change_domain", "get_user", "change_user", "search_users"])
@pytest.mark.parametrize("act", ["restrict", "unrestrict"])
def test_whatever_breaks_on_the_way_a_second_try_ends_right(
    delivered, simulator, bob, method, act
) -> None:
    if act == "unrestrict":
        delivered.restrict()
    simulator.fault("apply-then-close", path=f"/api/{method}", times=1)

    with pytest.raises(TemporaryError):
        getattr(delivered, act)()
    delivered.retried(getattr(delivered, act))

    assert may(simulator, bob) == (NO_SENDING if act == "restrict" else ALL)
    assert delivered.observe().restricted is (act == "restrict")


@pytest.mark.parametrize("protocol", ["app"])
def test_by_app_nothing_is_sent_because_webmail_would_go_on(delivered, simulator) -> None:
    with pytest.raises(UnsupportedError):
        delivered.restrict()

    assert lines(simulator, "set_mailbox_suspension", "set_mailbox_services") == []
    assert PASSWORD not in str(delivered.calls)
