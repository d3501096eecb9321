"""Pages of settings through the engine: who may, what is kept of it, and nothing on failure."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import AuditEvent
from provisioning import contract as c
from provisioning import directory
from provisioning.contract import InvalidInput, NotFound, PermanentError, TemporaryError
from provisioning.contract.errors import UnsupportedError
from provisioning.models import Service
from tests.support.fake_module import Domain, Platform

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(active: Service, platform: Platform) -> str:
    address = f"ann@{active.domain}"
    platform.domains[active.domain].mailboxes[address] = c.Mailbox(address=address)
    directory.refresh(active)
    platform.calls.clear()
    return address


@pytest.fixture
def domain(active: Service, platform: Platform) -> Domain:
    return platform.domains[active.domain]


@pytest.fixture(autouse=True)
def _quiet(sent: list[Any]) -> None:
    """What the broker would get."""


def test_settings_of_the_domain_are_read_and_written(active: Service, domain: Domain) -> None:
    assert directory.read_settings(active, "greeting").values == {"enabled": False, "text": ""}
    assert directory.write_settings(active, "greeting", {"enabled": True}) == c.Written()
    assert domain.settings == {("greeting", ""): {"enabled": True}}


def test_settings_of_a_mailbox_are_its_own(active: Service, domain: Domain, ann: str) -> None:
    directory.write_settings(active, "away", {"text": "Back soon"}, ann.upper())
    assert domain.settings == {("away", ann): {"text": "Back soon"}}
    assert directory.read_settings(active, "away", ann).values["text"] == "Back soon"


def test_the_trail_keeps_values_but_of_long_texts_their_length(active: Service, ann: str) -> None:
    directory.write_settings(active, "away", {"enabled": True, "text": "Private words"}, ann)
    event = AuditEvent.objects.get(action="mail_settings.changed")
    assert event.customer == active.customer
    assert event.object_label == ann
    assert event.before == {"enabled": False, "text": "0 characters"}
    assert event.after["enabled"] is True
    assert event.after["text"] == "13 characters"
    assert (event.after["page"], event.after["fields"]) == ("away", ["enabled", "text"])
    assert "Private" not in str(event.after)


def refused(active: Service, platform: Platform) -> None:
    assert not platform.domains[active.domain].settings
    assert not AuditEvent.objects.filter(action="mail_settings.changed").exists()


def test_a_page_nobody_declared_is_unsupported(active: Service, platform: Platform) -> None:
    with pytest.raises(UnsupportedError):
        directory.read_settings(active, "nonsense")
    with pytest.raises(UnsupportedError):
        directory.write_settings(active, "nonsense", {"enabled": True})
    assert platform.calls == []


@pytest.mark.parametrize("name", ["nobody", ""])
def test_a_mailbox_that_the_mirror_does_not_show_is_not_asked_for(
    active: Service, platform: Platform, ann: str, name: str
) -> None:
    address = f"{name}@{active.domain}" if name else ""
    with pytest.raises(NotFound):
        directory.read_settings(active, "away", address)
    with pytest.raises(NotFound):
        directory.write_settings(active, "away", {"enabled": True}, address)
    assert platform.calls == []
    refused(active, platform)


@pytest.mark.parametrize("changes", [{"enabled": "yes"}, {"text": "x" * 1001}, {"odd": 1}])
def test_a_value_that_cannot_be_is_refused_before_anything_is_sent(
    active: Service, platform: Platform, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        directory.write_settings(active, "greeting", changes)
    assert caught.value.field in changes
    assert platform.calls == []
    refused(active, platform)


def test_no_change_is_no_call(active: Service, platform: Platform) -> None:
    directory.write_settings(active, "greeting", {})
    assert platform.calls == []
    refused(active, platform)


def test_a_suspended_service_takes_no_settings(active: Service, platform: Platform) -> None:
    Service.objects.update(desired=Service.Desired.SUSPENDED)
    with pytest.raises(PermanentError):
        directory.write_settings(active, "greeting", {"enabled": True})
    assert platform.calls == []
    refused(active, platform)


@pytest.mark.parametrize("operation", ["settings_read", "settings_write"])
def test_a_platform_that_is_silent_leaves_everything(
    active: Service, platform: Platform, operation: str
) -> None:
    platform.fail(operation, TemporaryError("no answer"))
    with pytest.raises(TemporaryError):
        directory.write_settings(active, "greeting", {"enabled": True})
    refused(active, platform)


def test_an_answer_that_got_lost_is_looked_after(active: Service, platform: Platform) -> None:
    lost = TemporaryError("no answer", maybe_applied=True)
    platform.fail("settings_write", lost, after=True)
    directory.write_settings(active, "greeting", {"enabled": True})
    assert AuditEvent.objects.filter(action="mail_settings.changed").count() == 1
