"""Whose account it is, and how it ends. A stranger's is never touched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.contract import (
    ConflictError,
    NotFound,
    State,
)
from tests.modules.contract_tests import PASSWORD
from tests.modules.ispmanager.conftest import DOMAIN, forms


def test_a_resellers_users_go_before_him_and_are_named(reseller_panel, simulator) -> None:
    reseller_panel.create()
    simulator.state.add_user("sub1", owner="client")
    simulator.state.add_user("free", owner="root")
    simulator.journal.clear()
    done = reseller_panel.terminate()
    assert done.notes == ("1 accounts of the reseller were removed: sub1",)
    assert [form["elid"] for form in forms(simulator, "user.delete", "reseller.delete")] == [
        "sub1",
        "client",
    ]
    assert [one.name for one in simulator.state.of_level(16)] == ["free"]


def test_a_name_given_up_is_no_claim_to_what_others_make_of_it(delivered, simulator) -> None:
    delivered.terminate()
    simulator.state.add_user("client", domain=DOMAIN)
    for act in (delivered.terminate, delivered.suspend, delivered.create):
        with pytest.raises(ConflictError):
            act()
    assert simulator.state.people["client"].active


def test_a_name_that_changed_hands_behind_our_back_is_not_touched(delivered, simulator) -> None:
    simulator.state.remove_user("client")
    simulator.state.add_user("client", domain=DOMAIN)
    for act in (delivered.terminate, delivered.suspend, delivered.change_package):
        with pytest.raises(ConflictError):
            act()
    assert simulator.state.people["client"].active


def test_an_account_removed_by_hand_does_not_block_closing_the_service(
    delivered, simulator
) -> None:
    simulator.state.remove_user("client")
    simulator.state.add_user("other", domain=DOMAIN)
    assert delivered.terminate().state is State.MISSING
    assert "other" in simulator.state.people


@pytest.mark.parametrize(
    ("marks", "field"), [("form", "comment"), ("list", "comment"), ("nowhere", "fullname")]
)
def test_the_mark_is_found_wherever_the_panel_shows_it(panel, simulator, marks, field) -> None:
    simulator.set_variants(marks=marks)
    panel.link = replace(panel.link, settings={**panel.link.settings, "mark_in": field})
    panel.create()
    assert panel.create().state is State.ACTIVE
    assert "[service:service-1:" in getattr(simulator.state.people["client"], field)
    assert panel.terminate().state is State.MISSING


def test_adopting_keeps_the_comment_and_binds_the_account_to_one_service(panel, simulator) -> None:
    simulator.state.add_user("acme", domain=DOMAIN, comment="pays by cheque")
    simulator.state.new_mail_domain("second.example", "acme")
    panel.adopt()
    panel.adopt()
    expected = f"pays by cheque [service:service-1:{DOMAIN}]"
    assert simulator.state.people["acme"].comment == expected
    panel.account = replace(panel.account, key="service-2", domain="second.example", data={})
    with pytest.raises(ConflictError, match="service-1"):
        panel.adopt()


def test_what_is_not_there_cannot_be_adopted(panel) -> None:
    with pytest.raises(NotFound):
        panel.adopt()


def test_mailboxes_are_out_of_reach_until_the_service_is_linked(panel, simulator) -> None:
    simulator.state.add_user("acme", domain=DOMAIN)
    panel.account = replace(panel.account, data={"login": "acme"})
    simulator.journal.clear()
    for act in (
        lambda m: m.mailboxes(panel.account),
        lambda m: m.lists(panel.account),
        lambda m: m.aliases(panel.account),
        lambda m: m.dkim(panel.account),
        lambda m: m.snapshot(panel.account),
        lambda m: m.customer_login(panel.account),
    ):
        with pytest.raises(ConflictError):
            panel.run(act)
    assert simulator.journal.total == 0


def test_a_domain_that_went_to_another_user_takes_its_mailboxes_out_of_reach(
    delivered, simulator
) -> None:
    bob = simulator.state.add_mailbox(f"bob@{DOMAIN}")
    simulator.state.add_user("other")
    simulator.state.mail_domains[DOMAIN].owner = "other"
    with pytest.raises(NotFound):
        delivered.run(lambda m: m.mailboxes(delivered.account).set_password(bob, PASSWORD))
    assert simulator.state.mailboxes[bob].password != PASSWORD
