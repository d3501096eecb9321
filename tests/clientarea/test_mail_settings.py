"""Settings of a domain and of a mailbox, as pages, on a real platform behind a real socket."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Customer
from accounts.roles import CustomerRole
from provisioning.models import Service
from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from tests.clientarea.conftest import DOMAIN, to, writes
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db
ANNA = f"anna@{DOMAIN}"
REPLY = (ANNA, "auto-responder")
AWAY = {"set-enabled": "on", "set-subject": "Away", "set-body": "Back\r\non Monday"}


@pytest.fixture
def domain(service: Service, simulator: SmarterMailSimulator) -> Any:
    simulator.journal.clear()
    return simulator.state.domain(DOMAIN)


def form_of(page: Any) -> dict[str, str]:
    """What a browser would send of the form as it stands."""
    form = page.context["form"]
    shown = {name: form[name].value() for name in form.fields}
    lines = {name: form.fields[name].prepare_value(value) for name, value in shown.items()}
    return {
        form[name].html_name: "on" if value is True else _text(form, name, value)
        for name, value in lines.items()
        if value not in (None, False)
    }


def _text(form: Any, name: str, value: Any) -> str:
    shown = form.fields[name].widget.format_value(value)
    return str(shown[0] if isinstance(shown, list) else shown or "")


def save(browser: Client, url: str, **typed: str) -> Any:
    """Opens the page, types, and sends."""
    data = {**form_of(browser.get(url)), **{key.replace("_", "-"): typed[key] for key in typed}}
    return browser.post(url, data, follow=True)


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_a_catch_all_is_chosen_among_the_aliases(
    browser: Client, service: Service, domain: Any
) -> None:
    url = to("settings", service, "catch-all")
    page = browser.get(url).content.decode()
    assert "Refuse mail to unknown addresses" in page
    assert f"info@{DOMAIN}" in page
    answer = save(browser, url, set_alias="info")
    assert said(answer) == ["Catch-all: saved."]
    assert domain.settings["catchAll"] == "info"
    assert answer.context["form"]["set-alias"].value() == "info"


def test_an_automatic_reply_is_set_in_the_customers_own_time(
    browser: Client, service: Service, acme: Customer, domain: Any
) -> None:
    acme.time_zone = "America/New_York"
    acme.save()
    url = to("mailbox_settings", service, *REPLY)
    assert "Time zone: America/New_York" in browser.get(url).content.decode()
    span = {"set-starts": "2026-08-01T08:30", "set-ends": "2026-08-15T18:00"}
    answer = browser.post(url, {**form_of(browser.get(url)), **AWAY, **span}, follow=True)
    assert said(answer) == ["Automatic reply: saved."]
    stored = domain.users["anna"].auto_responder
    assert (stored["startDateUtc"], stored["body"]) == ("2026-08-01T12:30:00Z", "Back\non Monday")
    assert 'value="2026-08-01T08:30"' in answer.content.decode()


def test_only_what_was_changed_is_written(
    browser: Client, service: Service, simulator: SmarterMailSimulator, domain: Any
) -> None:
    url = to("settings", service, "spam")
    typed = {**form_of(browser.get(url)), "set-override": "on"}
    domain.settings["spamLevelLowWeight"] = 12  # somebody else, meanwhile
    browser.post(url, typed)
    assert domain.settings["spamLevelLowWeight"] == 12
    assert domain.settings["spamCheckOverrideActive"] is True


def test_saving_without_a_change_writes_nothing(
    browser: Client, service: Service, simulator: SmarterMailSimulator, domain: Any
) -> None:
    for name, *args in (
        ("settings", "spam"), ("settings", "trusted-senders"), ("settings", "signature"),
        ("mailbox_settings", *REPLY), ("mailbox_settings", ANNA, "own-signature"),
    ):  # fmt: skip
        answer = save(browser, to(name, service, *args))
        assert "nothing was changed" in said(answer)[0]
    assert writes(simulator) == []
    assert not AuditEvent.objects.filter(action="mail_settings.changed").exists()


WRONG = {
    "a reply without a subject": ("mailbox_settings", REPLY, {"set-enabled": "on"}, "set-subject"),
    "half a span": ("mailbox_settings", REPLY, {"set-starts": "2026-08-01T08:30"}, "set-ends"),
    "no moment": ("mailbox_settings", REPLY, {"set-ends": "soon"}, "set-ends"),
    "levels out of order": ("settings", ("spam",), {"set-low_weight": "25"}, "set-medium_weight"),
    "no points": ("settings", ("spam",), {"set-low_weight": ""}, "set-low_weight"),
    "no choice": ("settings", ("spam",), {"set-low_action": "explode"}, "set-low_action"),
    "no alias": ("settings", ("catch-all",), {"set-alias": "anna"}, "set-alias"),
    "no domain": ("settings", ("trusted-senders",), {"set-domains": "a@b.example"}, "set-domains"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_written(
    browser: Client, service: Service, simulator: SmarterMailSimulator, domain: Any, what: str
) -> None:
    name, args, typed, field = WRONG[what]
    url = to(name, service, *args)
    answer = browser.post(url, {**form_of(browser.get(url)), **typed})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    for key, value in typed.items():
        assert str(answer.context["form"][key].value()) in (value, "True")
    assert writes(simulator) == []


def test_typed_text_outlives_a_platform_that_falls_silent(
    browser: Client, service: Service, simulator: SmarterMailSimulator, domain: Any
) -> None:
    url = to("mailbox_settings", service, *REPLY)
    typed = {**form_of(browser.get(url)), **AWAY}
    simulator.fault("status", status=503, times=None)
    answer = browser.post(url, typed)
    assert answer.status_code == 422
    assert "on Monday" in answer.content.decode()
    assert "does not answer" in answer.content.decode()
    assert domain.users["anna"].auto_responder == {}
    simulator.faults.clear()
    assert said(browser.post(url, typed, follow=True)) == ["Automatic reply: saved."]


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_cannot_be_read_has_no_form_that_could_overwrite_it(
    browser: Client, service: Service, simulator: SmarterMailSimulator, domain: Any, method: str
) -> None:
    simulator.fault("status", status=503, times=None)
    answer = getattr(browser, method)(to("settings", service, "signature"), {"set-text": "x"})
    assert answer.status_code == 200
    assert "does not answer" in answer.content.decode()
    assert "form" not in answer.context
    assert writes(simulator) == []


def test_what_was_seen_of_another_mailbox_does_not_count_here(
    browser: Client, service: Service, simulator: SmarterMailSimulator, domain: Any
) -> None:
    """It is read anew, so that a form of one mailbox cannot say what another had."""
    of_anna = to("mailbox_settings", service, *REPLY)
    of_ben = to("mailbox_settings", service, f"ben@{DOMAIN}", "auto-responder")
    browser.post(of_anna, {**form_of(browser.get(of_anna)), **AWAY})
    seen_of_anna = form_of(browser.get(of_anna))
    browser.post(of_ben, seen_of_anna)
    assert domain.users["ben"].auto_responder["subject"] == "Away"


def test_rules_that_the_operator_keeps_are_a_sentence(
    browser: Client, service: Service, domain: Any
) -> None:
    domain.settings["allowSpamActionOverride"] = False
    answer = browser.get(to("settings", service, "spam"))
    assert "Your provider does not let domains choose" in answer.content.decode()
    assert "form" not in answer.context


def test_who_may_only_look_sees_the_settings_and_cannot_change_them(
    client: Client, service: Service, acme: Customer, simulator: SmarterMailSimulator, domain: Any
) -> None:
    client.force_login(MembershipFactory(customer=acme, role=CustomerRole.BILLING).user)
    url = to("settings", service, "signature")
    page = client.get(url)
    assert page.status_code == 200
    assert page.context["form"].fields["set-text"].disabled
    assert 'type="submit" class="btn btn-primary"' not in page.content.decode()
    assert client.post(url, {"set-text": "Mine"}).status_code == 403
    assert writes(simulator) == []


def test_a_suspended_service_shows_its_settings_and_takes_none(
    browser: Client, service: Service, simulator: SmarterMailSimulator, domain: Any
) -> None:
    Service.objects.update(desired=Service.Desired.SUSPENDED)
    url = to("settings", service, "signature")
    assert browser.post(url, {"set-text": "Mine"}).status_code == 409
    assert domain.signatures == []


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("settings", ("auto-responder",)),
        ("settings", ("nonsense",)),
        ("mailbox_settings", (ANNA, "catch-all")),
        ("mailbox_settings", (f"nobody@{DOMAIN}", "auto-responder")),
        ("mailbox_settings", (f"admin@{DOMAIN}", "auto-responder")),
    ],
)
def test_pages_and_mailboxes_that_are_not_there_do_not_exist(
    browser: Client, service: Service, simulator: SmarterMailSimulator, name: str, args: Any
) -> None:
    simulator.journal.clear()
    url = to(name, service, *args)
    assert [browser.get(url).status_code, browser.post(url).status_code] == [404, 404]
    assert simulator.journal.total == 0


def test_the_pages_are_linked_where_one_looks_for_them(
    browser: Client, service: Service, domain: Any
) -> None:
    assert to("settings_index", service) in browser.get(to("service", service)).content.decode()
    first = browser.get(to("settings_index", service), follow=True)
    assert first.redirect_chain == [(to("settings", service, "catch-all"), 302)]
    for code in ("catch-all", "spam", "trusted-senders", "signature"):
        assert to("settings", service, code) in first.content.decode()
    mailbox = browser.get(to("mailbox_edit", service, ANNA)).content.decode()
    for code in ("auto-responder", "own-signature"):
        assert to("mailbox_settings", service, ANNA, code) in mailbox


def test_a_change_is_told_on_the_activity_page(
    browser: Client, service: Service, domain: Any
) -> None:
    save(browser, to("settings", service, "signature"), set_text="Acme Ltd")
    page = browser.get(reverse("clientarea:activity", args=[service.public_id])).content.decode()
    assert "Mail settings: changed" in page
    assert "Acme Ltd," not in page
