"""Servers and services of the fake platform, which tests.support.fake_module is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from config import clock
from provisioning.models import (
    Command,
    Mailbox,
    Placement,
    Server,
    ServerGroup,
    ServerGroupMember,
    Service,
    UsageReading,
)
from tests.factories.accounts import CustomerFactory
from tests.factories.products import ProductFactory


class ServerFactory(DjangoModelFactory[Server]):
    class Meta:
        model = Server

    name = factory.Sequence(lambda n: f"mail{n}")
    module = "fake"
    hostname = factory.LazyAttribute(lambda server: f"{server.name}.example.net")
    username = "admin"
    password = "Planted-Server-Secret"


class ServerGroupFactory(DjangoModelFactory[ServerGroup]):
    """`servers=[...]` in their order."""

    class Meta:
        model = ServerGroup
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Servers {n}")
    module = "fake"

    @factory.post_generation
    def servers(group: ServerGroup, create: bool, given: Any, **_extra: Any) -> None:  # noqa: N805
        for position, server in enumerate(given or ()):
            ServerGroupMember.objects.create(group=group, server=server, position=position)


class PlacementFactory(DjangoModelFactory[Placement]):
    class Meta:
        model = Placement

    product = factory.SubFactory(ProductFactory)
    group = factory.SubFactory(ServerGroupFactory)


class ServiceFactory(DjangoModelFactory[Service]):
    """Ordered, not yet delivered. `delivered=True`: active as far as the panel knows."""

    class Meta:
        model = Service

    class Params:
        delivered = factory.Trait(
            desired=Service.Desired.ACTIVE,
            observed=Service.Observed.ACTIVE,
            observed_at=factory.LazyFunction(clock.now),
            activated_at=factory.LazyFunction(clock.now),
        )

    customer = factory.SubFactory(CustomerFactory)
    product = factory.SubFactory(ProductFactory)
    server = factory.SubFactory(ServerFactory)
    domain = factory.Sequence(lambda n: f"client{n}.example")
    cycle = "monthly"
    currency = "EUR"
    anchor = date(2026, 1, 1)


class CommandFactory(DjangoModelFactory[Command]):
    class Meta:
        model = Command

    service = factory.SubFactory(ServiceFactory)
    action = Command.Action.CREATE
    cause = factory.Sequence(lambda n: f"test:{n}")


class MailboxFactory(DjangoModelFactory[Mailbox]):
    class Meta:
        model = Mailbox

    service = factory.SubFactory(ServiceFactory, delivered=True)
    address = factory.Sequence(lambda n: f"person{n}@client.example")
    search = factory.LazyAttribute(lambda mailbox: mailbox.address)


class ReadingFactory(DjangoModelFactory[UsageReading]):
    class Meta:
        model = UsageReading

    service = factory.SubFactory(ServiceFactory, delivered=True)
    metric = "disk"
    value = Decimal(5 * 1024**3)
    source = "test"
