"""Secrets go in and never come out: not in pages, not in forms, not in the audit trail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent
from config.crypto import PREFIX, Sealed
from provisioning.models import Server
from tests.backoffice.test_access import addresses
from tests.backoffice.world import PLANTED, World, formdata, url_of
from tests.factories import ServerFactory


@pytest.mark.parametrize("role", ["owner", "support", "read_only"])
def test_no_page_shows_a_secret_in_the_clear_or_sealed(
    role: str, world: World, signed_in: Any
) -> None:
    browser, leaks = signed_in(role), []
    for url, _right in addresses(world):
        text = browser.get(url).content.decode(errors="replace")
        leaks += [(url, secret) for secret in (*PLANTED, PREFIX) if secret in text]
    assert leaks == []


def test_a_blank_password_keeps_the_stored_one(boss: Client) -> None:
    server = ServerFactory(settings={"api_key": Sealed.of("Planted-Api-Key")})
    data = formdata(boss, url_of(server))
    assert (data["password"], data["set-api_key"]) == ("", "")

    answer = boss.post(url_of(server), data | {"hostname": "other.example.net"})

    assert answer.status_code == 302
    server.refresh_from_db()
    assert server.hostname == "other.example.net"
    assert server.password == "Planted-Server-Secret"
    assert server.settings["api_key"].open() == "Planted-Api-Key"


def test_new_secrets_are_stored_sealed_and_the_trail_only_tells_that_they_are_new(
    boss: Client,
) -> None:
    server = ServerFactory(settings={"api_key": Sealed.of("Planted-Api-Key")})
    data = formdata(boss, url_of(server))
    boss.post(url_of(server), data | {"password": "Fresh-Pw-1", "set-api_key": "Fresh-Key-1"})

    stored = Server.objects.get(pk=server.pk)
    assert (stored.password, stored.settings["api_key"].open()) == ("Fresh-Pw-1", "Fresh-Key-1")
    event = AuditEvent.objects.get(action="server.changed")
    assert event.after["password"]
    trail = json.dumps([event.before, event.after])
    assert not any(text in trail for text in ("Fresh-", "Planted-", PREFIX))


def test_an_error_elsewhere_in_the_form_does_not_send_the_typed_password_back(
    boss: Client,
) -> None:
    server = ServerFactory()
    data = formdata(boss, url_of(server)) | {"password": "Fresh-Pw-1", "port": "none"}
    page = boss.post(url_of(server), data)
    assert page.status_code == 200
    assert "Fresh-Pw-1" not in page.content.decode()
    assert Server.objects.get(pk=server.pk).password == "Planted-Server-Secret"
