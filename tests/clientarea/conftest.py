from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User
from accounts.roles import CustomerRole
from billing.models import Seller
from config.celery import app
from provisioning import directory
from provisioning.contract import MailboxChange
from provisioning.models import Server, Service
from provisioning.modules.smartermail.simulator import SmarterMailSimulator
from provisioning.registry import module_class
from tests.factories import (
    CustomerFactory,
    MembershipFactory,
    ProductFactory,
    ServerFactory,
    ServiceFactory,
    UserFactory,
)
from tests.support import platforms
from tests.support.dns_server import DnsServer

DOMAIN = "client.example"
PASSWORD = "Planted-Sys4dmin-Secret"


@pytest.fixture(autouse=True)
def _quiet_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks are not what is tested here; the broker of tests keeps them in memory for ever."""
    monkeypatch.setattr(app, "send_task", lambda *_args, **_options: None)


@pytest.fixture
def simulator() -> Iterator[SmarterMailSimulator]:
    """A platform with one domain: three mailboxes, an alias, a redirect and a list."""
    with SmarterMailSimulator(admin_password=PASSWORD) as running:
        running.state.add_domain(DOMAIN)
        for name in ("anna", "ben", "carla"):
            running.state.add_user(f"{name}@{DOMAIN}", full_name=name.title())
        running.state.add_alias(f"info@{DOMAIN}", [f"anna@{DOMAIN}"])
        running.state.add_alias(f"away@{DOMAIN}", ["someone@elsewhere.example"])
        yield running


@pytest.fixture
def server(db: None, simulator: SmarterMailSimulator) -> Server:
    return ServerFactory(
        module="smartermail", hostname="127.0.0.1", port=simulator.port, secure=False,
        allow_private=True, username="admin", password=PASSWORD,
    )  # fmt: skip


@pytest.fixture
def acme(db: None) -> Customer:
    Seller.objects.create(name="Halden Mail", country="DE")
    return CustomerFactory(company="Acme Ltd")


def product_settings(**changes: Any) -> dict[str, Any]:
    fields = module_class("smartermail").product_fields
    return fields.dump({**fields.defaults(), "max_domain_aliases": 3, **changes})


@pytest.fixture
def service(server: Server, acme: Customer) -> Service:
    """Delivered and mirrored."""
    found: Service = ServiceFactory(
        customer=acme,
        server=server,
        product=ProductFactory(module="smartermail", module_settings=product_settings()),
        domain=DOMAIN,
        module_data={"linked": True, "admin": "admin"},
        delivered=True,
    )
    directory.refresh(found)
    return found


@pytest.fixture
def grouped(acme: Customer) -> Iterator[Service]:
    """On a platform with groups, which keeps what was deleted for a while."""
    with platforms.running("opensrs") as simulator:
        found = platforms.delivered("opensrs", simulator, acme)
        address = f"anna@{platforms.DOMAIN}"
        directory.create_mailbox(found, address, MailboxChange(password="Fresh-Breeze7_"))
        directory.delete_mailbox(found, address)
        yield found


@pytest.fixture
def owner(acme: Customer) -> User:
    user: User = UserFactory(email="owner@acme.example")
    MembershipFactory(user=user, customer=acme, role=CustomerRole.OWNER)
    return user


@pytest.fixture
def browser(client: Client, owner: User) -> Client:
    """The owner, signed in."""
    client.force_login(owner)
    return client


@pytest.fixture(scope="session")
def _dns() -> Iterator[DnsServer]:
    with DnsServer() as running:
        yield running


@pytest.fixture
def dns(_dns: DnsServer, settings: Any) -> DnsServer:
    """Knows nothing of any domain until a test says so."""
    _dns.reset({})
    settings.DNS_NAMESERVERS = [_dns.address]
    settings.DNS_LIFETIME_SECONDS = 1
    return _dns


def to(name: str, service: Service, *args: str) -> str:
    return reverse(f"clientarea:{name}", args=[service.public_id, *args])


def writes(simulator: SmarterMailSimulator) -> list[str]:
    """Paths of what changed something, or tried to."""
    harmless = ("auth/", "get-", "list", "search", "impersonat", "requirements")
    return [
        entry.path
        for entry in simulator.journal
        if entry.method == "POST" and not any(part in entry.path for part in harmless)
    ]
