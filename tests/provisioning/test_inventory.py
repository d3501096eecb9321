"""What is on a server, and taking over a domain that the panel did not create."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from provisioning import inventory, services
from provisioning.contract import State
from provisioning.engine import execution
from provisioning.models import Command, Server, Service
from tests.factories import CustomerFactory, PriceFactory, ProductFactory, ServiceFactory
from tests.support.fake_module import Domain, Platform

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent")]


def adopt(server: Server, domain: str, **terms: Any) -> Service:
    usual: dict[str, Any] = {
        "customer": CustomerFactory(),
        "cycle": "monthly",
        "currency": "EUR",
        "anchor": date(2026, 1, 1),
    }
    product = terms.pop("product", None) or ProductFactory()
    return inventory.adopt(server, domain, product=product, **(usual | terms))


def test_every_account_is_managed_unmanaged_or_missing(
    active: Service, server: Server, platform: Platform
) -> None:
    platform.domains["Other.example"] = Domain(state=State.SUSPENDED)
    gone = ServiceFactory(server=server, delivered=True, domain="gone.example")
    ServiceFactory(server=server, domain="ordered.example")

    rows = {row.domain: row for row in inventory.list_accounts(server)}

    assert {domain: row.standing for domain, row in rows.items()} == {
        active.domain: "managed",
        "Other.example": "unmanaged",
        gone.domain: "missing",
    }
    assert rows[active.domain].service == active
    assert rows["Other.example"].state == State.SUSPENDED


def test_an_account_that_was_there_before_a_service_of_its_name_is_in_the_way_of_it(
    service: Service, server: Server, platform: Platform
) -> None:
    platform.domains[service.domain] = Domain(marker="somebody")
    (row,) = inventory.list_accounts(server)
    assert (row.standing, row.adoptable) == ("in_the_way", False)  # nothing was tried yet

    command = services.deliver(service, cause="order:1")
    assert command is not None
    execution.carry_out(command.pk)
    (row,) = inventory.list_accounts(server)
    assert (row.standing, row.adoptable, row.service) == ("in_the_way", True, service)

    adoption = services.adopt_existing(service, cause="staff:1")
    assert adoption is not None
    execution.carry_out(adoption.pk)
    (row,) = inventory.list_accounts(server)
    assert (row.standing, row.adoptable) == ("managed", False)


def test_an_existing_domain_is_linked_to_a_customer_and_taken_over(
    server: Server, platform: Platform
) -> None:
    platform.domains["old.example"] = Domain(marker="somebody")

    service = adopt(server, "Old.Example")
    execution.carry_out(Command.objects.get().pk)

    service.refresh_from_db()
    assert Command.objects.get().action == "adopt"
    assert (service.observed, service.desired) == (State.ACTIVE, Service.Desired.ACTIVE)
    assert service.module_data == {"adopted": True}
    assert "create" not in platform.calls


def test_a_domain_suspended_there_is_suspended_here(server: Server, platform: Platform) -> None:
    platform.domains["old.example"] = Domain(state=State.SUSPENDED)

    service = adopt(server, "old.example")
    execution.carry_out(Command.objects.get().pk)

    service.refresh_from_db()
    assert (service.observed, service.desired) == (State.SUSPENDED, Service.Desired.SUSPENDED)
    assert service.suspend_reasons


def test_a_domain_that_is_managed_already_is_refused(active: Service, server: Server) -> None:
    with pytest.raises(ValidationError) as refusal:
        adopt(server, active.domain.upper())

    assert list(refusal.value.message_dict) == ["domain"]
    assert Service.objects.count() == 1
    assert not Command.objects.exists()


def test_a_product_of_another_platform_is_refused(server: Server) -> None:
    product = PriceFactory(product=ProductFactory(module="smartermail"), currency="USD").product

    with pytest.raises(ValidationError) as refusal:
        adopt(server, "old.example", product=product)

    assert list(refusal.value.message_dict) == ["product"]
    assert not Service.objects.exists()


def test_a_domain_that_is_not_there_is_not_invented(server: Server, platform: Platform) -> None:
    service = adopt(server, "typo.example")
    execution.carry_out(Command.objects.get().pk)

    service.refresh_from_db()
    assert Command.objects.get().status == Command.Status.FAILED
    assert service.observed == State.MISSING
    assert platform.domains == {}
