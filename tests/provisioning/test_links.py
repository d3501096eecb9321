"""The way to a server: what is logged of each call, and that no secret rests or shows anywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache

from config.crypto import Sealed
from provisioning import retention
from provisioning.connection.call_log import UNANSWERED, CallLog
from provisioning.connection.links import account_of, base_url, open_module
from provisioning.connection.tokens import CacheTokens
from provisioning.contract import CallRecord
from provisioning.contract.http import MASK
from provisioning.models import ModuleCall, Server, Service
from tests.factories import ProductFactory, ServerFactory, ServiceFactory

pytestmark = pytest.mark.django_db


def call(**values: Any) -> CallRecord:
    usual: dict[str, Any] = {
        "operation": "domain-put",
        "method": "POST",
        "url": "https://mail.example.net/api",
        "request": "{}",
        "response": "{}",
        "status": 200,
        "duration_ms": 5,
    }
    return CallRecord(**(usual | values))


def log_for(server: Server, **values: Any) -> CallLog:
    return CallLog(server, **({"service": None, "command": None, "secrets": []} | values))


@pytest.mark.parametrize(
    ("terms", "url"),
    [
        ({"port": 443}, "https://mail.example.net"),
        ({"port": 9998, "secure": False}, "http://mail.example.net:9998"),
        ({"port": 80, "secure": False}, "http://mail.example.net"),
        ({"hostname": "2001:db8::1", "port": 8443}, "https://[2001:db8::1]:8443"),
    ],
)
def test_the_base_address_names_the_port_only_when_it_must(terms: dict[str, Any], url: str) -> None:
    assert base_url(ServerFactory.build(**({"hostname": "mail.example.net"} | terms))) == url


def test_the_module_gets_opened_secrets_and_the_account_typed_settings(server: Server) -> None:
    Server.objects.update(settings={"api_key": Sealed.of("Planted-Api-Key")})
    product = ProductFactory(module_settings={"limit": "7"})
    service = ServiceFactory(
        server=server, product=product, module_secrets={"admin_password": "Planted-Account-Secret"}
    )

    with open_module(Server.objects.get()) as module:
        assert module.link.settings == {"api_key": "Planted-Api-Key"}
        assert module.link.password == "Planted-Server-Secret"
        assert "Planted" not in repr(module.link)
    account = account_of(service)
    assert (account.settings["limit"], account.key) == (7, service.public_id)
    assert "Planted" not in repr(account)


def test_what_may_have_changed_something_is_logged_at_once_and_reads_at_the_end(
    server: Server,
) -> None:
    log = log_for(server)

    log(call(method="POST", operation="search", reads=True))
    assert not ModuleCall.objects.exists()
    log(call(method="POST", operation="add"))
    assert ModuleCall.objects.count() == 2
    log(call(method="GET", operation="list", reads=True))
    log.flush()

    rows = ModuleCall.objects.order_by("pk")
    assert [row.operation for row in rows] == ["search", "add", "list"]


def test_what_may_change_something_is_on_record_before_it_goes_out(server: Server) -> None:
    log = log_for(server)
    log(call(operation="look", reads=True))

    log.sending(call(operation="add", request='{"a": 1}'))

    looked, added = ModuleCall.objects.order_by("pk")
    assert (looked.operation, looked.status, looked.error) == ("look", 200, "")
    assert (added.operation, added.request, added.error) == ("add", '{"a": 1}', UNANSWERED)

    log(call(operation="add", response='{"b": 2}'))
    log.flush()

    added.refresh_from_db()
    assert (added.status, added.response, added.error) == (200, '{"b": 2}', "")
    assert ModuleCall.objects.count() == 2


def test_rows_survive_the_failure_of_what_they_tell_of(service: Service) -> None:
    assert service.server
    with pytest.raises(KeyError), open_module(service.server, service=service) as module:
        module.link.http._on_call(call(method="GET", reads=True))  # type: ignore[misc]
        raise KeyError

    assert ModuleCall.objects.get().service == service


def test_known_secrets_are_masked_wherever_they_stand(server: Server) -> None:
    secret = 'Planted "quoted" & spaced'
    log = log_for(server, secrets=[secret, "abc"])

    log(
        call(
            url="https://x.example/?t=Planted%20%22quoted%22%20%26%20spaced",
            request=json.dumps({"nested": secret}),
            response=f"<html>{secret}</html>",
            error=f"refused {secret}",
            operation="abc",
        )
    )

    row = ModuleCall.objects.get()
    texts = " ".join([row.url, row.request, row.response, row.error])
    assert "Planted" not in texts
    assert texts.count(MASK) == 4
    assert row.operation == "abc"  # too short to be a secret


def test_names_of_secrets_are_masked_by_the_client(server: Server) -> None:
    with open_module(server) as module:
        http = module.link.http
        body = {
            "adminPassword": "Planted-1",
            "wireSecret": "Planted-2",
            "api_key": "Planted-3",
            "nested": [{"accessToken": "Planted-4"}],
            "name": "client.example",
        }
        logged = http._loggable(body)

    assert "Planted" not in logged
    assert "client.example" in logged


def test_an_oversized_or_odd_call_is_cut_and_the_work_goes_on(server: Server) -> None:
    log = log_for(server)

    log(call(url="https://x.example/" + "a" * 5000, operation="o" * 500, response="a\x00b" * 20000))
    log(call(duration_ms=-4, status=None))

    long, odd = ModuleCall.objects.order_by("pk")
    assert (len(long.url), len(long.operation)) == (500, 120)
    assert "\x00" not in long.response
    assert odd.duration_ms == 0


@pytest.mark.django_db(transaction=True)
def test_a_row_that_cannot_be_written_costs_only_itself() -> None:
    server = ServerFactory()
    log = log_for(server)
    Server.objects.get(pk=server.pk).delete()  # by a person, while a sync is under way

    log(call())

    assert not ModuleCall.objects.exists()


def test_tokens_rest_encrypted_and_are_shared_by_server(server: Server) -> None:
    CacheTokens(server.pk).set("session", {"access": "Planted-Token"}, seconds=60)

    assert CacheTokens(server.pk).get("session") == {"access": "Planted-Token"}
    assert CacheTokens(server.pk + 1).get("session") is None
    assert "Planted" not in str(cache.get(f"module-token:{server.pk}:session"))
    CacheTokens(server.pk).delete("session")
    assert CacheTokens(server.pk).get("session") is None


def test_a_token_under_a_lost_key_is_no_token(server: Server) -> None:
    cache.set(f"module-token:{server.pk}:session", "pm1:nonsense")

    assert CacheTokens(server.pk).get("session") is None


def test_the_sign_in_lock_is_held_by_one_and_given_back(server: Server) -> None:
    tokens = CacheTokens(server.pk)
    with tokens.lock("sign-in", seconds=5):
        assert not cache.add(f"module-token:{server.pk}:lock:sign-in", "other", 5)

    assert cache.add(f"module-token:{server.pk}:lock:sign-in", "other", 5)


def test_the_module_log_is_purged_by_age(server: Server, settings: Any, travel: Any) -> None:
    settings.MODULE_LOG_DAYS = 30
    log_for(server)(call(operation="old"))
    travel.shift(31 * 86_400)
    log_for(server)(call(operation="new"))

    assert retention.purge_module_log() == 1
    assert ModuleCall.objects.get().operation == "new"
