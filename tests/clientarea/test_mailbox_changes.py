"""Creating, editing and deleting mailboxes, on a real platform behind a real socket."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent
from clientarea import tokens
from provisioning import directory
from provisioning.contract import TemporaryError, Written
from provisioning.models import Alias, Mailbox, Service
from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from tests.clientarea.conftest import DOMAIN, product_settings, to, writes

pytestmark = pytest.mark.django_db
GOOD = "Fresh-Breeze7_"
NEW = {
    "form_token": "one",
    "local_part": "dora",
    "display_name": "Dora",
    "password": GOOD,
    "quota_mb": "500",
    "features": ["eas"],
    "aliases": "sales\nSALES@client.example, office",
    "forward_to": "dora@elsewhere.example",
    "forward_keeps_copy": "on",
    "extra-spam_forward_option": "None",
}
OFFERS_NOTHING = {"offer_eas": False, "offer_mapi": False}


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def create(browser: Client, service: Service, **changes: Any):
    return browser.post(to("mailbox_create", service), {**NEW, **changes}, follow=True)


def edit(browser: Client, service: Service, name: str = "anna", **typed: Any):
    data = {"display_name": "Anna", "enabled": "on", "quota_mb": "0", "aliases": f"info@{DOMAIN}"}
    address = to("mailbox_edit", service, f"{name}@{DOMAIN}")
    return browser.post(address, {**data, "forward_keeps_copy": "on", **typed}, follow=True)


def test_a_new_mailbox_has_everything_that_was_typed(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    response = create(browser, service)
    assert said(response) == "dora@client.example was created."
    domain = simulator.state.domain(DOMAIN)
    assert domain.users["dora"].max_size == 500 * 1024**2
    assert "dora" in domain.eas
    assert domain.users["dora"].password == GOOD
    assert {"sales", "office"} <= domain.aliases.keys()
    mailbox = Mailbox.objects.get(address=f"dora@{DOMAIN}")
    assert (mailbox.display_name, mailbox.features) == ("Dora", ["eas"])
    assert mailbox.forward_to == ["dora@elsewhere.example"]


REFUSED = {
    "an address with a blank": ({"local_part": "do ra"}, "local_part"),
    "an address that begins badly": ({"local_part": ".dora"}, "local_part"),
    "a short password": ({"password": "Ab1_"}, "password"),
    "a password without a capital": ({"password": "fresh-breeze7_"}, "password"),
    "a password without a digit": ({"password": "Fresh-Breeze_"}, "password"),
    "a password without a symbol": ({"password": "FreshBreeze77"}, "password"),
    "a password with the user in it": ({"password": "Xy7_dora_Xy7"}, "password"),
    "a password with the domain in it": ({"password": "Xy7_client_Xy7"}, "password"),
    "a size that is no number": ({"quota_mb": "much"}, "quota_mb"),
    "a size below zero": ({"quota_mb": "-1"}, "quota_mb"),
    "a size beyond the platform": ({"quota_mb": "1048577"}, "quota_mb"),
    "a foreign alias": ({"aliases": "dora@other.example"}, "aliases"),
    "a forward to no address": ({"forward_to": "dora@"}, "forward_to"),
    "a feature that does not exist": ({"features": ["telepathy"]}, "features"),
    "a name that is too long": ({"display_name": "x" * 101}, "display_name"),
}


@pytest.mark.parametrize(("wrong", "field"), REFUSED.values(), ids=REFUSED)
def test_wrong_input_is_refused_beside_its_field_and_nothing_is_sent(
    browser: Client, service: Service, simulator: SmarterMailSimulator, wrong: Any, field: str
) -> None:
    simulator.journal.clear()
    events = AuditEvent.objects.count()
    response = create(browser, service, **wrong)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    page = response.content.decode()
    assert f'id="id_{field}_error"' in page
    assert "dora@elsewhere.example" in page or field == "forward_to"
    assert NEW["password"] not in page
    assert len(simulator.journal) == 0
    assert (Mailbox.objects.count(), AuditEvent.objects.count()) == (3, events)


def test_an_error_is_tied_to_its_input_for_those_who_cannot_see_it(
    browser: Client, service: Service
) -> None:
    page = create(browser, service, local_part="do ra").content.decode()
    assert 'aria-invalid="true" aria-describedby="id_local_part_error"' in page


def test_what_the_platform_refuses_stands_in_the_form_with_what_was_typed(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    simulator.state.add_user(f"dora@{DOMAIN}")  # behind the mirror's back
    response = create(browser, service)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["local_part"]
    assert 'value="Dora"' in response.content.decode()
    assert not Mailbox.objects.filter(address=f"dora@{DOMAIN}").exists()


def test_a_silent_platform_is_explained_and_the_form_keeps_its_input(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    simulator.stop()
    response = create(browser, service)
    assert response.status_code == 422
    page = response.content.decode()
    assert str(TemporaryError.message) in page
    assert 'value="dora"' in page
    assert Mailbox.objects.count() == 3


def test_the_full_package_is_said_before_and_refused_after(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    service.product.module_settings = product_settings(max_users=3)
    service.product.save()
    page = browser.get(to("mailboxes", service)).content.decode()
    assert "3 of 3 in use" in page
    assert to("mailbox_create", service) not in page
    simulator.journal.clear()
    assert create(browser, service).status_code == 422
    assert writes(simulator) == []


def test_a_part_that_failed_is_a_warning_beside_the_success(
    browser: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    incomplete = Written(incomplete=("The forwards were not set.",))
    monkeypatch.setattr(directory, "create_mailbox", lambda *_args: incomplete)
    response = create(browser, service)
    assert [message.level_tag for message in response.context["messages"]] == ["success", "warning"]
    assert "The forwards were not set." in said(response)


def test_a_second_click_shows_what_the_first_one_did(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    create(browser, service)
    sent = len(writes(simulator))
    response = create(browser, service)
    assert said(response) == "dora@client.example was created."
    assert response.status_code == 200
    assert len(writes(simulator)) == sent


def test_going_back_and_typing_something_else_is_not_a_second_click(
    browser: Client, service: Service
) -> None:
    create(browser, service)
    create(browser, service, local_part="emil", aliases="")
    assert Mailbox.objects.filter(address__in=[f"dora@{DOMAIN}", f"emil@{DOMAIN}"]).count() == 2


def test_a_click_while_the_first_is_still_at_work_does_nothing(
    browser: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "WAIT_SECONDS", 0.2)
    monkeypatch.setattr(tokens.Submission, "settle", lambda *_args: None)
    monkeypatch.setattr(tokens.Submission, "release", lambda *_args: None)
    create(browser, service)
    assert "still being carried out" in said(create(browser, service))


def test_a_refused_form_can_be_sent_again_as_it_is(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    simulator.stop()
    assert create(browser, service).status_code == 422
    simulator.start()
    assert service.server
    service.server.paused_until = None
    service.server.save()
    assert "was created" in said(create(browser, service))


def test_an_edit_begins_with_what_the_platform_has_now(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    simulator.state.domain(DOMAIN).users["anna"].full_name = "Anna Behind-The-Back"
    form = browser.get(to("mailbox_edit", service, f"anna@{DOMAIN}")).context["form"]
    assert form["display_name"].value() == "Anna Behind-The-Back"
    assert form["aliases"].value() == f"info@{DOMAIN}"


def test_an_edit_opens_with_what_is_known_while_the_platform_is_down(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    simulator.stop()
    response = browser.get(to("mailbox_edit", service, f"anna@{DOMAIN}"))
    assert response.context["form"]["display_name"].value() == "Anna"
    assert TemporaryError.message in response.content.decode()


def test_an_edit_saves_what_was_changed(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    response = edit(browser, service, display_name="Anna B.", features=["mapi"], aliases="boss")
    assert said(response) == "anna@client.example was saved."
    domain = simulator.state.domain(DOMAIN)
    assert domain.users["anna"].full_name == "Anna B."
    assert "anna" in domain.mapi
    assert "info" not in domain.aliases
    assert domain.aliases["boss"].aliasTargetList == [f"anna@{DOMAIN}"]


def test_features_that_are_not_offered_keep_the_state_they_have(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    simulator.state.set_protocol("mapi", f"anna@{DOMAIN}")
    directory.refresh(service)
    service.product.module_settings = product_settings(**OFFERS_NOTHING)
    service.product.save()
    page = browser.get(to("mailbox_edit", service, f"anna@{DOMAIN}")).content.decode()
    assert 'name="features"' not in page
    assert "was saved" in said(edit(browser, service, features=["eas"]))
    domain = simulator.state.domain(DOMAIN)
    assert "anna" in domain.mapi
    assert "anna" not in domain.eas


def test_a_new_password_is_checked_and_set_on_the_platform(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    address = to("mailbox_password", service, f"anna@{DOMAIN}")
    refused = browser.post(address, {"password": "weak"})
    assert refused.status_code == 422
    assert simulator.state.domain(DOMAIN).users["anna"].password != "weak"
    response = browser.post(address, {"password": GOOD}, follow=True)
    assert said(response) == "The password of anna@client.example was changed."
    assert simulator.state.domain(DOMAIN).users["anna"].password == GOOD
    assert GOOD not in str(list(AuditEvent.objects.values_list("before", "after")))


def test_deleting_names_the_aliases_that_go_too_and_wants_the_address_typed(
    browser: Client, service: Service, simulator: SmarterMailSimulator
) -> None:
    address = to("mailbox_delete", service, f"anna@{DOMAIN}")
    page = browser.get(address).content.decode()
    assert f'<li class="break">info@{DOMAIN}</li>' in page
    assert f"away@{DOMAIN}" not in page
    refused = browser.post(address, {"confirmation": "yes"})
    assert refused.status_code == 422
    assert "anna" in simulator.state.domain(DOMAIN).users
    response = browser.post(address, {"confirmation": f"Anna@{DOMAIN}"}, follow=True)
    assert said(response) == "anna@client.example was deleted."
    assert "anna" not in simulator.state.domain(DOMAIN).users
    assert not Alias.objects.filter(address=f"info@{DOMAIN}").exists()


@pytest.mark.parametrize(
    "change", ["mailbox_create", "mailbox_edit", "mailbox_delete", "alias_create", "dkim_enable"]
)
def test_a_suspended_service_can_be_read_but_not_changed(
    browser: Client, service: Service, simulator: SmarterMailSimulator, change: str
) -> None:
    Service.objects.filter(pk=service.pk).update(
        desired="suspended", observed="suspended", suspend_reasons={"dunning": "late"}
    )
    simulator.journal.clear()
    address = to(change, service, *([f"anna@{DOMAIN}"] if "_edit" in change else []),
                 *([f"anna@{DOMAIN}"] if "_delete" in change else []))  # fmt: skip
    response = browser.post(address, NEW)
    assert response.status_code == 409
    assert "an invoice is overdue" in response.content.decode()
    assert len(simulator.journal) == 0
    assert browser.get(to("mailboxes", service)).status_code == 200


def test_changes_without_the_csrf_token_are_refused(
    service: Service, owner, simulator: SmarterMailSimulator
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    simulator.journal.clear()
    assert strict.post(to("mailbox_create", service), NEW).status_code == 403
    assert len(simulator.journal) == 0
