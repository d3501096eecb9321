from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from provisioning import services
from provisioning.contract import State, TemporaryError
from provisioning.engine import commands, states
from provisioning.engine.execution import carry_out
from provisioning.models import Command, Service
from tests.support.fake_module import Domain

pytestmark = pytest.mark.django_db(transaction=True)


def again(service: Service) -> Service:
    return Service.objects.get(pk=service.pk)


def test_one_inventory_shows_what_was_changed_on_the_platform(server, platform, active):
    platform.domains[active.domain].state = State.SUSPENDED
    assert states.refresh(server) == 1
    assert again(active).observed == "suspended"
    assert AuditEvent.objects.filter(action="service.drifted").count() == 1


def test_what_stands_as_before_is_seen_anew_and_not_written_down(server, active, travel):
    before = again(active).observed_at
    travel.shift(3600)
    assert states.refresh(server) == 0
    assert again(active).observed_at != before
    assert not AuditEvent.objects.filter(action="service.drifted").exists()


def test_an_account_deleted_on_the_platform_is_missing(server, platform, active):
    del platform.domains[active.domain]
    states.refresh(server)
    assert again(active).observed == "missing"


def test_a_service_with_a_command_under_way_is_left_to_it(server, platform, active):
    commands.request(active, Command.Action.SUSPEND, cause="staff:1")
    del platform.domains[active.domain]
    assert states.refresh(server) == 0
    assert again(active).observed == "active"


def test_an_unreadable_inventory_changes_nothing(server, platform, active):
    platform.fail("inventory", TemporaryError("down"))
    assert states.refresh(server) == 0
    assert again(active).observed == "active"


def test_a_strangers_account_is_adopted_when_staff_say_so(platform, service):
    platform.domains[service.domain] = Domain(marker="somebody else")
    created = services.deliver(service, cause="order:1")
    carry_out(created.pk)
    created.refresh_from_db()
    assert created.error_kind == "conflict"
    adoption = services.adopt_existing(again(service), cause="staff:1")
    carry_out(adoption.pk)
    adoption.refresh_from_db()
    assert (adoption.status, again(service).observed) == ("done", "active")
