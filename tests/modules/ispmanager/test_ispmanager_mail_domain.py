"""Settings of the mail domain: the form is read, and of it only what was changed is sent."""

from __future__ import annotations

import pytest

from provisioning.contract import ConflictError, InvalidInput, Written
from provisioning.modules.ispmanager.mail_domain import PAGE
from tests.modules.ispmanager.conftest import DOMAIN, forms
from tests.modules.settings_contract import read, write

REDIRECT = "redirect to address (as set on the server)"


@pytest.fixture
def domain(delivered, simulator):
    return simulator.state.mail_domains[DOMAIN]


def test_only_what_was_changed_is_sent_inside_the_account(delivered, domain, simulator) -> None:
    changes = {"defaction": "ignore", "greylist": True}
    assert write(delivered, PAGE, changes) == Written()
    look = {"func": "emaildomain.edit", "su": "client", "elid": DOMAIN}
    assert forms(simulator) == [
        look,
        {**look, "sok": "ok", "defaction": "ignore", "greylist": "on"},
        look,
    ]
    assert (domain.defaction, domain.greylist, domain.avcheck) == ("ignore", True, False)


def test_switches_that_the_panel_lacks_are_not_shown_and_not_sent(
    delivered, domain, simulator
) -> None:
    simulator.set_variants(mail_switches=("greylist",))
    assert set(read(delivered, PAGE).values) == {"defaction", "greylist"}
    with pytest.raises(InvalidInput) as caught:
        write(delivered, PAGE, {"avcheck": True})
    assert caught.value.field == "avcheck"
    assert not [form for form in forms(simulator) if "sok" in form]


@pytest.mark.parametrize("listed", [True, False])
def test_a_redirection_set_on_the_server_stays_and_is_never_offered(
    delivered, domain, simulator, listed: bool
) -> None:
    simulator.set_variants(lists_choices=listed)
    assert [code for code, _ in read(delivered, PAGE).choices["defaction"]] == ["error", "ignore"]
    with pytest.raises(InvalidInput):
        write(delivered, PAGE, {"defaction": "redirect"})
    domain.defaction = "redirect"
    shown = read(delivered, PAGE)
    assert shown.values["defaction"] == "redirect"
    words = REDIRECT if listed else "redirect (as set on the server)"
    assert shown.choices["defaction"][-1] == ("redirect", words)
    write(delivered, PAGE, {"greylist": True})
    assert (domain.defaction, domain.greylist) == ("redirect", True)


def test_a_yes_that_changes_nothing_is_an_error(delivered, domain, simulator) -> None:
    simulator.set_variants(ignores_mail_switches=True)
    with pytest.raises(InvalidInput) as caught:
        write(delivered, PAGE, {"greylist": True})
    assert "kept what it had" in caught.value.message
    assert domain.greylist is False


def test_who_only_ordered_the_name_does_not_reach_its_settings(panel, simulator) -> None:
    simulator.state.add_user("stranger", domain=DOMAIN)
    for act in (lambda: read(panel, PAGE), lambda: write(panel, PAGE, {"greylist": True})):
        with pytest.raises(ConflictError):
            act()
    assert simulator.journal.total == 0
